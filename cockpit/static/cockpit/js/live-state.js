// @ts-check
/** `<live-state data-url="/ws/live/">`: opens the bus and says how fresh the page is. */

import { bus } from "./bus.js";
import { duration } from "./fmt.js";

class LiveState extends HTMLElement {
  connectedCallback() {
    bus.watch(() => this.show());
    bus.start(this.dataset.url || "/ws/live/");
    this.show();
  }

  show() {
    const state = bus.state;
    if (this.dataset.state !== state) document.body.classList.toggle("stale", !["live", "connecting", "frozen"].includes(state));
    this.dataset.state = state;
    const text = this.#text(state);
    if (this.textContent !== text) this.textContent = text;
  }

  /** @param {string} state */
  #text(state) {
    if (state === "lagging") return `lagging ${duration(bus.age / 1000)}`;
    if (state === "reconnecting") return `reconnecting (${bus.tries})`;
    return state === "polling" ? "every 3 s" : state;
  }
}

customElements.define("live-state", LiveState);
