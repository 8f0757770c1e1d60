// The review desk. What is open stands behind `#`, so that it can be bookmarked: `#run/rr_…`, `#proposal/pp_…/2`, `#portfolio/pf_…`.

import { openCase, problemBox } from "./case.js";
import { currentVersion, proposalCase, runCase } from "./cases.js";
import { showAll } from "./lists.js";
import { node, show } from "./markup.js";

const WHOLE = /^[1-9][0-9]{0,8}$/;

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

addEventListener("hashchange", opened);
opened();
