// @ts-check
/**
 * `<live-part id data-topic [data-url] [data-pace=2]>`: a part of the page that is asked for again when its
 * topic changes, at most once in `data-pace` seconds. The answer is a page or fragment with the same id in it.
 */

import { bus } from "./bus.js";

class LivePart extends HTMLElement {
  #stop = () => {};
  /** @type {number | undefined} */
  #timer;
  #last = 0;

  connectedCallback() {
    const topic = this.dataset.topic;
    if (topic) this.#stop = bus.subscribe(topic, { since: Number(this.dataset.upto || 0), hint: () => this.#plan() });
  }

  disconnectedCallback() {
    this.#stop();
    clearTimeout(this.#timer);
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
      const answer = await fetch(this.dataset.url || location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) this.#take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The next hint asks again.
    }
  }

  /** Leaves the part alone while somebody works in it. @param {Document} page */
  #take(page) {
    const fresh = page.getElementById(this.id);
    if (!fresh || this.contains(document.activeElement) && document.activeElement?.matches("input, select, textarea")) return;
    const focused = document.activeElement instanceof HTMLAnchorElement && this.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const parts = document.importNode(fresh, true);
    this.replaceChildren(...parts.childNodes);
    if (focused) /** @type {HTMLElement | null} */ (this.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
    /** @type {any} */ (window).htmx?.process(this);
  }
}

customElements.define("live-part", LivePart);
