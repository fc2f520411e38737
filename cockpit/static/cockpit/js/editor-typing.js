// @ts-check
/** What is being typed in the workflow editor: taken up at a pause, and kept where new fields take the place of old ones. */

import { followed } from "./editor-follow.js";

const PAUSE = 500;

export class Typing {
  /** @type {Map<Element, {timer: number, act: () => void}>} */ #waiting = new Map();

  get some() {
    return this.#waiting.size > 0;
  }

  /** @param {Element} field */
  has(field) {
    return this.#waiting.has(field);
  }

  /** @param {Element} field @param {() => void} act @param {number} [pause] */
  wait(field, act, pause = PAUSE) {
    clearTimeout(this.#waiting.get(field)?.timer);
    this.#waiting.set(field, { timer: window.setTimeout(() => this.#do(field), pause), act });
  }

  /** Takes up everything now. */
  flush() {
    for (const field of [...this.#waiting.keys()]) this.#do(field);
  }

  /** Forgets what waits, for a form sends it. */
  drop() {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  /** @param {Element} field */
  #do(field) {
    const known = this.#waiting.get(field);
    clearTimeout(known?.timer);
    this.#waiting.delete(field);
    known?.act();
  }
}

/** @type {WeakMap<Element, Element>} */
const HEIRS = new WeakMap();

/** The field that stands where this one stood. @param {Element} field @returns {Element} */
export const heir = (field) => (HEIRS.has(field) ? heir(/** @type {Element} */ (HEIRS.get(field))) : field);

/** What an operation calls the place of a field. @param {HTMLElement} field */
export function placeOfField(field) {
  const panel = field.closest("[data-panel-at]"), of = field.dataset.of;
  const at = (of === "at" && panel?.getAttribute("data-panel-at")) || "", job = (of === "job" && panel?.getAttribute("data-panel-job")) || "";
  return { at, job, path: JSON.parse(field.dataset.path || "[]"), part: field.dataset.part || "" };
}

/** @param {any} field @returns {string} */
export const textOf = (field) => (field.type === "checkbox" ? (field.checked ? "true" : "") : field.value);

/** Puts other fields in; what was typed and is not saved yet stays. @param {Element} drawer @param {() => void} renew @param {import("./editor-follow.js").Step[]} [steps] */
export function keepTyped(drawer, renew, steps = []) {
  const typed = /** @type {HTMLElement[]} */ ([...drawer.querySelectorAll(".unsaved[data-path]")]).map((field) => ({ field, wanted: followed(placeOfField(field), steps) }));
  renew();
  const fields = /** @type {HTMLElement[]} */ ([...drawer.querySelectorAll("[data-path]")]);
  for (const { field, wanted } of typed) {
    const found = !field.isConnected && wanted && fields.find((one) => JSON.stringify(placeOfField(one)) === JSON.stringify(wanted));
    if (found) inherit(field, found);
  }
}

/** @param {any} field @param {any} found */
function inherit(field, found) {
  HEIRS.set(field, found);
  found.classList.add("unsaved");
  if (field.type === "checkbox") found.checked = field.checked;
  else /** @type {any} */ (found.closest("code-editor") || found).value = field.value;
}
