/** Where a message is written, spoken or attached. */
import { h, icon, toast } from "./dom.js";
import { Recorder, microphoneFault, whyNot } from "./recorder.js";

const HOLD_MS = 500;
const MAX_SECONDS = 300;

/**
 * @param {{send: (text: string) => void, upload: (file: File) => void, placeholder: string, maxMb: number}} options
 * @returns {{node: HTMLElement, fill: (text: string) => void, take: (files: Iterable<File>) => void}}
 */
export function composer(options) {
  const text = /** @type {HTMLTextAreaElement} */ (
    h("textarea", { rows: 1, placeholder: options.placeholder, "aria-label": "消息", enterkeyhint: "send", maxlength: 20000 })
  );
  const send = h("button", { type: "submit", class: "round send", "aria-label": "发送", title: "发送（回车）" }, icon("send"));
  const take = (/** @type {Iterable<File>} */ files) => takeFiles(files, options);
  const row = h("form", { class: "composer" }, ...voiceButton(options, take), attachButton(take), text, send);
  const submit = () => {
    const said = text.value.trim();
    if (!said) return;
    options.send(said);
    text.value = "";
    grow(text);
  };
  row.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener("input", () => grow(text));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
  const fill = (/** @type {string} */ words) => {
    text.value = words;
    grow(text);
    text.focus();
    row.classList.add("hinted");
    setTimeout(() => row.classList.remove("hinted"), 1600);
  };
  return { node: row, fill, take };
}

/** @param {HTMLTextAreaElement} text */
function grow(text) {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  text.form?.classList.toggle("filled", text.value.trim() !== "");
}

/**
 * @param {Iterable<File>} files
 * @param {{upload: (file: File) => void, maxMb: number}} options
 */
function takeFiles(files, options) {
  for (const file of files) {
    if (file.size === 0) toast(`“${file.name}”是空的。`, "fault");
    else if (file.size > options.maxMb * 1024 * 1024) toast(`“${file.name}”超过 ${options.maxMb} MB，发不了。`, "fault");
    else options.upload(file);
  }
}

/** @param {string} accept @param {(files: Iterable<File>) => void} take @param {boolean} [capture] */
function picker(accept, take, capture = false) {
  const field = /** @type {HTMLInputElement} */ (
    h("input", { type: "file", accept, hidden: true, multiple: !capture, capture: capture ? "user" : null, tabindex: -1 })
  );
  field.addEventListener("change", () => {
    take([...(field.files ?? [])]);
    field.value = "";
  });
  return field;
}

/** @param {(files: Iterable<File>) => void} take */
function attachButton(take) {
  const field = picker("", take);
  field.removeAttribute("accept");
  field.setAttribute("data-testid", "file");
  const open = () => field.click();
  const label = "发送图片、录音或文件";
  return h("span", { class: "attach" }, h("button", { type: "button", class: "round", "aria-label": label, title: `${label}（也可以拖进来）`, onclick: open }, icon("clip")), field);
}

/**
 * Click to start and click to send, or hold and let go. Where recording is not allowed: upload, and why.
 * @param {{upload: (file: File) => void}} options
 * @param {(files: Iterable<File>) => void} take
 * @returns {HTMLElement[]}
 */
function voiceButton(options, take) {
  const reason = whyNot();
  if (reason) return [uploadVoice(reason, take)];
  const recorder = new Recorder();
  const button = h("button", { type: "button", class: "round mic", "aria-label": "录音", title: "点一下开始录音，或按住说话" }, icon("mic"));
  const { bar, show } = recordingBar(recorder, () => finish(true), () => finish(false));
  const finish = async (/** @type {boolean} */ keep) => {
    if (!recorder.recording) return;
    const long = recorder.seconds >= 0.8;
    const file = await recorder.stop();
    show(false);
    if (keep && long) options.upload(file);
    else if (keep) toast("录音太短了，再说一次。");
    button.focus();
  };
  hold(button, recorder, finish, show);
  return [button, bar];
}

/**
 * @param {HTMLElement} button
 * @param {Recorder} recorder
 * @param {(keep: boolean) => Promise<void>} finish
 * @param {(on: boolean) => void} show
 */
function hold(button, recorder, finish, show) {
  let pressed = 0;
  const start = async () => {
    try {
      await recorder.start();
      show(true);
    } catch (error) {
      toast(microphoneFault(error), "fault");
    }
  };
  button.addEventListener("pointerdown", () => {
    pressed = performance.now();
    if (!recorder.recording) void start();
  });
  window.addEventListener("pointerup", () => {
    if (pressed && recorder.recording && performance.now() - pressed > HOLD_MS) void finish(true);
    pressed = 0;
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!recorder.recording) void start();
  });
}

/**
 * @param {Recorder} recorder
 * @param {() => void} send
 * @param {() => void} cancel
 * @returns {{bar: HTMLElement, show: (on: boolean) => void}}
 */
function recordingBar(recorder, send, cancel) {
  const time = h("b", {}, "0:00");
  const bar = h(
    "div",
    { class: "recording", hidden: true, role: "group", "aria-label": "正在录音" },
    h("i", { class: "dot", "aria-hidden": true }),
    time,
    h("span", { class: "grow" }, "正在录音，说完点发送"),
    h("button", { type: "button", class: "button", onclick: cancel }, "取消"),
    h("button", { type: "button", class: "button primary", onclick: send }, "发送"),
  );
  bar.addEventListener("keydown", (event) => event.key === "Escape" && cancel());
  let ticking = 0;
  const tick = () => {
    const seconds = Math.floor(recorder.seconds);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds >= MAX_SECONDS) send();
  };
  const show = (/** @type {boolean} */ on) => {
    bar.hidden = !on;
    clearInterval(ticking);
    if (on) ticking = window.setInterval(tick, 200);
    if (on) /** @type {HTMLElement} */ (bar.lastElementChild).focus();
  };
  return { bar, show };
}

/** @param {string} reason @param {(files: Iterable<File>) => void} take */
function uploadVoice(reason, take) {
  const field = picker("audio/*", take, true);
  const why = h("p", { class: "why", role: "note" }, reason);
  const open = () => field.click();
  const button = h("button", { type: "button", class: "round mic", "aria-label": "上传录音", title: reason, onclick: open }, icon("mic"));
  return h("span", { class: "attach insecure" }, button, field, why);
}
