// The public API, which is all that the desk speaks. Addresses are found beside the page, so that a stage in front of them does not matter.

export const BASE = new URL(".", document.baseURI);

// What a caller shows to be known, and who hears how every call was answered (`session.js`). The local stack knows its one person.
export const credentials = { headers: () => ({}), heard: () => {} };

// An answer other than 2xx: status and code as the API gives them, what it says behind the code, and the places that are wrong.
export class Problem extends Error {
  constructor(status, told) {
    super(told.title || "No answer");
    this.status = status;
    this.code = told.code || "NO_ANSWER";
    this.detail = told.detail || this.code;
    this.places = (told.errors || []).map((one) => `${(one.loc || []).join(".")}: ${one.msg}`);
    this.correlation = told.correlation_id;
  }
}

export const path = (...segments) => segments.map(encodeURIComponent).join("/");

export async function look(address, asked = {}) {
  const given = Object.entries(asked).filter(([, value]) => value);
  return (await answer("GET", given.length ? `${address}?${new URLSearchParams(given)}` : address)).json();
}

// A body, or one that is JSON already.
export async function act(address, body, key) {
  const headers = { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) };
  return (await answer("POST", address, headers, typeof body === "string" ? body : JSON.stringify(body))).json();
}

// The page of a run or a version as a file of the browser's own, under the very policy that it was answered with.
export async function paper(address) {
  const found = await answer("GET", address, { Accept: "text/html" });
  const policy = found.headers.get("Content-Security-Policy"), text = await found.text();
  if (!policy || !text.includes("<head>")) throw new Problem(found.status, { title: "No page", code: "NO_PAGE" });
  const kept = policy.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const whole = text.replace("<head>", `<head><meta http-equiv="Content-Security-Policy" content="${kept}">`);
  return URL.createObjectURL(new Blob([whole], { type: "text/html; charset=utf-8" }));
}

async function answer(method, address, headers = {}, body = undefined) {
  const shown = credentials.headers();
  let found;
  try {
    found = await fetch(new URL(address, BASE), {
      method,
      body,
      headers: { Accept: "application/json", ...headers, ...shown },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
  } catch {
    throw new Problem(0, {});
  }
  credentials.heard(found.status, shown);
  if (found.ok) return found;
  throw new Problem(found.status, await found.json().catch(() => ({ title: found.statusText, code: `HTTP_${found.status}` })));
}
