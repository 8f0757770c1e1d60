// The review desk. What is open stands behind `#`, so that it can be bookmarked: `#run/rr_…`, `#proposal/pp_…/2`, `#portfolio/pf_…`.

import { forget, openCase, remember } from "./case.js";
import { currentVersion, proposalCase, runCase } from "./cases.js";
import { issuerOf, returned } from "./issuer.js";
import { showAll } from "./lists.js";
import { node, show } from "./markup.js";
import { problemBox } from "./problems.js";
import { NOBODY, SIGNED_IN, nameOf, onChange, session, signIn } from "./session.js";
import { refuse, showIdentity } from "./signin.js";

const WHOLE = /^[1-9][0-9]{0,8}$/;
let last = "";

async function open() {
  const [kind, id, version] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (!kind) await showAll();
  else if (kind === "portfolio" && id) await showAll(id);
  else if (kind === "run" && id) await openCase(runCase(id));
  else if (kind === "proposal" && id && WHOLE.test(version)) await openCase(proposalCase(id, Number(version)));
  else if (kind === "proposal" && id && !version) location.replace(`#proposal/${encodeURIComponent(id)}/${await currentVersion(id)}`);
  else nowhere("There is nothing under this address.");
}

const nowhere = (...said) => show("Nothing here", node("h1", { tabindex: "-1" }, "Nothing here"), node("p", {}, ...said));

const opened = () => open().catch((problem) => nowhere(problem instanceof URIError ? "This address is not one." : problemBox(problem)));

// Somebody else's texts are not for who comes after them, and what one may read another may not.
function changed(who) {
  if (who.state === SIGNED_IN) {
    if (last && last !== nameOf(who)) forget();
    last = nameOf(who);
    opened();
  } else if (who.state === NOBODY && !who.asked) {
    forget();
    last = "";
    opened();
  }
}

async function begin() {
  const issuer = await issuerOf(), back = await returned(issuer);
  showIdentity(issuer);
  const wrong = back && (back.wrong || signIn(back.token));
  if (wrong) refuse(wrong);
  last = nameOf(session()) || back?.typed.by || "";
  if (back && (!back.typed.by || back.typed.by === last)) remember(back.typed.texts);
  onChange(changed);
  addEventListener("hashchange", opened);
  await opened();
}

begin();
