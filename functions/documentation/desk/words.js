// What codes mean in words. A code without words here is shown as the API titles it.

export const STATES = {
  RISK_REVIEW: "Waits for risk",
  COMPLIANCE_REVIEW: "Waits for compliance",
  AWAITING_CLIENT_CONSENT: "Waits for the client",
  EXECUTION_READY: "Ready to execute",
  DRAFT: "Draft",
  EXECUTED: "Executed",
  REJECTED: "Rejected",
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  PENDING_REVIEW: "Waits for a review",
  APPROVED: "Approved",
  NOT_REQUIRED: "Needs no review",
};

export const DECIDED = { READY: "Ready", PENDING_REVIEW: "To be reviewed", BLOCKED: "Blocked" };

export const TONES = {
  RISK_REVIEW: "warn",
  COMPLIANCE_REVIEW: "warn",
  AWAITING_CLIENT_CONSENT: "warn",
  PENDING_REVIEW: "warn",
  EXECUTION_READY: "good",
  EXECUTED: "good",
  EXPIRED: "bad",
  APPROVED: "good",
  READY: "good",
  REJECTED: "bad",
  BLOCKED: "bad",
};

export const GATES = {
  BLOCKED: "Blocked",
  COMPLIANCE_REVIEW_REQUIRED: "Compliance must review",
  RISK_REVIEW_REQUIRED: "Risk must review",
  CLIENT_CONSENT_REQUIRED: "The client must consent",
  EXECUTION_READY: "Nobody must look",
};

export const HAPPENED = {
  CREATED: "Opened",
  NEW_VERSION_CREATED: "New version",
  SUBMITTED_FOR_RISK_REVIEW: "Submitted to risk",
  SUBMITTED_FOR_COMPLIANCE_REVIEW: "Submitted to compliance",
  SUBMITTED_FOR_CLIENT_CONSENT: "Submitted to the client",
  RISK_APPROVED: "Approved by risk",
  COMPLIANCE_APPROVED: "Approved by compliance",
  CLIENT_CONSENT_RECORDED: "The client consented",
  CHANGES_REQUESTED: "Changes asked for",
  EXECUTION_REQUESTED: "Execution requested",
  EXECUTED: "Executed",
  REJECTED: "Rejected",
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  APPROVE: "Approved",
  REJECT: "Rejected",
  REQUEST_CHANGES: "Changes asked for",
};

// Of a check before execution, and what moved since the version was made.
export const VERDICTS = {
  CLEAR: "Nothing moved that matters",
  RENEW: "It moved: make a new version",
  BLOCKED: "It cannot be done now",
};

export const CHANGES = {
  PRICE_MOVED: "Price moved",
  PRICE_LOST: "Price missing",
  FX_MOVED: "Rate moved",
  HOLDING_CHANGED: "Holding changed",
  CASH_CHANGED: "Cash changed",
  TRADE_CHANGED: "Trade changed",
  TRADE_LOST: "Trade not possible",
  WEIGHT_MOVED: "Weight moved",
  GATE_WORSE: "Stricter gate",
  NEW_ISSUE: "New issue",
  DATA_OLD: "Older market data",
};

// By code, or by code and what stands behind it where one code has several meanings.
export const PROBLEMS = {
  NO_ANSWER: "No answer came. What you asked for may have happened or not; ask again: a proposal's command is done once, however often it is sent.",
  NO_PAGE: "What came is no page that the desk may show.",
  UNAUTHORIZED: "You are not signed in, or no longer.",
  FORBIDDEN: "You may not do this.",
  SCOPE_REQUIRED: "Your role does not include this.",
  ACTOR_MISMATCH: "You may act as yourself only.",
  USER_IDENTITY_REQUIRED: "A person must do this, not a service.",
  FOUR_EYES_REQUIRED: "Somebody else must approve this: it is your own.",
  TOO_MANY_REQUESTS: "The desk asked too often. Wait a moment and try again.",
  DPM_WORKFLOW_DISABLED: "The review of runs is switched off here.",
  DPM_RUN_NOT_FOUND: "There is no such run.",
  DPM_WORKFLOW_INVALID_TRANSITION: "Somebody was faster: the review no longer stands where you saw it.",
  DPM_WORKFLOW_NOT_REQUIRED_FOR_RUN_STATUS: "This run asks for no review.",
  PROPOSAL_NOT_FOUND: "There is no such proposal.",
  PROPOSAL_VERSION_NOT_FOUND: "The proposal has no such version.",
  STATE_CONFLICT: "The proposal is not as you saw it.",
  "STATE_CONFLICT: expected_state mismatch": "Somebody was faster: the proposal no longer stands where you saw it.",
  "STATE_CONFLICT: version mismatch": "Somebody was faster: there is a newer version than the one that you read.",
  "STATE_CONFLICT: content mismatch": "The version holds something else than the page that you read.",
  "STATE_CONFLICT: execution already requested": "The execution of this version has been requested already.",
  INVALID_TRANSITION: "This is not possible from where the proposal stands.",
  INVALID_APPROVAL_STATE: "The proposal does not wait for this answer.",
  REASON_REQUIRED: "Say which changes are needed.",
  GATE_BLOCKED: "The version is blocked: it needs a new one.",
  GATE_REQUIRES_COMPLIANCE_REVIEW: "Compliance must review this version; risk does not suffice.",
  GATE_REVIEW_REQUIRED: "The version must be reviewed before the client is asked.",
  GATE_APPROVAL_MISSING: "The version lacks the approval that its gate asks for.",
  EXECUTION_IN_PROGRESS: "The proposal is being executed.",
  EXECUTION_CHECK_REQUIRED: "The version must be checked against today's market before it is executed.",
  PROPOSAL_EXPIRED: "The version is no longer valid: it needs a new one.",
  PROPOSAL_TERMINAL_STATE: "The proposal is at its end.",
};

export const inWords = (table, code) => table[code] || String(code).toLowerCase().replaceAll("_", " ");
export const told = (problem) => PROBLEMS[problem.detail] || PROBLEMS[problem.code] || `${problem.message}.`;
