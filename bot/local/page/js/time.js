/** Business time: the server's, ticking on here. Shown in the installation's zone, wherever the browser is. */

let base = 0;
let since = 0;
let offset = 0;

/** @param {string} iso with offset, as the server says it */
export function setNow(iso) {
  base = Date.parse(iso);
  since = performance.now();
  const found = /([+-])(\d\d):(\d\d)$/.exec(iso);
  if (found) offset = (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

/** Milliseconds since the epoch. */
export const now = () => base + performance.now() - since;

/** @param {number} at @returns {Date} whose UTC getters read local time */
const local = (at) => new Date(at + offset * 60_000);

const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
const WEEK = "日一二三四五六";

/** @param {number} at @returns {string} `14:05` */
export function clockTime(at) {
  const date = local(at);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** @param {number} at @returns {string} `3月5日 周四` */
export function calendarDay(at) {
  const date = local(at);
  return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日 周${WEEK[date.getUTCDay()]}`;
}

/** @param {number} at @returns {string} the day and time, as short as today allows */
export function when(at) {
  const days = Math.floor((now() + offset * 60_000) / 86_400_000) - Math.floor((at + offset * 60_000) / 86_400_000);
  if (days === 0) return clockTime(at);
  return `${days === 1 ? "昨天" : calendarDay(at)} ${clockTime(at)}`;
}

/** @param {number} at @returns {string} `2026-03-05T14:05`, as a datetime field takes it */
export const fieldValue = (at) => local(at).toISOString().slice(0, 16);

/** @returns {string} the next 09:00, at least a minute ahead, as the server takes it */
export function nextMorning() {
  const date = local(now());
  const today = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 9);
  return new Date(today + 86_400_000).toISOString().slice(0, 16);
}
