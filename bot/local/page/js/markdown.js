/** The small Markdown of cards, built as nodes: bold, emphasis, code, links, lists, quotes, headings. */
import { h } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*([^*\s][^*]*)\*/g;

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
export function markdown(text) {
  const root = h("div", { class: "markdown" });
  /** @type {?HTMLElement} */
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[-*•]|(\d+)[.、])\s+(.*)$/.exec(line);
    if (!item) list = null;
    if (item) {
      const tag = item[1] ? "ol" : "ul";
      if (list?.localName !== tag) root.append((list = h(tag, item[1] ? { start: item[1] } : {})));
      list.append(h("li", {}, ...inline(item[2])));
    } else if (line.trim()) {
      root.append(block(line.trim()));
    }
  }
  return root;
}

/** @param {string} line @returns {HTMLElement} */
function block(line) {
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  if (heading) return h("p", { class: "heading" }, ...inline(heading[1]));
  if (line.startsWith(">")) return h("blockquote", {}, ...inline(line.replace(/^>\s*/, "")));
  return h("p", {}, ...inline(line));
}

/** @param {string} text @returns {(Node|string)[]} */
function inline(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(from, found.index), span(found));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

/** @param {RegExpMatchArray} found @returns {Node|string} */
function span(found) {
  const [whole, bold, code, label, url, emphasis] = found;
  if (bold) return h("strong", {}, bold);
  if (code) return h("code", {}, code);
  if (emphasis) return h("em", {}, emphasis);
  return link(label, url) ?? whole;
}

/**
 * A link that can only lead to a web page; null for anything else (`javascript:` and the like).
 * @param {string} label
 * @param {string} url
 * @returns {?HTMLElement}
 */
export function link(label, url) {
  let target;
  try {
    target = new URL(url, location.href);
  } catch {
    return null;
  }
  if (target.protocol !== "http:" && target.protocol !== "https:") return null;
  return h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, label);
}
