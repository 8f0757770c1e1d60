// Signing in at the issuer: an authorization code with PKCE (RFC 7636, S256), and no secret, for a page can keep none.
// While its reader is away the tab keeps what the answer must match, and what was typed and not sent; it is gone once they are back.

import { BASE } from "./api.js";
import { claimsOf } from "./session.js";

const AWAY = "desk.signing-in";

const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

// How this deployment's readers sign in; null where they paste a token.
export async function issuerOf() {
  try {
    const found = await fetch(new URL("desk/sign-in.json", BASE), { credentials: "same-origin" });
    const told = found.ok ? await found.json() : {};
    return told.authorize && told.token && told.client_id ? told : null;
  } catch {
    return null;
  }
}

// Go to the issuer, and come back to what is open.
export async function leave(issuer, typed) { // `{texts, by}`: what somebody typed
  const kept = { state: random(), nonce: random(), verifier: random(), back: location.hash, typed };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier));
  sessionStorage.setItem(AWAY, JSON.stringify(kept));
  const asked = new URL(issuer.authorize);
  const named = {
    response_type: "code",
    client_id: issuer.client_id,
    redirect_uri: here(),
    scope: issuer.scopes,
    state: kept.state,
    nonce: kept.nonce,
    code_challenge: text(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(named)) asked.searchParams.set(name, value);
  location.assign(asked);
}

// What somebody who was away brings back: `{typed, token}`, or `{typed, wrong}` in words; null for who was not away.
// Nothing of the answer stays in the address, and no answer counts twice.
export async function returned(issuer) {
  const told = new URLSearchParams(location.search), kept = JSON.parse(sessionStorage.getItem(AWAY));
  sessionStorage.removeItem(AWAY); // also of somebody who turned back on the way
  if (!told.has("state")) return null;
  history.replaceState(null, "", location.pathname + (kept?.back || ""));
  const typed = kept?.typed || { texts: [], by: "" };
  if (!issuer || !kept || told.get("state") !== kept.state) return { typed, wrong: "This answer belongs to no sign-in that began here." };
  if (!told.get("code")) return { typed, wrong: `The issuer let nobody in${/^[a-z_]+$/.test(told.get("error")) ? `: ${told.get("error")}` : ""}.` };
  try {
    return { typed, ...(await exchanged(issuer, kept, told.get("code"))) };
  } catch {
    return { typed, wrong: "The issuer did not answer." };
  }
}

async function exchanged(issuer, kept, code) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: here(),
    client_id: issuer.client_id,
    code_verifier: kept.verifier,
  });
  const found = await fetch(issuer.token, { method: "POST", body, credentials: "omit", redirect: "error", cache: "no-store" });
  const told = await found.json().catch(() => ({}));
  if (!found.ok || !told.access_token || String(told.token_type).toLowerCase() !== "bearer") return { wrong: "The issuer gave no token." };
  const identity = claimsOf(String(told.id_token)); // from the issuer itself, over TLS: OpenID Connect Core 3.1.3.7
  if (identity?.nonce !== kept.nonce || ![identity.aud].flat().includes(issuer.client_id)) {
    return { wrong: "The issuer answered another sign-in than this one." };
  }
  return { token: told.access_token };
}
