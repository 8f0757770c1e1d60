// What runs are as cases: which calls tell how they stand, and which actions their states offer.

import { act, look, path } from "./api.js";
import { DECIDED, STATES, inWords } from "./words.js";

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
          sees: past.decisions.length,
          send: (words) => act(`${review}/actions`, { action, reason_code: words.code || ACTIONS[action].code, ...(words.text ? { comment: words.text } : {}) }),
        })),
        history: past.decisions.map((one) => ({ what: one.action, by: one.actor_id, at: one.decided_at, said: one.comment, more: one.reason_code })).reverse(),
      };
    },
  };
}
