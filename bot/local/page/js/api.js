/** Calls to the server. Every failure is an `ApiError` with a sentence that can be shown. */

export class ApiError extends Error {
  /** @param {string} sentence @param {number} status */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
async function call(path, options) {
  let response;
  try {
    response = await fetch(`/local${path}`, options);
  } catch {
    throw new ApiError("连不上服务，请检查它是否还在运行。", 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.error ?? `出错了（${response.status}），请稍后再试。`, response.status);
  return body;
}

/** @param {string} path @param {object} body */
const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** @returns {Promise<import("./types.js").Installation>} */
export const getState = () => call("/state");

/** @returns {Promise<import("./types.js").Person[]>} */
export const getUsers = () => call("/users");

/** @param {string} user @returns {Promise<import("./types.js").Room[]>} */
export const getChats = (user) => call(`/chats?user=${encodeURIComponent(user)}`);

/** @param {string} chat @returns {Promise<import("./types.js").Message[]>} */
export const getMessages = (chat) => call(`/chats/${encodeURIComponent(chat)}/messages?last=300`);

/** @param {string} from @param {string} chat @param {string} text @param {string} id */
export const sendText = (from, chat, text, id) => post("/messages", { from, chat, text, id });

/** @param {string} from @param {string} chat @param {File} file @param {string} id */
export function sendFile(from, chat, file, id) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ from, chat, id })) form.append(name, value);
  form.append("file", file, file.name);
  return call("/messages", { method: "POST", body: form });
}

/**
 * @param {string} from
 * @param {string} messageId
 * @param {string} action
 * @param {Record<string, string>} form
 * @returns {Promise<{toast: ?string}>}
 */
export const click = (from, messageId, action, form) => post("/actions", { from, message_id: messageId, action, form });

/** @param {{advance?: string, set?: string}} wanted @returns {Promise<{now: string}>} */
export const moveClock = (wanted) => post("/clock", wanted);

/**
 * A socket that reconnects by itself. `onopen` runs at each connection: what was missed is to be fetched then.
 * @param {?string} user whose chats it is about; null for everybody's
 * @param {{onopen: () => void, onlost: () => void, onevent: (event: any) => void}} on
 * @returns {() => void} ends it
 */
export function listen(user, on) {
  let ended = false;
  let wait = 500;
  /** @type {?WebSocket} */
  let socket = null;
  const connect = () => {
    if (ended) return;
    const address = new URL(user === null ? "/local/ws" : `/local/ws?user=${encodeURIComponent(user)}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    socket = new WebSocket(address);
    socket.onopen = () => {
      wait = 500;
      on.onopen();
    };
    socket.onmessage = (event) => on.onevent(JSON.parse(event.data));
    socket.onclose = () => {
      if (ended) return;
      on.onlost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  connect();
  return () => {
    ended = true;
    socket?.close();
  };
}

/** An id for a message, made before it is sent, so that sending again is the same message. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
