/** Building nodes. Text only ever becomes text: nothing in this page parses HTML. */

/** @typedef {Node|string|null|undefined|false} Child */

/**
 * An element with attributes, listeners (`onclick`) and children.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {HTMLInputElement} */ (node).value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

/** @param {Child[]} children @returns {(Node|string)[]} */
function present(children) {
  return /** @type {(Node|string)[]} */ (children.filter((child) => child !== null && child !== undefined && child !== false));
}

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} Paths on a 24×24 grid, stroked. */
const ICONS = {
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3",
  clip: "M20 11.500l-8 8a5 5 0 0 1-7-7l8.5-8.500a3.3 3.3 0 0 1 4.7 4.700l-8.5 8.500a1.7 1.7 0 0 1-2.4-2.400l7.7-7.7",
  send: "M4 12l16-8-5 16-3.5-6.500z",
  back: "M15 5l-7 7 7 7",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  clock: "M12 7v5l3.5 2M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  swap: "M7 7h12l-3-3M17 17H5l3 3",
  file: "M7 3.500h7l4 4v13H7zM14 3.500v4h4",
  tab: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.500l4.5 4.500L19 7.5",
};

/**
 * A decorative icon; the button around it carries the name.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/**
 * The square with the end of a name that stands for a person.
 * @param {string} name
 * @param {string} key what its colour is picked by
 * @returns {HTMLElement}
 */
export function avatar(name, key) {
  if (key === "bot") return h("span", { class: "avatar bot", "aria-hidden": true }, icon("check"));
  const tone = [...key].reduce((sum, letter) => (sum * 33 + (letter.codePointAt(0) ?? 0)) % 1009, 5) % 8;
  return h("span", { class: `avatar tone-${tone}`, "aria-hidden": true }, [...name].slice(-2).join(""));
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`no element #${id}`);
  return node;
}

/**
 * A short notice at the lower edge, read out by screen readers.
 * @param {string} text
 * @param {"info"|"fault"} [tone]
 */
export function toast(text, tone = "info") {
  const node = h("p", { class: `toast ${tone}` }, text);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), Math.max(3500, text.length * 140));
}
