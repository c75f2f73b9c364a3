/** A card: coloured head, fields, text, inputs, buttons. A done card keeps its words and loses its buttons. */
import { h, icon, toast } from "./dom.js";
import { link, markdown } from "./markdown.js";

/** @typedef {import("./types.js").Card} Card */

const SEVERITY = { info: "", success: "", warning: "请留意", danger: "紧急" };

/**
 * @param {Card} card
 * @param {string} messageId
 * @param {(action: string, form: Record<string, string>) => Promise<?string>} press resolves to the toast
 * @returns {HTMLElement}
 */
export function renderCard(card, messageId, press) {
  const open = card.state === "open";
  const form = h("form", { class: `card ${card.severity}${open ? "" : " done"}`, "data-card": messageId, novalidate: true });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.append(head(card));
  const body = h("div", { class: "card-body" });
  body.append(...[fields(card), card.markdown && markdown(card.markdown), image(card)].filter(isNode));
  if (open) body.append(...[inputs(card, messageId), links(card), buttons(card, form, press)].filter(isNode));
  else body.append(...[links(card)].filter(isNode));
  if (card.note) body.append(h("p", { class: "card-note" }, !open && icon("check"), card.note));
  if (body.childNodes.length) form.append(body);
  return form;
}

/** @param {unknown} thing @returns {thing is Node} */
const isNode = (thing) => thing instanceof Node;

/** @param {Card} card */
function head(card) {
  const tag = card.state === "done" ? "已处理" : SEVERITY[card.severity];
  return h(
    "header",
    { class: "card-head" },
    h("h3", {}, card.title),
    tag && h("span", { class: "tag" }, tag),
  );
}

/** @param {Card} card */
function fields(card) {
  if (!card.fields.length) return null;
  const rows = card.fields.flatMap((field) => [h("dt", {}, field.name), h("dd", {}, field.value)]);
  return h("dl", { class: "fields" }, ...rows);
}

/** @param {Card} card */
function image(card) {
  if (!card.image) return null;
  const url = /^[0-9a-f]{64}$/.test(card.image) ? `/local/files/${card.image}` : card.image;
  return h("img", { class: "card-image", src: url, alt: card.title, loading: "lazy" });
}

/** @param {Card} card @param {string} messageId */
function inputs(card, messageId) {
  if (!card.inputs.length) return null;
  const rows = card.inputs.map((input) => {
    const id = `${messageId}-${input.name}`;
    return h("div", { class: "input" }, h("label", { for: id }, input.label), control(input, id));
  });
  return h("div", { class: "inputs" }, ...rows);
}

/** @param {import("./types.js").Input} input @param {string} id */
function control(input, id) {
  const common = { id, name: input.name, autocomplete: "off" };
  if (input.kind === "select") {
    const options = input.options.map((option) =>
      h("option", { value: option.value, selected: option.value === input.value }, option.label),
    );
    const blank = input.options.some((option) => option.value === input.value) ? null : h("option", { value: "" }, "请选择");
    return h("select", common, blank, ...options);
  }
  if (input.kind === "text" && (input.value.includes("\n") || input.value.length > 30)) {
    return h("textarea", { ...common, rows: 3, value: input.value });
  }
  const decimal = input.kind === "number" ? { inputmode: "decimal" } : {};
  const type = input.kind === "date" ? dateType(input.value) : "text";
  return h("input", { ...common, ...decimal, type, value: input.value });
}

/** @param {string} value @returns {string} a date with a time needs its own field */
const dateType = (value) => (value.includes("T") ? "datetime-local" : "date");

/** @param {Card} card */
function links(card) {
  const nodes = card.links.map((item) => link(item.label, item.url)).filter(isNode);
  return nodes.length ? h("p", { class: "card-links" }, ...nodes) : null;
}

/**
 * @param {Card} card
 * @param {HTMLElement} form
 * @param {(action: string, form: Record<string, string>) => Promise<?string>} press
 */
function buttons(card, form, press) {
  if (!card.buttons.length) return null;
  const made = card.buttons.map((button) => {
    const node = h("button", { type: "button", class: `button ${button.style}` }, button.label);
    node.addEventListener("click", () => pressed(node, form, button.action, press));
    return node;
  });
  return h("div", { class: "card-buttons" }, ...made);
}

/**
 * @param {HTMLElement} node
 * @param {HTMLElement} form
 * @param {string} action
 * @param {(action: string, form: Record<string, string>) => Promise<?string>} press
 */
async function pressed(node, form, action, press) {
  const all = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll(".card-buttons button")]);
  for (const button of all) button.disabled = true;
  node.classList.add("busy");
  try {
    const answer = await press(action, valuesOf(form));
    if (answer) toast(answer);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "fault");
  } finally {
    node.classList.remove("busy");
    for (const button of all) button.disabled = false;
  }
}

/** @param {HTMLElement} form @returns {Record<string, string>} */
function valuesOf(form) {
  const data = new FormData(/** @type {HTMLFormElement} */ (form));
  return Object.fromEntries([...data].map(([name, value]) => [name, String(value)]));
}
