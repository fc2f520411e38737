// @ts-check
/**
 * `<live-part id data-topic [data-url] [data-pace=2] [data-every]>`: a part of the page that is asked for again when one of its
 * topics (separated by spaces) changes, at most once in `data-pace` seconds, and in any case each `data-every` seconds.
 * The answer is a page or fragment with the same id in it.
 */

import { asking } from "./asking.js";
import { bus } from "./bus.js";

/** @type {Map<string, Promise<string>>} parts of a page that ask at the same moment share one question */
const asked = new Map();

class LivePart extends HTMLElement {
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {number | undefined} */
  #clock;
  #plan = asking(() => this.#ask(), () => Number(this.dataset.pace || 2) * 1000);

  connectedCallback() {
    const since = Number(this.dataset.upto || 0);
    for (const topic of (this.dataset.topic || "").split(" ").filter(Boolean))
      this.#stops.push(bus.subscribe(topic, { since, hint: () => this.#plan() }));
    this.#wind();
  }

  disconnectedCallback() {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    clearInterval(this.#clock);
  }

  #wind() {
    clearInterval(this.#clock);
    const every = Number(this.dataset.every || 0) * 1000;
    if (every) this.#clock = setInterval(() => this.#plan(), every);
  }

  /** @returns {Promise<boolean>} whether the part is as the server told it; it is left alone while somebody works in it or nobody looks */
  async #ask() {
    if (!this.isConnected) return true;
    if (document.hidden) return false;
    const page = await pageAt(this.dataset.url || location.pathname + location.search);
    const fresh = new DOMParser().parseFromString(page, "text/html").getElementById(this.id);
    const focused = document.activeElement, isTyped = this.contains(focused) && focused?.matches("input, select, textarea");
    // What asks for a dialog now must stay until the answer is there.
    if (isTyped || this.querySelector(".htmx-request, details[open]")) return false;
    if (fresh) this.#take(fresh);
    return true;
  }

  /** @param {HTMLElement} fresh */
  #take(fresh) {
    if (this.dataset.every !== fresh.dataset.every) {
      this.dataset.every = fresh.dataset.every || "0";
      this.#wind();
    }
    const focused = document.activeElement, at = focused instanceof HTMLElement && this.contains(focused) ? keyOf(focused) : "";
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
  // Who is told later of a change must not get an answer from before it.
  setTimeout(() => asked.delete(url));
  return answer;
}

customElements.define("live-part", LivePart);
