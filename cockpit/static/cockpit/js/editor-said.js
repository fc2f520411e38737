// @ts-check
/** What the workflow editor says of the draft: saved or not, by whom, who else is at work, why the text cannot be read. */

import { make } from "./keys.js";

export class Said {
  #savedAt = NaN;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
  }

  /** Says how old the draft is. @param {number} [savedAt] of a new one */
  saved(savedAt) {
    const host = this.host;
    if (savedAt) this.#savedAt = savedAt;
    if (savedAt === undefined && host.dataset.state) return;
    delete host.dataset.state;
    const age = Math.max(0, Math.round((Date.now() - this.#savedAt) / 1000));
    const told = age < 60 ? `${age} s` : age < 3600 ? `${Math.floor(age / 60)} min` : age < 86_400 ? `${Math.floor(age / 3600)} h` : `${Math.floor(age / 86_400)} days`;
    const place = document.getElementById("editor-saved"), text = `draft · saved ${told} ago by ${host.dataset.changedBy}`;
    // Screen readers are told of results, not of every second.
    place?.setAttribute("aria-live", savedAt ? "polite" : "off");
    if (place && !Number.isNaN(age) && place.textContent !== text) place.textContent = text;
  }

  /** Says whether something waits to be saved after a refusal. @param {number} status @param {boolean} isLeft */
  refused(status, isLeft) {
    if (isLeft || status !== 422) return this.state(status === 422 ? "not saved yet" : "not saved", true);
    delete this.host.dataset.state;
    this.saved();
  }

  /** Tells whether there is something to take back or to do again. @param {string} verb undo or redo */
  may(verb) {
    return !(/** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-step=${verb}]`))?.disabled);
  }

  /** @param {string} text @param {boolean} [bad] */
  state(text, bad = false) {
    this.host.dataset.state = bad ? "bad" : "busy";
    const place = document.getElementById("editor-saved");
    if (bad) place?.setAttribute("aria-live", "polite");
    if (place) place.textContent = text;
  }

  /** Shows why the text cannot be read, and that the diagram is older; else the problems in its lines.
   * @param {string} sentence @param {object[]} [lines] */
  parse(sentence, lines = []) {
    const place = this.host.querySelector("#editor-parse"), text = /** @type {any} */ (this.host.querySelector("[data-whole]"));
    if (!place) return;
    place.textContent = sentence;
    place.toggleAttribute("hidden", !sentence);
    if (sentence) this.host.querySelector("live-diagram")?.classList.add("stale");
    const line = /line (\d+)/.exec(sentence);
    text?.problems?.(sentence ? [{ line: line ? Number(line[1]) : 1, message: sentence }] : lines);
  }

  /** What is said above the faces. @param {any} parts */
  header(parts) {
    for (const known of this.host.querySelectorAll("input[name=edit_no]")) /** @type {HTMLInputElement} */ (known).value = parts.edit_no;
    for (const verb of ["undo", "redo"]) {
      const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-step=${verb}]`));
      if (button) button.disabled = !parts[verb];
      button?.setAttribute("title", `${verb === "undo" ? "Undo" : "Redo"} ${parts[verb]}`);
    }
    const word = document.querySelector(".editor-head .state");
    if (word && parts.state) word.outerHTML = parts.state.trim();
  }

  /** @param {string} text */
  toast(text) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
  }

  /** @param {string} account who is at work, empty for nobody else */
  held(account) {
    const banner = this.host.querySelector("#editor-held"), name = banner?.querySelector("[data-held-by]");
    if (name && account) name.textContent = account;
    banner?.toggleAttribute("hidden", !account);
  }

  /** Says that the draft is another one by now. @param {string} head @param {string} text @param {() => void} reload */
  changed(head, text, reload) {
    const banner = this.host.querySelector("#editor-conflict");
    if (!banner) return;
    const again = make("button", "button small", "Show the present draft");
    again.addEventListener("click", reload);
    banner.replaceChildren(make("b", "", head), document.createTextNode(` ${text} `), again);
    banner.removeAttribute("hidden");
  }

  /** Says who was faster, and what they did. @param {any} told @param {() => void} reload */
  conflict(told, reload) {
    const did = (told.did || []).join("; ");
    this.changed("Not saved.", `${told.error} ${did ? `Meanwhile: ${did}.` : ""}`, reload);
    this.state("not saved", true);
  }

  /** Takes back that the draft is another one. */
  unchanged() {
    this.host.querySelector("#editor-conflict")?.setAttribute("hidden", "");
  }
}
