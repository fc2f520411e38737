// @ts-check
/**
 * `<live-part id data-topic [data-url] [data-pace=2] [data-every]>`: a part of the page that is asked for again when one of its
 * topics (separated by spaces) changes, at most once in `data-pace` seconds, and in any case each `data-every` seconds.
 * The answer is a page or fragment with the same id in it.
 */

import { bus } from "./bus.js";

/** @type {Map<string, Promise<string>>} parts of the same page share one question */
const asked = new Map();

class LivePart extends HTMLElement {
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #clock;
  #last = 0;

  connectedCallback() {
    const since = Number(this.dataset.upto || 0);
    for (const topic of (this.dataset.topic || "").split(" ").filter(Boolean))
      this.#stops.push(bus.subscribe(topic, { since, hint: () => this.#plan() }));
    this.#wind();
  }

  disconnectedCallback() {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    clearTimeout(this.#timer);
    clearInterval(this.#clock);
  }

  #wind() {
    clearInterval(this.#clock);
    const every = Number(this.dataset.every || 0) * 1000;
    if (every) this.#clock = setInterval(() => this.#plan(), every);
  }

  #plan() {
    if (this.#timer !== undefined) return;
    const pace = Number(this.dataset.pace || 2) * 1000;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (bus.frozen || document.hidden) return this.#plan();
      this.#last = Date.now();
      void this.#ask();
    }, Math.max(0, this.#last + pace - Date.now()));
  }

  async #ask() {
    try {
      const page = await pageAt(this.dataset.url || location.pathname + location.search);
      this.#take(new DOMParser().parseFromString(page, "text/html").getElementById(this.id));
    } catch {
      // The next hint asks again.
    }
  }

  /** Leaves the part alone while somebody works in it. @param {HTMLElement | null} fresh */
  #take(fresh) {
    // What asks for a dialog now must stay until the answer is there.
    if (this.querySelector(".htmx-request")) return this.#plan();
    const focused = document.activeElement, within = focused instanceof HTMLElement && this.contains(focused);
    if (!fresh || (within && focused.matches("input, select, textarea")) || this.querySelector("details[open]")) return;
    if (this.dataset.every !== fresh.dataset.every) {
      this.dataset.every = fresh.dataset.every || "0";
      this.#wind();
    }
    const at = within ? keyOf(focused) : "";
    this.replaceChildren(...document.importNode(fresh, true).childNodes);
    /** @type {any} */ (window).htmx?.process(this);
    if (!at) return;
    for (const element of this.querySelectorAll("a, button, [tabindex]"))
      if (element instanceof HTMLElement && keyOf(element) === at) return element.focus();
  }
}

/** @param {HTMLElement} element @returns {string} what stays the same of an element that is drawn anew */
const keyOf = (element) => element.id || `${element.localName} ${element.getAttribute("href")} ${element.getAttribute("aria-label")}`;

/** @param {string} url @returns {Promise<string>} */
function pageAt(url) {
  const known = asked.get(url);
  if (known) return known;
  const answer = fetch(url, { headers: { Accept: "text/html" } }).then((response) => {
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  });
  asked.set(url, answer);
  void answer.catch(() => {}).finally(() => asked.delete(url));
  return answer;
}

customElements.define("live-part", LivePart);
