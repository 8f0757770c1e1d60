// What went wrong, in words with its code.

import { Problem } from "./api.js";
import { node, written } from "./markup.js";
import { told } from "./words.js";

export function problemBox(problem) {
  if (!(problem instanceof Problem)) {
    setTimeout(() => { throw problem; }); // a defect of the desk belongs into the console
    return node("div", { class: "problem bad", role: "alert", tabindex: "-1" }, node("p", {}, "The desk failed. Load it again."));
  }
  return node(
    "div",
    { class: "problem bad", role: "alert", tabindex: "-1" },
    node("p", {}, node("strong", {}, told(problem))),
    ...problem.places.map((one) => node("p", {}, written(one))),
    node("p", {}, node("code", {}, `${problem.status || ""} ${problem.detail}`.trim())),
  );
}
