/** The first page: three things to try, and who to be. */
import { avatar, h, icon } from "./dom.js";
import { roleOf } from "./model.js";
import { tryouts } from "./tryout.js";

/** @typedef {import("./types.js").Person} Person */

/**
 * @param {Person[]} users
 * @param {boolean} demo
 * @param {(tryout: import("./tryout.js").Tryout) => void} begin
 * @returns {HTMLElement}
 */
export function welcome(users, demo, begin) {
  const staff = users.filter((user) => !user.external);
  const customers = users.filter((user) => user.external);
  return h(
    "div",
    { class: "welcome" },
    h(
      "header",
      { class: "hero" },
      h("img", { src: "/local/page/icon.svg", alt: "", width: 56, height: 56 }),
      h("h1", {}, "你好，我是跟单"),
      h("p", {}, "销售说一句话，我记客户、排待办、盯承诺；客户在群里一问，我马上找人接。下面三件事，一分钟看明白："),
    ),
    cards(tryouts(users, demo), begin),
    staff.length > 0 && section("选一个身份进来", staff),
    customers.length > 0 && section("或者扮演客户（在群里说话）", customers),
    h("p", { class: "tip" }, icon("tab"), "每个标签页可以是不同的人：点名字右边的图标在新标签页打开，消息会实时互通。"),
    newcomer(staff.length === 0),
  );
}

/** @param {import("./tryout.js").Tryout[]} all @param {(tryout: import("./tryout.js").Tryout) => void} begin */
function cards(all, begin) {
  const made = all.map((tryout, at) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "tryout", onclick: () => begin(tryout) },
        h("span", { class: "tryout-title" }, h("span", { class: "tryout-number", "aria-hidden": true }, String(at + 1)), tryout.title),
        h("span", { class: "tryout-about" }, tryout.about),
        h("span", { class: "tryout-steps" }, tryout.steps),
      ),
    ),
  );
  return made.length > 0 && h("ol", { class: "tryouts" }, ...made);
}

/** @param {string} title @param {Person[]} people */
function section(title, people) {
  return h("section", { class: "people" }, h("h2", {}, title), h("ul", {}, ...people.map(tile)));
}

/** @param {Person} person */
function tile(person) {
  const hash = `#/${encodeURIComponent(person.id)}`;
  return h(
    "li",
    { class: "tile" },
    h("a", { href: hash, class: "tile-main" }, avatar(person.name, person.id), h("span", {}, h("b", {}, person.name), h("small", {}, roleOf(person)))),
    h("a", { href: hash, target: "_blank", rel: "noopener", class: "tile-tab", "aria-label": `在新标签页以${person.name}打开`, title: "在新标签页打开" }, icon("tab")),
  );
}

/** @param {boolean} first whether nobody is known yet */
function newcomer(first) {
  const field = /** @type {HTMLInputElement} */ (h("input", { placeholder: "账号，如 zhang", "aria-label": "账号", required: true, maxlength: 64, autocomplete: "off" }));
  const form = h("form", { class: "newcomer" }, field, h("button", { class: "button" }, "进入"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = `#/${encodeURIComponent(field.value.trim())}`;
  });
  const words = first ? "还没有人：用一个新账号进来，把启动时打印的管理员绑定码发给助手" : "用其他账号进来";
  return h("details", { class: "other", open: first }, h("summary", {}, words), form);
}
