/** The left side: who I am, and my chats. */
import { avatar, h, icon } from "./dom.js";
import { preview, roleOf } from "./model.js";
import { when } from "./time.js";

/** @typedef {import("./model.js").Model} Model */

/**
 * @param {Model} model
 * @param {?string} current
 * @returns {HTMLElement}
 */
export function sidebar(model, current) {
  const me = model.person;
  const rooms = [...model.rooms].sort((a, b) => stamp(model, b.id) - stamp(model, a.id));
  return h(
    "aside",
    { class: "sidebar" },
    h(
      "header",
      { class: "me" },
      avatar(me.name, me.id),
      h("span", { class: "grow" }, h("b", {}, me.name), h("small", {}, roleOf(me))),
      h("a", { href: "#/", class: "round", "aria-label": "换个身份", title: "换个身份" }, icon("swap")),
    ),
    h("nav", { "aria-label": "会话" }, h("ul", { class: "rooms" }, ...rooms.map((room) => entry(model, room, room.id === current)))),
  );
}

/** @param {Model} model @param {string} chat */
const stamp = (model, chat) => model.last(chat)?.seq ?? 0;

/** @param {Model} model @param {import("./types.js").Room} room @param {boolean} current */
function entry(model, room, current) {
  const last = model.last(room.id);
  const unread = current ? 0 : model.unread(room.id);
  const who = last && room.kind === "group" && last.from !== model.me ? `${model.nameOf(last.from, room)}：` : "";
  return h(
    "li",
    {},
    h(
      "a",
      { class: "room", href: `#/${encodeURIComponent(model.me)}/${encodeURIComponent(room.id)}`, "aria-current": current ? "page" : null },
      h("span", { class: "badged" }, room.kind === "group" ? groupIcon(room) : avatar(room.title, "bot"), unread > 0 && badge(unread)),
      h(
        "span",
        { class: "grow" },
        h("span", { class: "room-top" }, h("b", {}, room.title), h("time", {}, last ? when(Date.parse(last.at)) : "")),
        h("span", { class: "room-last" }, last ? who + preview(last) : room.kind === "group" ? `${room.members.length} 人` : "有事直接说"),
      ),
    ),
  );
}

/** @param {import("./types.js").Room} room */
function groupIcon(room) {
  return h("span", { class: "avatar group", "aria-hidden": true }, ...room.members.slice(0, 4).map((member) => avatar(member.name.slice(-1), member.id)));
}

/** @param {number} count */
const badge = (count) => h("span", { class: "badge", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : String(count));
