/** In a demo one visitor plays everybody: who else got something meanwhile, with a way over to them. */
import { h } from "./dom.js";
import { readUpTo } from "./model.js";

/** @typedef {import("./types.js").Person} Person */

export class Others {
  /** @type {Map<string, Set<string>>} by person, the messages that came while this tab was open */
  #news = new Map();
  /** @type {Map<string, number>} by message, its newest revision */
  #revs = new Map();

  /** @param {Person[]} users */
  constructor(users) {
    this.users = users;
  }

  /** @param {import("./types.js").Message} message in somebody else's direct chat */
  heard(message) {
    if (message.from !== "bot") return;
    this.#news.set(message.chat, (this.#news.get(message.chat) ?? new Set()).add(message.id));
    this.#revs.set(message.id, message.rev);
  }

  /** @param {Person} person @returns {number} */
  #count(person) {
    const read = readUpTo(person.id, person.id);
    return [...(this.#news.get(person.id) ?? [])].filter((id) => (this.#revs.get(id) ?? 0) > read).length;
  }

  /** @param {HTMLElement} strip */
  draw(strip) {
    const waiting = this.users.map((person) => ({ person, count: this.#count(person) })).filter(({ count }) => count > 0);
    const links = waiting.map(({ person, count }) => {
      const id = encodeURIComponent(person.id);
      return h("a", { href: `#/${id}/${id}` }, person.name, h("b", {}, String(count)));
    });
    strip.replaceChildren("助手给他们发了消息，点名字过去看看：", ...links);
    strip.hidden = waiting.length === 0;
  }
}
