/** An open chat: its head, its messages, things to say, the composer. */
import { click, newId, sendFile, sendText } from "./api.js";
import { renderMessage } from "./bubble.js";
import { composer } from "./composer.js";
import { avatar, h, icon, toast } from "./dom.js";
import { BOT_NAME } from "./model.js";
import { now, when } from "./time.js";
import { phrases } from "./tryout.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Room} Room */

const GAP_MS = 5 * 60_000;
const TYPING_MS = 30_000;

export class Conversation {
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();
  #lastAt = 0;
  #typingTimer = 0;

  /**
   * @param {import("./model.js").Model} model
   * @param {Room} room
   * @param {number} maxMb
   * @param {() => void} changed called when a message of one's own was added
   */
  constructor(model, room, maxMb, changed) {
    this.model = model;
    this.room = room;
    this.changed = changed;
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "消息", tabindex: 0 });
    this.typing = h("div", { class: "message theirs typing", hidden: true }, avatar("", "bot"), h("p", { class: "bubble", "aria-label": "助手正在处理" }, h("i"), h("i"), h("i")));
    const placeholder = room.kind === "direct" ? "跟助手说点什么…" : "在群里说点什么…";
    this.composer = composer({ send: (text) => this.say(text), upload: (file) => this.upload(file), placeholder, maxMb });
    this.strip = h("p", { class: "others", role: "status", hidden: true });
    this.node = h("section", { class: "conversation", "aria-label": room.title }, this.#head(), this.strip, this.log, this.#phrases(), this.composer.node);
    this.#dropTarget();
    this.log.append(this.#greeting(), this.typing);
    for (const message of model.list(room.id)) this.show(message);
    requestAnimationFrame(() => this.#toEnd());
  }

  /** Add a message, or put what it is now in its place. @param {Message} message */
  show(message) {
    const atEnd = this.#isAtEnd();
    const view = {
      me: this.model.me,
      name: this.model.nameOf(message.from, this.room),
      group: this.room.kind === "group",
      press: (/** @type {string} */ id, /** @type {string} */ action, /** @type {Record<string, string>} */ form) => this.#press(id, action, form),
    };
    const node = renderMessage(message, view);
    const old = this.#shown.get(message.id);
    this.#shown.set(message.id, node);
    if (old) {
      old.replaceWith(node);
      if (message.card) node.classList.add("changed");
    } else {
      this.#append(message, node);
    }
    if (message.from === "bot") this.#setTyping(false);
    if (atEnd || message.from === this.model.me) this.#toEnd();
  }

  /** @param {string} text */
  say(text) {
    const draft = this.#draft({ kind: "text", text });
    this.#deliver(draft, () => sendText(this.model.me, this.room.id, text, draft.id));
  }

  /** @param {File} file */
  upload(file) {
    const kind = /** @type {"voice"|"image"|"video"|"file"} */ (
      { audio: "voice", image: "image", video: "video" }[file.type.split("/")[0]] ?? "file"
    );
    const shown = { url: URL.createObjectURL(file), name: file.name, mime: file.type, size: file.size, kind };
    const draft = this.#draft({ kind: "file", text: "", file: shown });
    this.#deliver(draft, () => sendFile(this.model.me, this.room.id, file, draft.id));
  }

  /** @param {Partial<Message>} parts @returns {Message} */
  #draft(parts) {
    const at = new Date(now()).toISOString();
    const base = { id: newId(), seq: Number.MAX_SAFE_INTEGER, chat: this.room.id, from: this.model.me, card: null, file: null, at, rev: 0 };
    return /** @type {Message} */ ({ ...base, ...parts, pending: "sending" });
  }

  /** @param {Message} draft @param {() => Promise<unknown>} send */
  async #deliver(draft, send) {
    const show = (/** @type {Partial<Message>} */ state) => {
      const known = this.model.messages.get(draft.chat)?.get(draft.id);
      if (known && !known.pending) return;
      Object.assign(draft, state);
      this.model.put(draft);
      this.show(draft);
      this.changed();
    };
    show({ pending: "sending" });
    try {
      await send();
      if (this.room.kind === "direct") this.#setTyping(true);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      show({ pending: "failed", why, again: () => void this.#deliver(draft, send) });
    }
  }

  /** @param {string} id @param {string} action @param {Record<string, string>} form */
  async #press(id, action, form) {
    return (await click(this.model.me, id, action, form)).toast;
  }

  /** @param {Message} message @param {HTMLElement} node */
  #append(message, node) {
    const at = Date.parse(message.at);
    if (Math.abs(at - this.#lastAt) > GAP_MS) this.typing.before(h("p", { class: "when" }, h("time", { datetime: message.at }, when(at))));
    this.#lastAt = at;
    this.typing.before(node);
  }

  /** @param {boolean} on */
  #setTyping(on) {
    const last = this.model.last(this.room.id);
    this.typing.hidden = !on || last?.from === "bot";
    clearTimeout(this.#typingTimer);
    if (on) this.#typingTimer = window.setTimeout(() => (this.typing.hidden = true), TYPING_MS);
    if (on) this.#toEnd();
  }

  #isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    const pictures = /** @type {HTMLImageElement[]} */ ([...this.log.querySelectorAll("img")]);
    for (const picture of pictures.filter((found) => !found.complete)) {
      picture.addEventListener("load", () => (this.log.scrollTop = this.log.scrollHeight), { once: true });
    }
  }

  #head() {
    const people = this.room.members.map((member) => member.name).join("、");
    const about = this.room.kind === "group" ? `${this.room.members.length} 人：${people}` : "待办、提醒、热线索都在这里";
    return h(
      "header",
      { class: "head" },
      h("a", { href: `#/${encodeURIComponent(this.model.me)}/`, class: "round back", "aria-label": "返回会话列表" }, icon("back")),
      h("span", { class: "grow" }, h("h2", {}, this.room.title), h("small", {}, about)),
    );
  }

  #greeting() {
    const me = this.model.person;
    const hello = `${me.name}，你好！我是${BOT_NAME}。`;
    const direct =
      me.role === "rep"
        ? "打完电话、见完客户，用文字或语音跟我说一句就行；下面是几句可以直接试的话。"
        : "逾期、承诺和团队里要您拿主意的事会发到这里，点按钮或者直接回一句话都行。";
    const group = "这是客户群。客户问到价格、样品、合同时，助手会悄悄找最快的销售来接，群里不打扰客户。";
    return h("p", { class: "greeting" }, this.room.kind === "direct" ? hello + direct : group);
  }

  #phrases() {
    const made = phrases(this.model.person, this.room.kind).map((phrase) =>
      h("button", { type: "button", class: "phrase", onclick: () => this.composer.fill(phrase) }, phrase),
    );
    return h("div", { class: "phrases", role: "group", "aria-label": "试着说" }, ...made);
  }

  #dropTarget() {
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.node.classList.add("dropping");
    };
    this.node.addEventListener("dragenter", over);
    this.node.addEventListener("dragover", over);
    this.node.addEventListener("dragleave", (event) => {
      if (!this.node.contains(/** @type {?Node} */ (event.relatedTarget))) this.node.classList.remove("dropping");
    });
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      this.node.classList.remove("dropping");
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length) this.composer.take(files);
      else toast("请拖文件进来。");
    });
  }
}
