/** The demo's clock: shows business time and lets it pass. */
import { moveClock } from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import { calendarDay, clockTime, fieldValue, nextMorning, now, setNow } from "./time.js";

/** Build the bar, once; it stands above everything. */
export function showClock() {
  const bar = byId("clock");
  const day = h("span", { class: "clock-day" });
  const time = h("b", { class: "clock-time" });
  const tick = () => {
    day.textContent = calendarDay(now());
    time.textContent = clockTime(now());
  };
  const jump = (/** @type {{advance?: string, set?: string}} */ wanted) => move(bar, wanted).then(tick);
  const jumps = [
    jumpButton("+5 分", () => jump({ advance: "PT5M" })),
    jumpButton("+1 小时", () => jump({ advance: "PT1H" })),
    jumpButton("+1 天", () => jump({ advance: "P1D" })),
    jumpButton("次日 9:00", () => jump({ set: nextMorning() })),
  ];
  bar.replaceChildren(
    h("span", { class: "clock-label", title: "演示时间，可以往前拨" }, icon("clock"), h("span", {}, "演示时间")),
    h("span", { class: "clock-now", role: "timer" }, day, " ", time),
    h("span", { class: "clock-jumps" }, ...jumps, ...chosen(jump)),
  );
  bar.hidden = false;
  tick();
  setInterval(tick, 1000);
}

/** @param {string} label @param {() => Promise<void>} act */
const jumpButton = (label, act) => h("button", { type: "button", onclick: act }, label);

/**
 * @param {HTMLElement} bar
 * @param {{advance?: string, set?: string}} wanted
 */
export async function move(bar, wanted) {
  if (bar.classList.contains("busy")) return;
  bar.classList.add("busy");
  bar.setAttribute("aria-busy", "true");
  try {
    const { now: at } = await moveClock(wanted);
    setNow(at);
    toast(`时间走到了 ${calendarDay(now())} ${clockTime(now())}`);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "fault");
  } finally {
    bar.classList.remove("busy");
    bar.removeAttribute("aria-busy");
  }
}

/** @param {(wanted: {set: string}) => Promise<void>} jump */
function chosen(jump) {
  const field = /** @type {HTMLInputElement} */ (h("input", { type: "datetime-local", "aria-label": "跳到这个时间" }));
  const form = h("form", { class: "clock-custom", hidden: true }, field, h("button", {}, "跳到"));
  const open = h("button", { type: "button", "aria-expanded": "false" }, "自定…");
  open.addEventListener("click", () => {
    form.hidden = !form.hidden;
    open.setAttribute("aria-expanded", String(!form.hidden));
    field.min = field.value = fieldValue(now());
    if (!form.hidden) field.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.hidden = true;
    if (field.value) void jump({ set: field.value });
  });
  return [open, form];
}
