// What runs and versions of proposals are as cases: which calls tell how they stand, and which commands their states offer.

import { act, look, path } from "./api.js";
import { instant, node, written } from "./markup.js";
import { REVIEW, scopeOf } from "./scopes.js";
import { DECIDED, GATES, STATES, inWords } from "./words.js";

// By the state of a run's review: what a reviewer may do.
const REVIEWS = {
  PENDING_REVIEW: ["APPROVE", "REQUEST_CHANGES", "REJECT"],
  APPROVED: ["REQUEST_CHANGES", "REJECT"],
  REJECTED: ["REQUEST_CHANGES"],
  NOT_REQUIRED: [],
};
const ACTIONS = {
  APPROVE: { label: "Approve", done: "Approved.", tone: "good", code: "REVIEW_APPROVED" },
  REQUEST_CHANGES: { label: "Ask for changes", done: "Changes are asked for.", code: "CHANGES_REQUESTED", reasoned: true },
  REJECT: { label: "Reject", done: "Rejected.", tone: "bad", code: "REVIEW_REJECTED", reasoned: true },
};

export function runCase(runId) {
  const run = path("rebalance", "runs", runId), review = `${run}/workflow`;
  return {
    key: `run/${runId}`,
    title: `Run ${runId}`,
    page: run,
    coded: true,
    longest: 1000,
    read: async () => {
      const [now, past] = await Promise.all([look(review), look(`${review}/history`)]);
      return {
        state: now.workflow_status,
        word: inWords(STATES, now.workflow_status),
        facts: [["Decided as", inWords(DECIDED, now.run_status)]],
        choices: (REVIEWS[now.workflow_status] || []).map((action) => ({
          id: action,
          ...ACTIONS[action],
          needs: REVIEW,
          sees: past.decisions.length,
          send: (words) => act(`${review}/actions`, { action, reason_code: words.code || ACTIONS[action].code, ...(words.text ? { comment: words.text } : {}) }),
        })),
        history: past.decisions.map((one) => ({ what: one.action, by: one.actor_id, at: one.decided_at, said: one.comment, more: one.reason_code })).reverse(),
      };
    },
  };
}

const CHANGES = { id: "CHANGES_REQUESTED", label: "Ask for changes", done: "Changes are asked for; the proposal is a draft again.", reasoned: true };
const EXPIRE = { id: "EXPIRED", label: "Let it expire", done: "Expired.", tone: "bad" };
const OPEN_AFTER_ITS_END = (one) => one === CANCEL || one === EXPIRE || (one.approval && !one.approval[1]);
const CANCEL = { id: "CANCELLED", label: "Cancel the proposal", done: "Cancelled.", tone: "bad", reasoned: true };
const answers = (type, yes, done, no) => [
  { id: `${type}-yes`, label: yes, done, tone: "good", approval: [type, true] },
  CHANGES,
  { id: `${type}-no`, label: no, done: "Rejected.", tone: "bad", approval: [type, false], reasoned: true },
  CANCEL,
];

// By the state of a proposal: what can be asked for. Whether it may happen the API says, from the gate, the approvals and the caller.
const COMMANDS = {
  DRAFT: [
    { id: "SUBMITTED_FOR_RISK_REVIEW", label: "Submit to risk", done: "It waits for risk.", gate: "RISK_REVIEW_REQUIRED" },
    { id: "SUBMITTED_FOR_COMPLIANCE_REVIEW", label: "Submit to compliance", done: "It waits for compliance.", gate: "COMPLIANCE_REVIEW_REQUIRED" },
    { id: "SUBMITTED_FOR_CLIENT_CONSENT", label: "Submit to the client", done: "It waits for the client.", gate: "CLIENT_CONSENT_REQUIRED" },
    CANCEL,
  ],
  RISK_REVIEW: answers("RISK", "Approve for risk", "Approved by risk; it waits for the client.", "Reject"),
  COMPLIANCE_REVIEW: answers("COMPLIANCE", "Approve for compliance", "Approved by compliance; it waits for the client.", "Reject"),
  AWAITING_CLIENT_CONSENT: answers("CLIENT_CONSENT", "The client consents", "The consent is recorded; it may be executed.", "The client declines"),
  EXECUTION_READY: [
    { id: "EXECUTION_REQUESTED", label: "Request the execution", done: "The execution is requested.", tone: "good" },
    { id: "EXECUTED", label: "Report it executed", done: "Executed." },
    CANCEL,
  ],
};

