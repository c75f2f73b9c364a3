/** Recording a voice note: Opus in WebM, or what the browser has. */

const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const EXTENSIONS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };

/** @returns {?string} why this browser cannot record here, or null when it can */
export function whyNot() {
  if (!window.isSecureContext) {
    return "浏览器只允许 https 或本机地址的网页使用麦克风，当前地址不行。可以直接上传录音文件（手机上能现录）。";
  }
  if (!navigator.mediaDevices?.getUserMedia || !("MediaRecorder" in window)) {
    return "这个浏览器不支持录音，可以直接上传录音文件。";
  }
  return null;
}

export class Recorder {
  /** @type {?MediaRecorder} */
  #recorder = null;
  /** @type {Blob[]} */
  #chunks = [];
  #started = 0;

  get recording() {
    return this.#recorder !== null;
  }

  /** Seconds so far. */
  get seconds() {
    return this.recording ? (performance.now() - this.#started) / 1000 : 0;
  }

  /** Asks for the microphone and begins. Throws `DOMException` when it is refused or missing. */
  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    this.#chunks = [];
    this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
    this.#recorder.ondataavailable = (event) => this.#chunks.push(event.data);
    this.#recorder.start(500);
    this.#started = performance.now();
  }

  /** Ends, and gives the microphone back. @returns {Promise<File>} */
  async stop() {
    const recorder = this.#recorder;
    if (!recorder) throw new Error("not recording");
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    recorder.stop();
    await stopped;
    for (const track of recorder.stream.getTracks()) track.stop();
    this.#recorder = null;
    const type = recorder.mimeType.split(";")[0];
    const extension = EXTENSIONS[/** @type {keyof typeof EXTENSIONS} */ (type)] ?? "webm";
    return new File(this.#chunks, `录音.${extension}`, { type });
  }

  /** Ends and forgets it. */
  async cancel() {
    if (this.recording) await this.stop();
    this.#chunks = [];
  }
}

/** @param {unknown} error @returns {string} what to tell the user */
export function microphoneFault(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "没有麦克风权限。请在地址栏左侧允许使用麦克风，或者上传录音文件。";
  if (name === "NotFoundError") return "没找到麦克风。可以上传录音文件。";
  return "麦克风打不开，可能被别的程序占用了。可以上传录音文件。";
}
