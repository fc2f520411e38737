// @ts-check
/**
 * `<plan-timeline data-url data-topic data-from data-begin data-end data-hours data-rows data-day-url>`: the day
 * as lanes of bars. The server packs the lanes; this draws them, zooms, pans and lets the table below follow.
 * Everything here is said by that table, too: the drawing itself is hidden from screen readers.
 */

import { asking } from "./asking.js";
import { bus } from "./bus.js";
import { grouped } from "./fmt.js";
import { bind, make } from "./keys.js";
import { draw } from "./svg.js";

/**
 * @typedef {{id: string, name: string, b: number, e: number, p50: number, p95: number, by: string, s: string, late: boolean, deadline: number, lane: number}} Bar
 * @typedef {{name: string, href: string, count: number, rows: number, bars: Bar[], ticks: {at: number, s: string}[], slots: {at: number, n: number, s: string}[]}} Lane
 * @typedef {{begin: number, end: number, now: number, lanes: {lanes: Lane[], after: string, slot: number, capped: number}, hours: {at: number, text: string}[], jumps: {at: number, text: string}[], off: {b: number, e: number, text: string}[], path: {orders: string[], sentence: string} | null, forecast: number, assumed: string[]}} Shown
 */

const ZOOMS = [2, 12, 24];
const HOUR = 3_600_000;
const ROW = 20, PAD = 4, HEAD = 24;

class PlanTimeline extends HTMLElement {
  /** @type {Shown | null} */
  #shown = null;
  #from = 0;
  #hours = 12;
  #after = "";
  /** @type {{x: number, from: number, moved: boolean} | null} */
  #drag = null;
  #stops = [() => {}];
  #ask = asking(() => this.#load());
  #follow = asking(() => this.#fill());

