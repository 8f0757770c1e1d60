// Which scope a decision needs. The API asks for it in any case; here it decides what is offered, and why the rest is not.

import { may } from "./session.js";

export const REVIEW = "dpm.review";

// By event of a proposal.
const EVENTS = {
  SUBMITTED_FOR_RISK_REVIEW: "advisory.run",
  SUBMITTED_FOR_COMPLIANCE_REVIEW: "advisory.run",
  SUBMITTED_FOR_CLIENT_CONSENT: "advisory.run",
  CANCELLED: "advisory.run",
  EXECUTION_REQUESTED: "advisory.execute",
  EXECUTED: "advisory.execute",
  EXPIRED: "advisory.execute",
};

// By the state in which a proposal waits: the answer to what it waits for, whatever the answer is.
const REVIEWERS = {
  RISK_REVIEW: "advisory.approve.risk",
  COMPLIANCE_REVIEW: "advisory.approve.compliance",
  AWAITING_CLIENT_CONSENT: "advisory.run",
};

export const scopeOf = (event, state) => EVENTS[event] || REVIEWERS[state];

// Choices apart: those that may be offered, and why the others are not.
export function offered(choices) {
  const not = choices.filter((one) => !may(one.needs)), scopes = [...new Set(not.map((one) => one.needs))];
  const why = scopes.map((scope) => `${not.filter((one) => one.needs === scope).map((one) => `“${one.label}”`).join(", ")}: your sign-in does not include ${scope}.`);
  return [choices.filter((one) => may(one.needs)), why];
}
