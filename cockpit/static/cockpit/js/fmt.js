// @ts-check
/** Instants, durations and ages in the reader's zone. Knows nothing of the page but `<time data-f>`. */

const root = document.documentElement;
const ownZone = root.dataset.zone || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const DAY = 86_400_000;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @returns {string} the zone in which times are shown now */
export const zone = () => (localStorage.getItem("utc") === "yes" ? "UTC" : ownZone);

/** Shows all times in UTC, or back in the reader's zone. */
export function flipZone() {
  localStorage.setItem("utc", zone() === "UTC" && ownZone !== "UTC" ? "no" : "yes");
  formatAll(document);
  document.dispatchEvent(new CustomEvent("zone"));
}

/**
 * @param {Date} moment
 * @param {string} [inZone]
 * @returns {Record<string, string>} the parts of the instant: year, month, day, weekday, hour, minute, second
 */
function parts(moment, inZone = zone()) {
  let format = formats.get(inZone);
  if (!format) {
    const two = "2-digit";
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: inZone, hourCycle: "h23", weekday: "short", year: "numeric", month: two, day: two,
      hour: two, minute: two, second: two,
    });
    formats.set(inZone, format);
  }
  return Object.fromEntries(format.formatToParts(moment).map((p) => [p.type, p.value]));
}

/** @param {Record<string, string>} p */
const clockOf = (p) => `${p.hour}:${p.minute}:${p.second}`;
/** @param {Record<string, string>} p */
const dateOf = (p) => `${p.year}-${p.month}-${p.day}`;

/** @param {Date} moment @returns {string} `02:14:37`, with weekday or date on another day */
export function hms(moment) {
  const p = parts(moment), now = parts(new Date());
  if (dateOf(p) === dateOf(now)) return clockOf(p);
  const near = Math.abs(Date.now() - moment.getTime()) < 6 * DAY;
  return near ? `${p.weekday} ${clockOf(p)}` : `${dateOf(p)} ${p.hour}:${p.minute}`;
}

/** @param {Date} moment @returns {string} `02:14:37.120` */
export const hmsMillis = (moment) =>
  `${clockOf(parts(moment))}.${String(moment.getUTCMilliseconds()).padStart(3, "0")}`;

/** @param {Date} moment @returns {string} date, time and zone */
export function full(moment) {
  const p = parts(moment);
  return `${dateOf(p)} ${clockOf(p)} ${zone()}`;
}

/** @param {number} seconds @returns {string} `14 m 36 s` */
export function duration(seconds) {
  const whole = Math.floor(Math.abs(seconds)), sign = seconds <= -1 ? "-" : "";
  const s = whole % 60, m = Math.floor(whole / 60) % 60, h = Math.floor(whole / 3600) % 24, d = Math.floor(whole / 86_400);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (d) return `${sign}${d} d ${two(h)} h`;
  if (h) return `${sign}${h} h ${two(m)} m`;
  return m ? `${sign}${m} m ${two(s)} s` : `${sign}${s} s`;
}

/** @param {Date} moment @returns {string} `3 m 33 s ago`, `in 5 m 00 s` */
export function age(moment) {
  const seconds = (Date.now() - moment.getTime()) / 1000;
  return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
}

/** @param {number} number @returns {string} `40 643` with narrow spaces */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** @param {number} bytes @returns {string} `10.4 MB` */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const unit = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${(bytes / 1000 ** unit).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][unit]}`;
}

/** @type {Record<string, (moment: Date) => string>} */
const FORMS = {
  hms, full, age, ms: hmsMillis,
  since: (moment) => duration(Math.max(0, (Date.now() - moment.getTime()) / 1000)),
};

/** @param {HTMLTimeElement} element */
function show(element) {
  const form = element.dataset.f || "hms";
  if (form === "clock") return showClock(element);
  const moment = new Date(element.dateTime);
  if (!FORMS[form] || Number.isNaN(moment.getTime())) return;
  const text = FORMS[form](moment);
  if (element.textContent !== text) element.textContent = text;
  element.title = `${full(moment)} · ${element.dateTime}`;
}

/** @param {HTMLTimeElement} element */
function showClock(element) {
  const now = new Date(), utc = clockOf(parts(now, "UTC"));
  const other = zone() === "UTC" ? "" : ` · ${utc} UTC`;
  if (!element.firstElementChild) {
    const time = document.createElement("b"), rest = document.createElement("span"), more = document.createElement("span");
    rest.className = "muted";
    more.className = "muted zone-other";
    element.append(time, " ", rest, more);
  }
  const [time, rest, more] = element.children;
  time.textContent = clockOf(parts(now));
  rest.textContent = zone();
  more.textContent = other;
  element.dateTime = now.toISOString();
}

/** Formats every `<time data-f>` below a node. @param {ParentNode} node */
export function formatAll(node) {
  for (const element of node.querySelectorAll("time[data-f]")) show(/** @type {HTMLTimeElement} */ (element));
}

/** Formats what stands in the page and what comes into it, and lets ages and durations grow. */
export function start() {
  formatAll(document);
  new MutationObserver((records) => {
    for (const record of records)
      for (const node of record.addedNodes)
        if (node instanceof Element) {
          if (node.matches("time[data-f]")) show(/** @type {HTMLTimeElement} */ (node));
          else if (node.firstElementChild) formatAll(node);
        }
  }).observe(document.body, { childList: true, subtree: true });
  setInterval(() => {
    if (document.hidden) return;
    const growing = document.querySelectorAll('time[data-f="age"], time[data-f="since"], time[data-f="clock"]');
    for (const element of growing) show(/** @type {HTMLTimeElement} */ (element));
  }, 1000);
}
