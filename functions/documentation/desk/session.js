// Who is signed in: a token, and what it says of itself, which is shown and never believed: the API judges every call by itself.
// The token is in this page's memory and nowhere else. What a tab keeps, every page of this origin could read, the API's documentation
// among them; so a page that is loaded again asks for a token again, and a tab that is closed has none.

import { credentials } from "./api.js";

export const NOBODY = "nobody", LOCAL = "local", SIGNED_IN = "signed in", ENDED = "ended";

const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds, some 24 days
const nobody = { state: NOBODY, actor: "", tenant: "", scopes: null, until: null };
let token = "", who = nobody, timer = 0;
const listeners = [];

export const session = () => who;
export const nameOf = ({ tenant, actor }) => (actor ? JSON.stringify([tenant, actor]) : "");
export const onChange = (listener) => listeners.push(listener);

// The claims of a token, unverified; null for what is no token.
export function claimsOf(text) {
  try {
    const part = text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(part), (one) => one.charCodeAt(0))));
    return said && typeof said === "object" ? said : null;
  } catch {
    return null;
  }
}

// Sign in with the token in a text, as `Bearer …` or a line of a shell may hold it. What is wrong, in words; null where nothing is.
export function signIn(text) {
  const found = text.match(/[\w-]+\.[\w-]+\.[\w-]+/), claims = found && claimsOf(found[0]);
  if (!claims) return "This is no token.";
  const until = Number.isFinite(claims.exp) ? new Date(claims.exp * 1000) : null;
  if (until && until <= new Date()) return "This token is over.";
  token = found[0];
  become({ state: SIGNED_IN, actor: String(claims.sub || ""), tenant: String(claims.tenant || ""), scopes: scopesOf(claims.scope ?? claims.scp), until });
  return null;
}

export const signOut = () => become(nobody);

function become(next) {
  if (next.state !== SIGNED_IN) token = "";
  who = next;
  clearTimeout(timer);
  if (who.until) wait();
  for (const listener of listeners) listener(who);
}

function wait() {
  timer = setTimeout(() => (who.until <= new Date() ? end() : wait()), Math.min(who.until - new Date(), LONGEST_TIMER));
}

const end = () => become({ ...who, state: ENDED, until: null });

// None where a token does not say: then everything is offered, and the API refuses what it must.
function scopesOf(said) {
  const given = typeof said === "string" ? said.split(" ") : said;
  return Array.isArray(given) ? given.filter((one) => typeof one === "string" && one) : null;
}

// Whether who is signed in may do what needs this scope, as far as their token says.
export function may(scope) {
  const { scopes } = who;
  return !scopes || scopes.includes(scope) || (scope.startsWith("advisory.approve.") && scopes.includes("advisory.approve"));
}

credentials.headers = () => (token ? { Authorization: `Bearer ${token}` } : {});
credentials.heard = (status, shown) => {
  if (shown.Authorization !== credentials.headers().Authorization) return; // an answer to somebody before
  if (status === 401 && who.state === NOBODY) become({ ...nobody, asked: true });
  else if (status === 401 && who.state === SIGNED_IN) end();
  else if (status < 400 && who.state === NOBODY) become({ ...nobody, state: LOCAL });
};
