/** Where it starts: routes by the address (`#/who/chat`), keeps one tab's person and live connection. */
import { getChats, getMessages, getState, getUsers, listen } from "./api.js";
import { sidebar } from "./chats.js";
import { move, showClock } from "./clock.js";
import { Conversation } from "./conversation.js";
import { byId, h, toast } from "./dom.js";
import { Model } from "./model.js";
import { Others } from "./others.js";
import { welcome } from "./people.js";
import { setNow } from "./time.js";

const NOTICE_MS = 3000;
const WIDE = window.matchMedia("(min-width: 760px)");

class App {
  /** @type {?Model} */
  model = null;
  /** @type {?Conversation} */
  conversation = null;
  /** @type {() => void} */
  unlisten = () => undefined;
  /** @type {?string} What the composer is to hold when its chat opens. */
  draft = null;

  /** @param {import("./types.js").Installation} installation @param {import("./types.js").Person[]} users */
  constructor(installation, users) {
    this.installation = installation;
    this.users = users;
    this.others = new Others(users);
  }

  /** Show what the address says. */
  async route() {
    const [who, chat] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    if (!who) return this.#welcome();
    if (this.model?.me !== who) await this.#become(who);
    if (this.model?.me === who) this.#open(chat);
  }

  #welcome() {
    this.unlisten();
    this.model = this.conversation = null;
    document.body.dataset.screen = "welcome";
    document.title = "跟单 · 本地聊天";
    byId("offline").hidden = true;
    byId("app").replaceChildren(welcome(this.users, this.installation.demo, (tryout) => this.#begin(tryout)));
  }

  /** @param {import("./tryout.js").Tryout} tryout */
  #begin(tryout) {
    this.draft = tryout.draft ?? null;
    location.hash = tryout.hash;
    if (tryout.advance) void move(byId("clock"), { advance: tryout.advance });
  }

  /** @param {string} who */
  async #become(who) {
    this.unlisten();
    this.conversation = null;
    this.model = new Model(who, this.users);
    await this.#fetch(this.model);
    this.unlisten = listen(this.installation.demo ? null : who, {
      onopen: () => {
        byId("offline").hidden = true;
        void this.#refresh();
      },
      onlost: () => (byId("offline").hidden = false),
      onevent: (event) => this.#heard(event),
    });
  }

  /** All chats and messages of a person. @param {Model} model @returns {Promise<import("./types.js").Message[]>} the news */
  async #fetch(model) {
    model.rooms = await getChats(model.me);
    const lists = await Promise.all(model.rooms.map((room) => getMessages(room.id)));
    return lists.flat().filter((message) => model.put(message));
  }

  async #refresh() {
    const model = this.model;
    if (!model) return;
    try {
      const [news, state] = await Promise.all([this.#fetch(model), getState()]);
      setNow(state.now);
      for (const message of news) this.#show(message);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "fault");
    }
  }

  /** @param {{type: string, message?: import("./types.js").Message, now?: string}} event */
  #heard(event) {
    if (event.type === "clock" && event.now) setNow(event.now);
    const message = event.message;
    if (!message || !this.model) return;
    if (!this.model.room(message.chat)) this.others.heard(message);
    else if (this.model.put(message)) return this.#show(message);
    this.#drawSidebar();
  }

  /** @param {import("./types.js").Message} message */
  #show(message) {
    if (this.conversation?.room.id === message.chat) this.conversation.show(message);
    this.#drawSidebar();
  }

  /** @param {string|undefined} chat */
  #open(chat) {
    const model = this.model;
    if (!model) return;
    const room = (chat && model.room(chat)) || (WIDE.matches || chat === undefined ? model.rooms[0] : undefined);
    document.body.dataset.screen = room ? "chat" : "list";
    this.conversation = room ? new Conversation(model, room, this.installation.max_upload_mb, () => this.#drawSidebar()) : null;
    const empty = h("section", { class: "conversation empty" }, h("p", {}, model.rooms.length ? "选一个会话" : "这个账号还没有会话"));
    byId("app").replaceChildren(h("div", { class: "messenger" }, h("aside", { class: "sidebar" }), this.conversation?.node ?? empty));
    this.#drawSidebar();
    if (this.draft && this.conversation) this.conversation.composer.fill(this.draft);
    this.draft = null;
  }

  #drawSidebar() {
    const model = this.model;
    if (!model) return;
    const current = this.conversation?.room.id ?? null;
    if (current && !document.hidden) model.markRead(current);
    redraw(sidebar(model, document.hidden ? null : current));
    if (this.conversation) this.others.draw(this.conversation.strip);
    const unread = model.rooms.reduce((sum, room) => sum + model.unread(room.id), 0);
    document.title = `${unread ? `(${unread}) ` : ""}${model.person.name} · 跟单`;
  }

  /** What is going on behind (speech being installed); looked at again for as long as it lasts. @param {string} text */
  notice(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = text === "";
    if (text) setTimeout(() => getState().then((state) => this.notice(state.notice), () => this.notice(text)), NOTICE_MS);
  }

  /** The tab came to the front: what it shows is read now. */
  seen() {
    this.#drawSidebar();
  }
}

/** Put the new list in the old one's place; what had the focus keeps it. @param {HTMLElement} fresh */
function redraw(fresh) {
  const old = document.querySelector(".sidebar");
  const focused = old?.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  old?.replaceWith(fresh);
  const same = [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
  same?.focus();
}

async function start() {
  try {
    const [installation, users] = await Promise.all([getState(), getUsers()]);
    setNow(installation.now);
    if (installation.demo) showClock();
    const app = new App(installation, users);
    app.notice(installation.notice);
    window.addEventListener("hashchange", () => void app.route());
    document.addEventListener("visibilitychange", () => app.seen());
    WIDE.addEventListener("change", () => void app.route());
    await app.route();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const again = h("button", { type: "button", class: "button primary", onclick: () => location.reload() }, "再试一次");
    byId("app").replaceChildren(h("div", { class: "loading", role: "alert" }, h("p", {}, words), again));
  }
}

void start();
