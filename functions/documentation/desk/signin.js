// Signing in and out, above whatever is open: it never takes the place of a page, or of what was typed.

import { typed } from "./case.js";
import { leave } from "./issuer.js";
import { badge, clock, facts, node, say, written } from "./markup.js";
import { ENDED, LOCAL, NOBODY, SIGNED_IN, nameOf, onChange, session, signIn, signOut } from "./session.js";

let issuer = null;
const place = () => document.getElementById("identity");
const panel = () => document.getElementById("signing");

// Show who is signed in, from now on.
export function showIdentity(configured) {
  issuer = configured;
  onChange(told);
  told(session());
}

function told(who) {
  const open = node("button", { type: "button", id: "sign-in", onclick: () => { ask(); document.getElementById("token").focus(); } }, "Sign in");
  place().replaceChildren(...LINES[who.state](who), who.state === SIGNED_IN ? node("button", { type: "button", id: "sign-out", onclick: leaveDesk }, "Sign out") : open);
  if (who.state === SIGNED_IN || who.state === LOCAL) close();
  else if (who.state === ENDED) ask("Your sign-in is over. What is open stays: sign in again and go on.");
  else if (who.asked && !document.getElementById("because")?.textContent) ask("Sign in to read on."); // what the issuer said is not talked over
}

const LINES = {
  [NOBODY]: () => [node("span", {}, "Not signed in")],
  [LOCAL]: () => [node("span", {}, "Local: nobody is asked who they are")],
  [ENDED]: (who) => [badge("warn", "Signed out"), node("span", {}, written(who.actor))],
  [SIGNED_IN]: (who) => [
    node(
      "details",
      { id: "who" },
      node("summary", {}, written(who.actor || "Somebody"), " of ", written(who.tenant || "a tenant"), who.until ? [", until ", clock(who.until)] : ""),
      facts([["May", who.scopes ? written(who.scopes.join(", ") || "nothing") : "The token does not say"]]),
      node("p", { class: "note" }, "As the token says of itself. The API judges by its own look at it."),
    ),
  ],
};

const close = () => panel().replaceChildren();

function leaveDesk() {
  signOut();
  say("You are signed out.");
}

// Ask for a token, or for the way to the issuer.
export function ask(because = "") {
  const open = document.getElementById("because");
  if (open) {
    if (because && because !== open.textContent) say(open.textContent = because); // what was typed below stays
    return;
  }
  const wrong = node("p", { id: "wrong-token", class: "missing" });
  const field = node("textarea", { id: "token", rows: "3", autocomplete: "off", spellcheck: "false", autocapitalize: "off", "aria-describedby": "wrong-token" });
  const use = (event) => {
    event.preventDefault();
    wrong.textContent = signIn(field.value) || "";
    if (wrong.textContent) field.focus();
    else say("You are signed in.");
  };
  panel().replaceChildren(
    node("h2", { id: "signing-title" }, "Sign in"),
    node("p", { id: "because" }, because),
    ...(issuer ? [node("p", {}, node("button", { type: "button", id: "at-issuer", class: "good", onclick: () => leave(issuer, { texts: typed(), by: nameOf(session()) }) }, "Sign in at ", new URL(issuer.authorize).host)), node("p", { class: "note" }, "Or with a token that you have:")] : []),
    node("form", { onsubmit: use }, node("label", { for: "token" }, "Token"), field, wrong, node("div", { class: "choices" }, node("button", { id: "use-token" }, "Use this token"), node("button", { type: "button", onclick: close }, "Not now"))),
    node("p", { class: "note" }, "The token stays in this page’s memory: loading the page again forgets it."),
  );
  say(because);
}

// What went wrong on the way back from the issuer.
export const refuse = (said) => ask(said);
