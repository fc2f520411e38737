// @ts-check
/** Who is at work on a draft: held while somebody edits, taken over, left; and whether the draft is another one meanwhile. */

import { ask } from "./editor-ask.js";

const BEAT = 30_000;

export class Presence {
  /** Whether the draft is held here. */
  mine = false;
  #host;
  #line;
  #said;
  #reload;

  /** @param {HTMLElement} host @param {import("./editor-line.js").Line} line @param {import("./editor-said.js").Said} said @param {() => void} reload */
  constructor(host, line, said, reload) {
    this.#host = host;
    this.#line = line;
    this.#said = said;
    this.#reload = reload;
    setInterval(() => this.beat(), BEAT);
    window.addEventListener("pagehide", () => this.mine && void ask(host, "presence", null, "?act=leave"));
    window.addEventListener("pageshow", (event) => event.persisted && void this.beat());
  }

  /** @param {string} account who else holds the draft, empty for nobody */
  held(account) {
    this.#said.held(account);
    if (account) this.mine = false;
  }

  async beat() {
    if (document.hidden) return;
    const seen = this.#line.editNo, address = this.#host.getAttribute("data-presence-url") || "";
    const answer = await (this.mine ? ask(this.#host, "presence", null) : fetch(address)).catch(() => null);
    const told = answer?.ok && (await answer.json().catch(() => null));
    if (!told) return;
    this.held(told.held_by);
    const is_old = told.edit_no !== seen && seen === this.#line.editNo && !this.#line.busy;
    if (is_old) this.#said.changed("Changed.", "The draft is another one than you see here.", this.#reload);
  }

  async takeOver() {
    const answer = await ask(this.#host, "presence", null, "?act=take").catch(() => null);
    if (!answer?.ok) return this.#said.toast("Not taken over: the cockpit does not answer.");
    if ((await answer.json()).edit_no !== this.#line.editNo) return this.#reload();
    this.mine = true;
    this.held("");
  }
}
