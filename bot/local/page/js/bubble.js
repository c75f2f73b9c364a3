/** One message of a conversation. */
import { avatar, h, icon } from "./dom.js";
import { renderCard } from "./card.js";

/** @typedef {import("./types.js").Message} Message */

/**
 * @param {Message} message
 * @param {{me: string, name: string, group: boolean,
 *          press: (id: string, action: string, form: Record<string, string>) => Promise<?string>}} view
 * @returns {HTMLElement}
 */
export function renderMessage(message, view) {
  const mine = message.from === view.me;
  return h(
    "article",
    { class: `message ${mine ? "mine" : "theirs"} ${message.kind}`, "data-id": message.id },
    avatar(view.name, message.from),
    h(
      "div",
      { class: "stack" },
      view.group && !mine ? h("p", { class: "who" }, view.name) : h("span", { class: "sr" }, `${mine ? "我" : view.name}：`),
      content(message, view),
      state(message),
    ),
  );
}

/**
 * @param {Message} message
 * @param {{press: (id: string, action: string, form: Record<string, string>) => Promise<?string>}} view
 */
function content(message, view) {
  if (message.card) return renderCard(message.card, message.id, (action, form) => view.press(message.id, action, form));
  if (message.file) return upload(message.file);
  return h("p", { class: "bubble" }, message.text);
}

/** @param {Message} message */
function state(message) {
  if (message.pending === "sending") return h("p", { class: "state" }, "发送中…");
  if (message.pending !== "failed") return null;
  const again = h("button", { type: "button", class: "linklike", onclick: message.again }, "重发");
  return h("p", { class: "state fault", role: "alert" }, `没发出去：${message.why ?? "请重试"} `, again);
}

/** @param {import("./types.js").Upload} file */
function upload(file) {
  if (file.kind === "voice") return voice(file);
  if (file.kind === "image") return image(file);
  if (file.kind === "video") return h("video", { class: "picture", src: file.url, controls: true, preload: "metadata" });
  return download(file);
}

/** @param {import("./types.js").Upload} file */
function image(file) {
  const picture = h("img", { class: "picture", src: file.url, alt: file.name, loading: "lazy" });
  const frame = h("a", { href: file.url, target: "_blank", rel: "noopener" }, picture);
  picture.addEventListener("error", () => frame.replaceWith(download(file)));
  return frame;
}

/** @param {import("./types.js").Upload} file */
function download(file) {
  return h(
    "a",
    { class: "bubble attachment", href: file.url, download: file.name },
    icon("file"),
    h("span", {}, h("b", {}, file.name), h("small", {}, size(file.size))),
  );
}

/** @param {number} bytes */
const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

/** @type {?HTMLAudioElement} */
let playing = null;

/** @param {import("./types.js").Upload} file */
function voice(file) {
  const sound = new Audio();
  const time = h("span", { class: "voice-time" }, "语音");
  const button = h("button", { type: "button", class: "bubble voice", "aria-label": "播放语音" }, icon("play"), bars(), time);
  const show = () => {
    const known = Number.isFinite(sound.duration) ? sound.duration : 0;
    const shown = sound.paused && !sound.currentTime ? known : sound.currentTime;
    time.textContent = shown || known ? `${Math.round(shown)}″` : "语音";
    button.classList.toggle("playing", !sound.paused);
    button.setAttribute("aria-label", sound.paused ? "播放语音" : "暂停");
    button.firstElementChild?.replaceWith(icon(sound.paused ? "play" : "pause"));
  };
  for (const event of ["loadedmetadata", "timeupdate", "play", "pause", "ended"]) sound.addEventListener(event, show);
  sound.addEventListener("error", () => button.replaceWith(unplayable(file)));
  button.addEventListener("click", () => toggle(sound));
  sound.preload = "metadata";
  sound.src = file.url;
  return button;
}

/** @param {HTMLAudioElement} sound */
function toggle(sound) {
  if (!sound.paused) return sound.pause();
  playing?.pause();
  playing = sound;
  return void sound.play().catch(() => undefined);
}

function bars() {
  return h("span", { class: "bars", "aria-hidden": true }, ...Array.from({ length: 14 }, () => h("i")));
}

/** @param {import("./types.js").Upload} file */
function unplayable(file) {
  const node = download(file);
  node.append(h("small", { class: "hint" }, "浏览器放不了这种录音，点击下载；助手照样能听懂。"));
  return node;
}