export function proposalCase(proposalId, versionNo) {
  const proposal = path("rebalance", "proposals", proposalId);
  return {
    key: `proposal/${proposalId}`,
    title: `Proposal ${proposalId}, version ${versionNo}`,
    page: `${proposal}/versions/${versionNo}`,
    longest: 1000,
    read: async () => {
      const checksOf = `${proposal}/versions/${versionNo}/checks`;
      const [kept, past, checked] = await Promise.all([look(`${proposal}/lineage`), look(`${proposal}/workflow-events`), look(checksOf).catch(noneIfUnknown)]);
      const now = kept.proposal, version = kept.versions.find((one) => one.version_no === versionNo);
      const current = now.current_version_no === versionNo;
      const open = current && now.current_state in COMMANDS, requested = past.events.some((one) => one.event_type === "EXECUTION_REQUESTED" && one.version_no === versionNo);
      const ended = open && !requested && now.valid_until && new Date(now.valid_until) <= new Date(); // an execution under way stops the clock
      const seen = { expected_state: now.current_state, related_version_no: versionNo, artifact_hash: version?.artifact_hash };
      return {
        state: now.current_state,
        word: inWords(STATES, now.current_state),
        note: ended ? ["Its validity ended ", instant(now.valid_until), ": it can be rejected, cancelled or let expire, and else needs a new version."] : current ? null : ["This is not the current version, and nothing can be decided on it. ", link(proposalId, now.current_version_no, "Read the current one"), "."],
        facts: [
          ["Gate", current && now.gate ? inWords(GATES, now.gate) : null],
          ["Title", now.title ? written(now.title) : null],
          ["Portfolio", written(now.portfolio_id)],
          ["Valid until", current && now.valid_until ? instant(now.valid_until) : null],
          ["Versions", node("span", {}, kept.versions.flatMap((one) => [one.version_no === versionNo ? String(versionNo) : link(proposalId, one.version_no, String(one.version_no)), " "]))],
          ["Artifact", version ? node("code", {}, version.artifact_hash) : null],
        ],
        choices: open ? (ended ? [...COMMANDS[now.current_state].filter(OPEN_AFTER_ITS_END), EXPIRE] : COMMANDS[now.current_state]).map((one) => choice(proposal, one, seen, now.gate)) : [],
        checks: checked.checks,
        check: open ? { id: "check", done: "Checked.", aside: true, sees: seen, send: ({ text }, key) => act(checksOf, text, key) } : null,
        history: past.events.map((one) => ({ what: one.event_type, by: one.actor_id, at: one.occurred_at, said: one.reason.text, more: `version ${one.version_no}` })).reverse(),
      };
    },
  };
}

// Of a version that there is not its page says so.
function noneIfUnknown(problem) {
  if (problem.status !== 404) throw problem;
  return { checks: [] };
}

// A command names what its giver saw: the state, the version, and the hash of what that version holds.
function choice(proposal, { approval, gate, ...rest }, seen, gateNow) {
  const send = (words, key) => {
    const reason = words.text ? { text: words.text } : {};
    return approval
      ? act(`${proposal}/approvals`, { approval_type: approval[0], approved: approval[1], details: reason, ...seen }, key)
      : act(`${proposal}/transitions`, { event_type: rest.id, reason, ...seen }, key);
  };
  const needs = scopeOf(rest.id, seen.expected_state);
  return { ...rest, needs, tone: rest.tone || (gate && gate === gateNow ? "good" : ""), sees: seen, send };
}

const link = (proposalId, versionNo, text) => node("a", { href: `#proposal/${encodeURIComponent(proposalId)}/${versionNo}` }, text);

export async function currentVersion(proposalId) {
  return (await look(`${path("rebalance", "proposals", proposalId)}/lineage`)).proposal.current_version_no;
}
