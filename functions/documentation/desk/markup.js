// Elements, made of names and texts. What the API says is only ever a text.

export function node(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// What callers wrote stands apart, in whatever direction it is written.
export const written = (text) => node("bdi", {}, String(text));

export const badge = (tone, text) => node("span", { class: `badge ${tone || "calm"}` }, text);

export const facts = (rows) =>
  node("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => node("div", {}, node("dt", {}, name), node("dd", {}, value))));

// An instant as the desk's reader has it on the wall; the exact one is in `datetime`.
export function instant(text) {
  const shown = new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return node("time", { datetime: text, title: text }, shown);
}

// The time of day only.
export const clock = (moment) => node("time", { datetime: moment.toISOString() }, moment.toLocaleTimeString(undefined, { timeStyle: "short" }));

export const table = (caption, names, rows) =>
  node(
    "table",
    {},
    node("caption", {}, caption),
    node("thead", {}, node("tr", {}, names.map((name) => node("th", { scope: "col" }, name)))),
    node("tbody", {}, rows.map((cells) => node("tr", {}, cells.map((cell, place) => node(place ? "td" : "th", place ? { "data-name": names[place] } : { scope: "row" }, cell || ""))))),
  );

// Tell something to everybody, also to who does not see it.
export function say(text) {
  document.getElementById("told").textContent = text;
}

// A view takes the place of the one before. From the second on its heading gets the focus, which else would be lost with what had it.
export function show(title, ...children) {
  const view = document.getElementById("view");
  document.title = `${title} · Review desk`;
  view.replaceChildren(...children);
  if (!view.hasAttribute("aria-busy")) view.querySelector("h1")?.focus();
  view.removeAttribute("aria-busy");
}
