// One case on the desk: its page in a frame, where it stands, what can be done about it, and what was done.

import { Problem, paper } from "./api.js";
import { checking } from "./checks.js";
import { badge, facts, instant, node, say, show, written } from "./markup.js";
import { problemBox } from "./problems.js";
import { offered } from "./scopes.js";
import { HAPPENED, TONES, inWords } from "./words.js";

const drafts = new Map(); // by case: what was typed and not sent
const unanswered = new Map(); // by case and command: the key under which it may have happened already

// What was typed and not sent, for who signs in elsewhere and comes back; gone with who signed out.
export const typed = () => [...drafts];
export const remember = (texts) => texts.forEach(([key, draft]) => drafts.set(key, draft));
export function forget() {
  drafts.clear();
  unanswered.clear();
}

// A subject has a `key`, a `title`, the address of its `page`, and `read`, which tells how it stands now:
// `{state, word, facts, note, choices, history}`, and of what is executed `{checks, check}` besides (`checks.js`). A choice has `id`, `label`, `done`, `tone`, `reasoned`, `needs` (a scope), and
// `send(words, key)`.
export async function openCase(subject) {
  const parts = {
    frame: node("section", { class: "paper", "aria-label": "Page" }, node("p", {}, "The page is fetched.")),
    standing: node("section", { class: "standing", "aria-labelledby": "stands" }),
    trouble: node("div", { class: "trouble" }),
    deciding: node("section", { class: "deciding", "aria-labelledby": "decide" }),
    checking: node("section", { class: "checking", "aria-labelledby": "check", hidden: true }),
    history: node("section", { class: "history", "aria-labelledby": "happened" }),
  };
  const aside = node("aside", { "aria-label": "Decision" }, parts.standing, parts.trouble, parts.deciding, parts.checking, parts.history);
  show(subject.title, node("h1", { tabindex: "-1" }, subject.title), node("div", { class: "case" }, parts.frame, aside));
  const open = { subject, parts };
  await Promise.all([showPaper(open), stand(open).catch((problem) => complain(open, problem))]);
}

async function showPaper({ subject, parts }) {
  try {
    const address = await paper(subject.page);
    const frame = node("iframe", { sandbox: "", title: `Page of ${subject.title}`, src: address });
    frame.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
    parts.frame.replaceChildren(frame);
  } catch (problem) {
    parts.frame.replaceChildren(problemBox(problem));
  }
}

async function stand(open) {
  const { subject, parts } = open, now = await subject.read();
  parts.standing.replaceChildren(
    node("h2", { id: "stands", tabindex: "-1" }, "Where it stands"),
    node("p", { class: "state" }, badge(TONES[now.state], now.word)),
    ...(now.note ? [node("p", { class: "note" }, now.note)] : []),
    facts(now.facts),
  );
  const [choices, why] = offered(now.choices);
  parts.deciding.replaceChildren(node("h2", { id: "decide" }, choices.length ? "Decide" : why.length ? "You may read this, not decide it" : "Nothing to decide here"));
  if (choices.length || drafts.get(subject.key)?.text) parts.deciding.append(...form(open, choices));
  parts.deciding.append(...why.map((one) => node("p", { class: "note withheld" }, one)));
  parts.checking.hidden = !now.checks;
  if (now.checks) parts.checking.replaceChildren(...checking(now.checks, now.check && ((text) => send(open, now.check, { text }))));
  parts.history.replaceChildren(node("h2", { id: "happened" }, "What happened"), happened(now.history));
}

const happened = (history) =>
  history.length
    ? node("ol", {}, history.map((one) => node("li", {}, node("p", {}, node("strong", {}, inWords(HAPPENED, one.what)), " ", one.more || ""), node("p", { class: "by" }, written(one.by), " · ", instant(one.at)), one.said ? node("p", { class: "said" }, written(one.said)) : "")))
    : node("p", { class: "nothing" }, "Nothing yet.");

function form(open, choices) {
  const { subject } = open, draft = drafts.get(subject.key) || { text: "", code: "" };
  const keep = () => drafts.set(subject.key, { text: text.value, code: code ? code.value : "" });
  const text = node("textarea", { id: "reason", rows: "4", maxlength: String(subject.longest), "aria-describedby": "missing", oninput: () => { keep(); missing(""); } });
  const code = subject.coded ? node("input", { id: "code", value: draft.code, placeholder: "as the button says", autocomplete: "off", spellcheck: "false", "aria-describedby": "coded", oninput: keep }) : null;
  const wrong = node("p", { id: "missing", class: "missing" });
  const missing = (said) => {
    wrong.textContent = said;
    if (said) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
  };
  text.value = draft.text;
  const buttons = choices.map((choice) => node("button", { type: "button", id: `do-${choice.id}`, class: choice.tone || "", onclick: () => decide(choice) }, choice.label));
  const decide = async (choice) => {
    const words = { text: text.value.trim(), code: code ? code.value.trim() : "" };
    if (choice.reasoned && !words.text) {
      missing(`“${choice.label}” needs a reason.`);
      text.focus();
      return;
    }
    buttons.forEach((button) => { button.disabled = true; });
    await send(open, choice, words);
    buttons.forEach((button) => { button.disabled = false; });
  };
  return [
    node("label", { for: "reason" }, choices.length ? "Reason" : "Your reason, which was not sent"),
    text,
    wrong,
    ...(code ? [node("label", { for: "code" }, "Reason code"), code, node("p", { id: "coded", class: "note" }, "Capitals, digits and underscores, as your reports count them.")] : []),
    node("div", { class: "choices" }, buttons),
  ];
}

// Once it is done the reason is gone, but of what was done aside; while it is not, the reason stays, and the same words go under the same key again.
async function send(open, choice, words) {
  const { subject, parts } = open, same = JSON.stringify([subject.key, choice.id, choice.sees, words]);
  const key = unanswered.get(same) || crypto.randomUUID();
  unanswered.set(same, key);
  parts.trouble.replaceChildren();
  try {
    await choice.send(words, key);
  } catch (problem) {
    if (problem instanceof Problem && problem.status && problem.status < 500) unanswered.delete(same);
    await stand(open).catch(() => {});
    complain(open, problem);
    return;
  }
  unanswered.delete(same);
  if (!choice.aside) drafts.delete(subject.key);
  await Promise.all([showPaper(open), stand(open).catch((problem) => complain(open, problem))]);
  say(choice.done);
  document.getElementById("stands")?.focus();
}

function complain({ parts }, problem) {
  const box = problemBox(problem);
  parts.trouble.replaceChildren(box);
  box.focus();
}
