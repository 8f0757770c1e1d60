// All that waits: runs for their review, proposals by the state that they wait in.

import { look } from "./api.js";
import { badge, instant, node, say, show, table, written } from "./markup.js";
import { problemBox } from "./problems.js";
import { GATES, STATES, TONES, inWords } from "./words.js";

const WAITING = ["RISK_REVIEW", "COMPLIANCE_REVIEW", "AWAITING_CLIENT_CONSENT", "EXECUTION_READY", "DRAFT"];
const PAGES_AT_ONCE = 5; // of runs, most of which somebody may have decided long ago
const AFTER = { APPROVE: "APPROVED", REJECT: "REJECTED" };

export async function showAll(portfolio) {
  const runs = node("section", { "aria-labelledby": "runs" }, node("h2", { id: "runs" }, "Runs"));
  const proposals = node("section", { "aria-labelledby": "proposals" }, node("h2", { id: "proposals" }, "Proposals"));
  show("All that waits", node("h1", { tabindex: "-1" }, "All that waits"), search(portfolio), runs, proposals);
  await Promise.all([
    filled(runs, () => runsOf(portfolio, runs)),
    filled(proposals, async () => {
      const [expired, ...found] = await Promise.all(["EXPIRED", ...WAITING].map((state) => proposalsOf(portfolio, state)));
      const some = found.filter(Boolean);
      proposals.append(...(some.length ? some : [node("p", { class: "nothing" }, "No proposal waits.")]));
      if (expired) proposals.append(node("details", { class: "expired" }, node("summary", {}, STATES.EXPIRED), expired));
    }),
  ]);
  say("The lists are complete.");
}

function search(portfolio) {
  const field = node("input", { id: "portfolio", name: "portfolio", value: portfolio || "", autocomplete: "off", spellcheck: "false" });
  const go = (event) => {
    event.preventDefault();
    location.hash = field.value.trim() ? `portfolio/${encodeURIComponent(field.value.trim())}` : "";
  };
  return node("form", { class: "search", role: "search", onsubmit: go }, node("label", { for: "portfolio" }, "Portfolio"), field, node("button", {}, "Show"));
}

async function filled(section, fill) {
  section.setAttribute("aria-busy", "true");
  await fill().catch((problem) => section.append(problemBox(problem)));
  section.removeAttribute("aria-busy");
}

async function runsOf(portfolio, section) {
  const waiting = [], decided = [];
  const place = node("div", {});
  section.append(place);
  const more = async (cursor) => {
    for (let pages = 0; pages < PAGES_AT_ONCE; pages += 1) {
      const page = await look("rebalance/runs", { status: "PENDING_REVIEW", portfolio_id: portfolio, cursor });
      const latest = page.items.length ? await decisionsSince(page.items.at(-1).created_at) : new Map();
      for (const run of page.items) {
        const review = AFTER[latest.get(run.rebalance_run_id)] || "PENDING_REVIEW";
        (review === "PENDING_REVIEW" ? waiting : decided).push([run, review]);
      }
      cursor = page.next_cursor;
      if (!cursor || waiting.length) break;
    }
    place.replaceChildren(
      waiting.length ? runTable("Wait for a review", waiting, false) : node("p", { class: "nothing" }, "No run waits."),
      decided.length ? node("details", {}, node("summary", {}, `Decided: ${decided.length}`), runTable("Decided", decided, true)) : "",
      cursor ? node("button", { class: "more", onclick: () => filled(section, () => more(cursor)) }, "Older runs") : "",
    );
  };
  await more();
}

// The latest action by run: decisions come newest first, and none is older than its run.
async function decisionsSince(oldest) {
  const latest = new Map();
  let cursor;
  do {
    const page = await look("rebalance/workflow/decisions", { from: oldest, limit: "200", cursor });
    for (const one of page.items) if (!latest.has(one.run_id)) latest.set(one.run_id, one.action);
    cursor = page.next_cursor;
  } while (cursor);
  return latest;
}

function runTable(caption, runs, decided) {
  const rows = runs.map(([run, review]) => [
    node("a", { href: `#run/${encodeURIComponent(run.rebalance_run_id)}` }, run.rebalance_run_id),
    written(run.portfolio_id),
    instant(run.created_at),
    ...(decided ? [badge(TONES[review], STATES[review])] : []),
  ]);
  return table(caption, ["Run", "Portfolio", "Since", ...(decided ? ["Review"] : [])], rows);
}

async function proposalsOf(portfolio, state) {
  const place = node("div", {}), found = [];
  const more = async (cursor) => {
    const page = await look("rebalance/proposals", { state, portfolio_id: portfolio, cursor });
    found.push(...page.items);
    place.replaceChildren(
      proposalTable(STATES[state], found),
      page.next_cursor ? node("button", { class: "more", onclick: () => filled(place, () => more(page.next_cursor)) }, `Older: ${STATES[state]}`) : "",
    );
  };
  await more();
  return found.length ? place : null;
}

const proposalTable = (caption, proposals) =>
  table(
    caption,
    ["Proposal", "Portfolio", "Gate", "Opened by", "Last event", "Valid until"],
    proposals.map((one) => [
      node("a", { href: `#proposal/${encodeURIComponent(one.proposal_id)}/${one.current_version_no}` }, written(one.title || one.proposal_id)),
      written(one.portfolio_id),
      one.gate ? inWords(GATES, one.gate) : "",
      written(one.created_by),
      instant(one.last_event_at),
      one.valid_until ? instant(one.valid_until) : "",
    ]),
  );
