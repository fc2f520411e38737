// @ts-check
/**
 * `<log-view data-url data-download [data-topic=log:JOBRUN]>`: a log of any size, of which only the lines
 * in sight are in the page. Opens at the end, follows what comes, searches on the server.
 */

import { withoutColours, writeColoured } from "./ansi.js";
import { ticking } from "./asking.js";
import { bus } from "./bus.js";
import { grouped, hmsMillis, size } from "./fmt.js";
import { bind, make } from "./keys.js";
import { LogLines } from "./log-lines.js";

const LINE = 18;
const MOST_LINES = 60;
const TALLEST = 8_000_000; // Browsers stop near 30 million pixels; above this, scrolling is scaled.
const LETTERS = 4000;
const SCANNED = 2000; // How far one look passes over lines of a stream that is switched off.

class LogView extends HTMLElement {
  #lines = new LogLines(this.dataset.url || "", () => this.#paint());
  #stop = () => {};
  #follow = false;
  #seen = 0;
  #first = 1;
  #query = "";
  /** @type {number[]} */
  #hits = [];
  #hit = -1;
  /** @type {[number, number] | null} */
  #target = null;
  #hidden = new Set();
  #paint = ticking(() => this.#render());

  async connectedCallback() {
    this.#build();
    this.#bindKeys();
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    addEventListener("hashchange", () => this.#toHash());
    document.addEventListener("zone", () => this.#paint());
    new ResizeObserver(() => this.#paint()).observe(this.#scroll);
    if (!(await this.#lines.tail())) this.#note.textContent = "The log could not be read. Reload the page to try again.";
    if (!this.#toHash()) this.#setFollow(true);
    if (this.dataset.topic && !this.#lines.ended) this.#listen(this.dataset.topic);
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {string} topic */
  #listen(topic) {
    /** @type {import("./bus.js").Subscription} */
    const subscription = {
      since: this.#lines.total,
      lines: (lines, ended) => {
        this.#lines.ended ||= ended;
        this.#lines.add(lines);
        subscription.since = this.#lines.total;
      },
      hint: () => void this.#lines.tail(),
    };
    this.#stop = bus.subscribe(topic, subscription);
  }

  // ---- the parts of the view

  #scroll = make("div", "log-scroll");
  #space = make("div", "log-space");
  #window = make("div", "log-lines");
  #note = make("span", "hits");
  #status = make("span");
  #more = make("button", "button primary small log-more");
  #search = /** @type {HTMLInputElement} */ (make("input"));
  /** @type {Record<string, HTMLElement>} */
  #switches = {};

  #build() {
    const tools = make("div", "log-tools"), box = make("label", "search"), body = make("div", "log-body"), foot = make("div", "foot");
    this.#search.type = "search";
    this.#search.placeholder = "Search this log";
    this.#search.setAttribute("aria-label", "Search this log");
    this.#search.dataset.key = "/";
    this.#note.setAttribute("role", "status");
    box.append(this.#search, this.#note);
    tools.append(box, this.#switch("stdout", () => this.#toggleStream("stdout"), true), this.#switch("stderr", () => this.#toggleStream("stderr"), true), make("span", "spacer"));
    for (const [name, act] of /** @type {[string, () => void][]} */ ([
      ["wrap", () => this.#toggleClass("wrap", "wrapped")], ["raw", () => this.#toggleClass("raw", "raw")],
      ["follow", () => this.#setFollow(!this.#follow)],
    ])) tools.append(this.#switch(name, act, false));
    const copy = make("button", "button", "copy");
    copy.addEventListener("click", (event) => this.#copy(event.shiftKey));
    copy.title = "Copies the linked or else the visible lines; with Shift also their times";
    tools.append(copy);
    if (this.dataset.download) tools.append(this.#downloadLink(this.dataset.download));
    this.#scroll.tabIndex = 0;
    this.#scroll.setAttribute("role", "log");
    this.#scroll.setAttribute("aria-live", "off");
    this.#scroll.setAttribute("aria-label", "Lines of the log");
    this.#more.hidden = true;
    this.#more.addEventListener("click", () => this.#setFollow(true));
    this.#space.append(this.#window);
    this.#scroll.append(this.#space);
    body.append(this.#scroll, this.#more);
    foot.append(this.#status);
    this.replaceChildren(tools, body, foot);
    this.#search.addEventListener("input", debounced(() => this.#find(), 300));
    this.#search.addEventListener("keydown", (event) => this.#typed(event));
    this.#window.addEventListener("click", (event) => this.#linked(event));
  }

  /** @param {string} name @param {() => void} act @param {boolean} on */
  #switch(name, act, on) {
    const button = make("button", "button", name);
    button.setAttribute("aria-pressed", String(on));
    button.addEventListener("click", act);
    this.#switches[name] = button;
    return button;
  }

  /** @param {string} url */
  #downloadLink(url) {
    const link = /** @type {HTMLAnchorElement} */ (make("a", "button", "download"));
    link.href = url;
    link.setAttribute("download", "");
    return link;
  }

  // ---- drawing

  get #view() {
    return this.#scroll.clientHeight;
  }

  /** @returns {number} how many lines one pixel of scrolling passes */
  get #perPixel() {
    const height = this.#height;
    return height > this.#view ? Math.max(this.#lines.total - this.#view / LINE, 0) / (height - this.#view) : 1 / LINE;
  }

  get #height() {
    return Math.min(this.#lines.total * LINE, TALLEST);
  }

  #render() {
    this.#space.style.height = `${this.#height}px`;
    if (this.#follow) this.#scroll.scrollTop = this.#height;
    const top = this.#scroll.scrollTop, wanted = top * this.#perPixel;
    const shown = Math.min(Math.ceil(this.#view / LINE) + 2, MOST_LINES);
    this.#first = Math.max(1, Math.floor(wanted) + 1);
    const rows = this.#rows(shown);
    this.#window.replaceChildren(...rows);
    const low = this.#window.offsetHeight;
    const atEnd = top + this.#view >= this.#height - 1;
    // The last line must end at the lower edge, however high wrapped lines are.
    const place = atEnd && low > this.#view ? top + this.#view - low : top - (wanted % 1) * LINE;
    this.#window.style.transform = `translateY(${this.#height > this.#view ? place : 0}px)`;
    this.#tell(shown);
  }

  /** @param {number} count @returns {HTMLElement[]} */
  #rows(count) {
    const rows = [], last = Math.min(this.#lines.total, this.#first + (this.#hidden.size ? SCANNED : count) - 1);
    for (let no = this.#first; no <= last && rows.length < count; no++) {
      const line = this.#lines.get(no);
      if (!line && this.#hidden.size) break;
      if (!line || !this.#hidden.has(line[2])) rows.push(this.#row(no, line));
    }
    return rows;
  }

  /** @param {number} no @param {import("./bus.js").LogLine} [line] */
  #row(no, line) {
    const targeted = this.#target && no >= this.#target[0] && no <= this.#target[1];
    const row = make("div", `log-line ${line?.[2] === "stderr" ? "stderr" : ""}${targeted ? " target" : ""}${this.#hits[this.#hit] === no ? " current" : ""}`);
    const number = /** @type {HTMLAnchorElement} */ (make("a", "", String(no))), cell = make("span", "no"), text = make("span", "line-text");
    number.href = `#L${no}`;
    number.tabIndex = -1;
    cell.append(number);
    row.append(cell);
    if (!line) return row;
    const clipped = line[3].length > LETTERS ? `${line[3].slice(0, LETTERS)}… (${grouped(line[3].length - LETTERS)} more letters, see the download)` : line[3];
    writeColoured(text, clipped, (piece) => this.#marked(piece));
    row.append(make("span", "at", hmsMillis(new Date(line[1] / 1000))), make("span", "stream", line[2]), text);
    return row;
  }

  /** @param {string} text @returns {Node} */
  #marked(text) {
    const wanted = this.#query.toLowerCase(), lower = text.toLowerCase();
    let at = wanted ? lower.indexOf(wanted) : -1;
    if (at < 0) return document.createTextNode(text);
    const pieces = document.createDocumentFragment();
    let from = 0;
    for (; at >= 0; at = lower.indexOf(wanted, from)) {
      pieces.append(text.slice(from, at), make("mark", "", text.slice(at, at + wanted.length)));
      from = at + wanted.length;
    }
    pieces.append(text.slice(from));
    return pieces;
  }

  /** @param {number} shown */
  #tell(shown) {
    const last = Math.min(this.#first + shown - 1, this.#lines.total);
    const parts = [`${grouped(this.#lines.total)} lines`, size(this.#lines.bytes || 0), `lines ${grouped(Math.min(this.#first, last))}–${grouped(last)}`, this.#lines.ended ? "ended" : "growing"];
    this.#status.textContent = this.#lines.total ? parts.join(" · ") : this.#lines.ended ? "The job wrote nothing." : "No line yet.";
    if (this.#follow) this.#seen = this.#lines.total;
    const fresh = this.#lines.total - this.#seen;
    this.#more.hidden = this.#follow || fresh <= 0;
    this.#more.textContent = `${grouped(fresh)} new ${fresh === 1 ? "line" : "lines"}`;
  }

  // ---- moving

  #lastTop = 0;

  #scrolled() {
    const top = this.#scroll.scrollTop, up = top < this.#lastTop - 1;
    this.#lastTop = top;
    if (up && this.#follow && top + this.#view < this.#height - LINE) this.#setFollow(false);
    requestAnimationFrame(() => this.#render());
  }

  /** @param {boolean} on */
  #setFollow(on) {
    this.#follow = on;
    this.#switches.follow.setAttribute("aria-pressed", String(on));
    this.#seen = this.#lines.total;
    this.#render();
  }

  /** Shows a line in the middle. @param {number} no */
  #go(no) {
    if (this.#follow) this.#setFollow(false);
    this.#space.style.height = `${this.#height}px`;
    this.#scroll.scrollTop = Math.max(0, (no - this.#view / LINE / 2) / this.#perPixel);
    this.#render();
  }

  /** @returns {boolean} whether the address names lines */
  #toHash() {
    const found = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    if (!found) return false;
    const from = Number(found[1]), to = Number(found[2] || from);
    this.#target = [Math.min(from, to), Math.max(from, to)];
    this.#go(from);
    return true;
  }

  /** Shift-click on a number links a range. @param {MouseEvent} event */
  #linked(event) {
    const link = event.target instanceof Element && event.target.closest(".no a");
    if (!link || !event.shiftKey || !this.#target) return;
    event.preventDefault();
    location.hash = `#L${this.#target[0]}-${link.textContent}`;
  }

  // ---- searching and switching

  async #find() {
    this.#query = this.#search.value;
    this.#hits = [];
    this.#hit = -1;
    this.#note.textContent = "";
    if (!this.#query) return this.#render();
    const wanted = this.#query, found = await this.#lines.find(wanted);
    if (wanted !== this.#query) return;
    if (!found) {
      this.#note.textContent = "no answer";
      return;
    }
    this.#hits = found.hits;
    this.#note.textContent = found.count ? `${grouped(found.count)} hits` : "no hit";
    const below = this.#hits.findIndex((no) => no >= this.#first);
    if (this.#hits.length) this.#toHit(below < 0 ? 0 : below);
    else this.#render();
  }

  /** @param {number} at */
  #toHit(at) {
    if (!this.#hits.length) return;
    this.#hit = (at + this.#hits.length) % this.#hits.length;
    this.#note.textContent = `${grouped(this.#hit + 1)} / ${grouped(this.#hits.length)}`;
    this.#go(this.#hits[this.#hit]);
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "Enter") this.#toHit(this.#hit + (event.shiftKey ? -1 : 1));
    else if (event.key === "Escape") this.#scroll.focus();
    else return;
    event.preventDefault();
  }

  /** @param {string} stream */
  #toggleStream(stream) {
    if (!this.#hidden.delete(stream)) this.#hidden.add(stream);
    this.#switches[stream].setAttribute("aria-pressed", String(!this.#hidden.has(stream)));
    this.#render();
  }

  /** @param {string} name @param {string} css */
  #toggleClass(name, css) {
    this.#switches[name].setAttribute("aria-pressed", String(this.classList.toggle(css)));
    this.#render();
  }

  /** @param {boolean} withTimes */
  #copy(withTimes) {
    const [from, to] = this.#target || [this.#first, Math.min(this.#first + Math.floor(this.#view / LINE) - 1, this.#lines.total)];
    const copied = [];
    for (let no = from; no <= to; no++) {
      const line = this.#lines.get(no);
      if (line) copied.push((withTimes ? `${new Date(line[1] / 1000).toISOString()} ` : "") + withoutColours(line[3]));
    }
    void navigator.clipboard?.writeText(copied.join("\n"));
  }

  #bindKeys() {
    bind("f", "follow the end", () => this.#setFollow(!this.#follow));
    bind("w", "wrap long lines", () => this.#toggleClass("wrap", "wrapped"));
    bind("n", "next hit", () => this.#toHit(this.#hit + 1), () => this.#hits.length > 0);
    bind("Shift+n", "hit before", () => this.#toHit(this.#hit - 1), () => this.#hits.length > 0);
    bind("g g|Home", "first line", () => this.#go(1));
    bind("Shift+g|End", "last line", () => this.#setFollow(true));
    bind("PageDown", "a page down", () => this.#go(this.#first + Math.floor((this.#view / LINE) * 1.5)));
    bind("PageUp", "a page up", () => this.#go(this.#first - Math.floor((this.#view / LINE) * 0.5)));
  }
}

/** @param {() => void} work @param {number} wait */
function debounced(work, wait) {
  /** @type {number | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
}

customElements.define("log-view", LogView);
