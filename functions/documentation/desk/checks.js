// A version held against today's market before it is executed: what was found when, and the file that the next check is asked with.

import { badge, facts, instant, node, table, written } from "./markup.js";
import { may } from "./session.js";
import { CHANGES, VERDICTS, inWords } from "./words.js";

const CHECKERS = ["advisory.run", "advisory.execute"]; // either of them
const TONES = { CLEAR: "good", RENEW: "warn", BLOCKED: "bad" };
const SHOWN = 50; // rows of what moved; the rest is counted

// `found` are the checks of a version, oldest first; `check(text)` asks for another one, of a version that may still be checked.
export function checking(found, check) {
  const newest = found.at(-1);
  return [
    node("h2", { id: "check" }, "Before it is executed"),
    newest ? shown(newest) : node("p", { class: "nothing" }, "Not checked against a later market."),
    ...(found.length > 1 ? [node("p", { class: "note" }, `${found.length - 1} earlier: `, found.slice(0, -1).reverse().flatMap((one) => [inWords(VERDICTS, one.verdict), " · ", instant(one.created_at), " "]))] : []),
    ...(check ? [CHECKERS.some(may) ? form(check) : node("p", { class: "note withheld" }, `“Check”: your sign-in does not include ${CHECKERS.join(" or ")}.`)] : []),
  ];
}

function shown(one) {
  const rows = one.changes.slice(0, SHOWN).map((moved) => [inWords(CHANGES, moved.code), written(moved.subject), written(moved.before ?? "—"), written(moved.after ?? "—")]);
  const more = one.changes.length - rows.length;
  return node(
    "div",
    { class: "checked" },
    node("p", { class: "state" }, badge(TONES[one.verdict], inWords(VERDICTS, one.verdict))),
    facts([["Checked", instant(one.created_at)], ["By", written(one.actor_id)]]),
    rows.length ? table("What moved", ["What", "Of", "Then", "Now"], rows) : "",
    more > 0 ? node("p", { class: "note" }, `And ${more} more.`) : "",
  );
}

function form(check) {
  const file = node("input", { id: "market", type: "file", accept: "application/json,.json", "aria-describedby": "market-says market-wrong" });
  const wrong = node("p", { id: "market-wrong", class: "missing" });
  const ask = async (event) => {
    event.preventDefault();
    const text = file.files.length ? await file.files[0].text() : "";
    const body = sent(text);
    wrong.textContent = body ? "" : text ? "This file holds no market data as JSON." : "Choose the file first.";
    if (!body) return file.focus();
    button.disabled = true;
    await check(body);
    button.disabled = false;
  };
  const button = node("button", { id: "do-check" }, "Check");
  return node(
    "form",
    { onsubmit: ask },
    node("label", { for: "market" }, "Market data of now"),
    file,
    node("p", { id: "market-says", class: "note" }, "A file of JSON: a market data snapshot, or all that a check takes. It is sent as it is, and kept nowhere here."),
    wrong,
    node("div", { class: "choices" }, button),
  );
}

// The very text of the file, so that no figure loses a digit; a snapshot alone is put where a check has it.
function sent(text) {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    return "";
  }
  if (!read || typeof read !== "object" || Array.isArray(read)) return "";
  return "market_data_snapshot" in read ? text : "prices" in read || "fx_rates" in read ? `{"market_data_snapshot":${text}}` : "";
}
