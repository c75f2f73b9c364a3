/** What this tab knows: who is played, their chats, the messages of each, what was read. */

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Person} Person */
/** @typedef {import("./types.js").Room} Room */

export const BOT_NAME = "跟单助手";
const ROLES = {
  rep: "销售",
  manager: "销售主管",
  director: "销售总监",
  delivery: "交付经理",
  delivery_director: "交付总监",
  legal: "法务",
  finance: "财务",
  hr: "人事",
  admin: "管理员",
};

/** @param {Person} person @returns {string} `销售 · 华东组` */
export function roleOf(person) {
  if (person.external) return "客户";
  const role = ROLES[/** @type {keyof typeof ROLES} */ (person.role ?? "")] ?? person.role ?? "新成员";
  return [role, person.team].filter(Boolean).join(" · ");
}

export class Model {
  /** @param {string} me @param {Person[]} users */
  constructor(me, users) {
    this.me = me;
    this.users = users;
    /** @type {Room[]} */
    this.rooms = [];
    /** @type {Map<string, Map<string, Message>>} */
    this.messages = new Map();
  }

  /** @returns {Person} */
  get person() {
    return this.users.find((user) => user.id === this.me) ?? stranger(this.me);
  }

  /** @param {string} id @returns {Room|undefined} */
  room(id) {
    return this.rooms.find((room) => room.id === id);
  }

  /** @param {string} id @param {Room} room @returns {string} */
  nameOf(id, room) {
    if (id === "bot") return BOT_NAME;
    const known = room.members.find((member) => member.id === id) ?? this.users.find((user) => user.id === id);
    return known?.name ?? id;
  }

  /** @param {string} chat @returns {Message[]} oldest first, unsent ones last */
  list(chat) {
    return [...(this.messages.get(chat)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  }

  /** @param {string} chat @returns {Message|undefined} */
  last(chat) {
    return this.list(chat).at(-1);
  }

  /** @param {Message} message @returns {boolean} whether it is news */
  put(message) {
    const chat = this.messages.get(message.chat) ?? new Map();
    this.messages.set(message.chat, chat);
    const known = chat.get(message.id);
    if (known && !known.pending && known.rev >= message.rev) return false;
    chat.set(message.id, message);
    return true;
  }

  /** @param {string} chat @returns {number} */
  unread(chat) {
    const read = this.readUpTo(chat);
    return this.list(chat).filter((message) => message.from !== this.me && message.rev > read).length;
  }

  /** @param {string} chat */
  markRead(chat) {
    const top = Math.max(0, ...this.list(chat).map((message) => (message.pending ? 0 : message.rev)));
    if (top > this.readUpTo(chat)) localStorage.setItem(readKey(this.me, chat), String(top));
  }

  /** @param {string} chat @returns {number} */
  readUpTo(chat) {
    return readUpTo(this.me, chat);
  }
}

/** @param {string} person @param {string} chat */
const readKey = (person, chat) => `gendan.read.${person}.${chat}`;

/** The last change a person has seen in a chat, in whichever tab. @param {string} person @param {string} chat */
export const readUpTo = (person, chat) => Number(localStorage.getItem(readKey(person, chat)) ?? 0);

/** @param {string} id @returns {Person} somebody the product does not know yet */
const stranger = (id) => ({ id, name: id, role: null, team: null, external: false });

/** @param {Message} message @returns {string} one line for the list of chats */
export function preview(message) {
  if (message.card) return `[卡片] ${message.card.title}`;
  if (!message.file) return message.text;
  return { voice: "[语音]", image: "[图片]", video: "[视频]", file: `[文件] ${message.file.name}` }[message.file.kind];
}