  connectedCallback() {
    this.#from = Number(this.dataset.from);
    this.#hours = Number(this.dataset.hours);
    this.#stops = [bus.subscribe(this.dataset.topic || "", { hint: () => this.#ask() })];
    const clock = setInterval(() => document.hidden || this.#paint(), 15_000);
    const size = new ResizeObserver(() => this.#paint());
    size.observe(this);
    this.#stops.push(() => clearInterval(clock), () => size.disconnect());
    for (const zoom of ZOOMS) this.querySelector(`[data-zoom="${zoom}"]`)?.addEventListener("click", () => this.#zoom(zoom));
    this.#listen();
    const here = () => this.isConnected, zoomed = (/** @type {number} */ by) => ZOOMS[Math.max(0, Math.min(ZOOMS.indexOf(this.#hours) + by, 2))];
    bind("+", "zoom in", () => this.#zoom(zoomed(-1)), here);
    bind("-", "zoom out", () => this.#zoom(zoomed(1)), here);
    bind("ArrowLeft", "earlier", () => this.#go(this.#from - this.#length / 4), here);
    bind("ArrowRight", "later", () => this.#go(this.#from + this.#length / 4), here);
    this.#ask();
  }

  disconnectedCallback() {
    for (const stop of this.#stops) stop();
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-${name}]`));
  }

  get #length() {
    return Math.min(this.#hours * HOUR, Number(this.dataset.end) - Number(this.dataset.begin));
  }

  /** @param {number} from @returns {number} the nearest begin that shows nothing outside of the day */
  #within(from) {
    const begin = Number(this.dataset.begin), last = Number(this.dataset.end) - this.#length;
    return Math.max(begin, Math.min(from, last));
  }

  /** @param {number} hours */
  #zoom(hours) {
    const middle = this.#from + this.#length / 2;
    this.#hours = hours;
    this.#go(middle - this.#length / 2);
  }

  /** @param {number} from */
  #go(from) {
    this.#from = this.#within(from);
    const url = new URL(location.href);
    url.searchParams.set("hours", String(this.#hours));
    url.searchParams.set("from", new Date(this.#from).toISOString().slice(0, 19) + "Z");
    history.replaceState(null, "", url);
    this.#paint();
    this.#ask();
    this.#follow();
  }

  /** Asks for the lanes of what is in view. @returns {Promise<boolean>} */
  async #load() {
    if (!this.isConnected) return true;
    const url = new URL(this.dataset.url || "", location.href), page = new URL(location.href);
    url.searchParams.set("hours", String(this.#hours));
    url.searchParams.set("from", new Date(this.#from).toISOString());
    url.searchParams.set("path", page.searchParams.get("path") || "");
    url.searchParams.set("after", this.#after);
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    this.#shown = await answer.json();
    this.#paint();
    return true;
  }

  /** Lets the table below show what is in view. @returns {Promise<boolean>} */
  async #fill() {
    const table = document.getElementById("in-view");
    if (!table) return true;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("in-view");
    if (!fresh) return true;
    table.replaceChildren(...document.importNode(fresh, true).childNodes);
    /** @type {any} */ (window).htmx?.process(table);
    return true;
  }

  #listen() {
    const chart = this.#part("chart");
    chart.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.#drag = { x: event.clientX, from: this.#from, moved: false };
    });
    addEventListener("pointermove", (event) => {
      if (!this.#drag) return;
      const by = event.clientX - this.#drag.x;
      this.#drag.moved ||= Math.abs(by) > 4;
      this.#from = this.#within(this.#drag.from - (by / chart.clientWidth) * this.#length);
      if (this.#drag.moved) this.#paint();
    });
    addEventListener("pointerup", (event) => {
      const drag = this.#drag;
      this.#drag = null;
      const bar = event.target instanceof Element && event.target.closest("[data-order]");
      if (drag?.moved) this.#go(this.#from);
      else if (drag && bar) this.#choose(bar.getAttribute("data-order") || "");
    });
  }

  /** Shows an order beside the timeline, and the critical path to it. @param {string} id */
  #choose(id) {
    const url = new URL(location.href), address = `${this.dataset.dayUrl}orders/${encodeURIComponent(id)}/`;
    url.searchParams.set("path", id);
    history.replaceState(null, "", url);
    /** @type {any} */ (window).htmx?.ajax("GET", address, { target: "#drawer", swap: "innerHTML" });
    this.#ask();
  }

  #paint() {
    const shown = this.#shown, chart = this.#part("chart");
    if (!shown) return;
    for (const zoom of ZOOMS) this.querySelector(`[data-zoom="${zoom}"]`)?.setAttribute("aria-pressed", String(zoom === this.#hours));
    const width = chart.clientWidth, scale = width / this.#length;
    const x = (/** @type {number} */ at) => Math.round((at - this.#from) * scale * 10) / 10;
    const heights = shown.lanes.lanes.map((lane) => Math.max(lane.rows, 1) * ROW + PAD * 2);
    const height = HEAD + heights.reduce((sum, h) => sum + h, 0);
    const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.#ground(svg, x, shown, width, height);
    const chosen = new Set(shown.path?.orders || []);
    let top = HEAD;
    for (const [i, lane] of shown.lanes.lanes.entries()) {
      draw("line", { class: "tl-lane", x1: 0, x2: width, y1: top + heights[i], y2: top + heights[i] }, svg);
      this.#lane(svg, x, lane, top + PAD, shown, chosen);
      top += heights[i];
    }
    const now = x(Date.now());
    if (now >= 0 && now <= width) {
      draw("line", { class: "tl-now", x1: now, x2: now, y1: 18, y2: height }, svg);
      draw("rect", { class: "tl-now-box", x: now - 16, y: 2, width: 32, height: 16, rx: 3 }, svg);
      draw("text", { class: "tl-now-text", x: now, y: 14, "text-anchor": "middle" }, svg, "now");
    }
    chart.replaceChildren(svg);
    this.#names(shown, heights);
    this.#said(shown);
  }

  /** @param {Element} svg @param {(at: number) => number} x @param {Shown} shown @param {number} width @param {number} height */
  #ground(svg, x, shown, width, height) {
    for (const off of shown.off) {
      const left = Math.max(x(off.b), 0), right = Math.min(x(off.e), width);
      if (right <= left) continue;
      draw("rect", { class: "tl-off", x: left, y: HEAD, width: right - left, height: height - HEAD }, svg);
      draw("text", { class: "tl-note", x: left + 4, y: height - 4 }, svg, off.text);
    }
    const every = Math.max(1, Math.ceil(58 / Math.max(x(this.#from + HOUR), 1)));
    for (const [n, hour] of shown.hours.entries()) {
      const at = x(hour.at);
      if (at < 0 || at > width || n % every) continue;
      draw("line", { class: "tl-hour", x1: at, x2: at, y1: HEAD - 4, y2: height }, svg);
      draw("text", { class: "tl-clock", x: at + 3, y: 15 }, svg, hour.text);
    }
    for (const jump of shown.jumps) {
      draw("line", { class: "tl-jump", x1: x(jump.at), x2: x(jump.at), y1: HEAD, y2: height }, svg);
      draw("text", { class: "tl-note", x: x(jump.at) + 4, y: HEAD + 12 }, svg, jump.text);
    }
  }

  /** @param {Element} svg @param {(at: number) => number} x @param {Lane} lane @param {number} top @param {Shown} shown @param {Set<string>} chosen */
  #lane(svg, x, lane, top, shown, chosen) {
    const most = Math.max(1, ...lane.slots.map((slot) => slot.n)), wide = x(this.#from + (shown.lanes.slot || (shown.end - shown.begin) / 48));
    for (const slot of lane.slots)
      draw("rect", { class: `tl-slot st-${slot.s}`, x: x(slot.at), y: top, width: Math.max(wide - 0.5, 1), height: ROW - 4, opacity: 0.25 + 0.75 * (slot.n / most) }, svg);
    for (const tick of lane.ticks)
      draw("rect", { class: `tl-tick st-${tick.s}`, x: x(tick.at), y: top + 1, width: 4, height: ROW - 6, rx: 1 }, svg);
    for (const bar of lane.bars) this.#bar(svg, x, bar, top + bar.lane * ROW, chosen.has(bar.id));
  }

  /** @param {Element} svg @param {(at: number) => number} x @param {Bar} bar @param {number} y @param {boolean} chosen */
  #bar(svg, x, bar, y, chosen) {
    const live = bar.s === "running" ? Math.max(bar.e, Date.now()) : bar.e;
    const ran = live ? Math.max(x(live) - x(bar.b), 3) : 0, from = live || bar.b, h = ROW - 6;
    const group = draw("g", { class: `tl-bar st-${bar.s}${bar.late ? " tl-late" : ""}${chosen ? " tl-path" : ""}`, "data-order": bar.id }, svg);
    if (ran) draw("rect", { class: "tl-ran", x: x(bar.b), y, width: ran, height: h, rx: 2 }, group);
    const left = x(from), right = bar.p50 ? Math.max(x(bar.p50), left + 4) : left + 12;
    if (bar.by) draw("rect", { class: `tl-to-come tl-${bar.by}`, x: left, y, width: right - left, height: h, rx: 2, fill: bar.by === "unknown" ? "none" : "url(#tl-hatch)" }, group);
    if (bar.by === "unknown") draw("text", { class: "tl-unknown", x: left + 3, y: y + h - 3 }, group, "?");
    if (bar.p95) draw("line", { class: "tl-p95", x1: x(bar.p95), x2: x(bar.p95), y1: y, y2: y + h }, group);
    if (bar.deadline) draw("line", { class: "tl-deadline", x1: x(bar.deadline), x2: x(bar.deadline), y1: y - 3, y2: y + h + 3 }, group);
    const told = { forecast: "forecast", typical: "usual duration", unknown: "duration unknown" }[bar.by];
    draw("title", {}, group, [bar.name, bar.s, bar.late && "late", told].filter(Boolean).join(", "));
  }

  /** @param {Shown} shown @param {number[]} heights */
  #names(shown, heights) {
    this.#part("names").replaceChildren(...shown.lanes.lanes.map((lane, i) => {
      const item = make("li"), name = lane.href ? document.createElement("a") : make("span");
      if (name instanceof HTMLAnchorElement) name.href = lane.href;
      name.textContent = lane.name;
      name.title = lane.name;
      item.style.height = `${heights[i]}px`;
      item.append(name, make("span", "count", `${grouped(lane.count)}${shown.lanes.slot ? "+" : ""}`));
      return item;
    }));
  }

  /** @param {Shown} shown */
  #said(shown) {
    const words = [];
    if (!shown.lanes.lanes.length) words.push("Nothing of the day matches.");
    if (shown.lanes.slot) words.push(`More than 2,000 orders are in view: strips show how dense they start, up to ${shown.lanes.capped} of a kind and slot. Zoom in or filter for bars.`);
    if (shown.path) words.push(`Critical path: ${shown.path.sentence || `${shown.path.orders.length} parts`}`);
    if (!shown.forecast) words.push("There is no forecast; ends to come are usual durations, or marked ? where nobody knows.");
    const note = this.#part("said"), more = this.#part("more"), text = words.join(" ");
    if (note.textContent !== text) note.textContent = text;
    const assumed = this.#part("assumed"), list = assumed.querySelector("ul");
    assumed.hidden = !shown.assumed.length;
    if (list && list.textContent !== shown.assumed.join("")) list.replaceChildren(...shown.assumed.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
    more.hidden = !shown.lanes.after && !this.#after;
    more.onclick = () => ((this.#after = shown.lanes.after), this.#ask());
    more.textContent = shown.lanes.after ? "Next lanes" : "First lanes";
  }
}

customElements.define("plan-timeline", PlanTimeline);
