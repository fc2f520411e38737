// @ts-check
/**
 * The line of requests of the workflow editor: one after the other, each with the number of the draft that the one before brought.
 *
 * What the network swallows is asked again until it is answered, and the server knows by its name a request that it has done. What
 * was chosen while others were on their way means the place that it was then.
 */

import { followed, nowAt } from "./editor-follow.js";

/** @typedef {{field: Element | null, choice: number}} Who */
/** @typedef {import("./editor-follow.js").Step} Step */
/**
 * @typedef {object} Acts
 * @property {(what: string, body: object) => Promise<Response>} ask
 * @property {() => object} look what somebody looks at
 * @property {(text: string, bad?: boolean) => void} said
 * @property {() => void} before takes up what is being typed, before a new picture
 * @property {(told: any, step: Step, who: Who) => void} taken
 * @property {(told: any, status: number, operation: any, who: Who) => void} refused
 * @property {(operation: any, who: Who) => void} lost the place of an operation is gone
 */

const LONGEST = 8_000;
const BUSY = [502, 503, 504];

export class Line {
  editNo = 0;
  #end = Promise.resolve();
  #open = 0;
  /** @type {Step[]} */ #steps = [];
  #acts;

  /** @param {Acts} acts */
  constructor(acts) {
    this.#acts = acts;
  }

  get busy() {
    return this.#open > 0;
  }

  /** Resolves when all that is in the line by now is done. */
  get done() {
    return this.#end;
  }

  /** Does something after all before it. @param {(now: (at: string) => string | null) => any} act is given what says how a place is called by then */
  after(act) {
    const seen = this.#steps.length;
    return this.#add(() => act((at) => nowAt(at, this.#steps.slice(seen))));
  }

  /** Sends an operation after those before it. @param {string} what
   * @param {object | ((now: (at: string) => string | null) => object | null)} operation a function says at its turn which, or null for none
   * @param {Who} who */
  send(what, operation, who) {
    const seen = this.#steps.length;
    return this.#add(() => {
      const since = this.#steps.slice(seen);
      if (typeof operation !== "function") {
        const given = followed(operation, since);
        return given ? this.#do(what, given, who) : this.#acts.lost(operation, who);
      }
      const given = operation((/** @type {string} */ at) => nowAt(at, since));
      return given && this.#do(what, given, who);
    });
  }

  /** @param {() => any} act @returns {Promise<void>} */
  #add(act) {
    this.#open += 1;
    this.#end = this.#end.then(act).catch((error) => (console.error(error), this.#acts.said("not saved: read this page anew", true))).finally(() => {
      this.#open -= 1;
      if (!this.#open) this.#steps = [];
    });
    return this.#end;
  }

  /** @param {string} what @param {any} given @param {Who} who */
  async #do(what, given, who) {
    const acts = this.#acts;
    acts.said("saving…");
    const request = [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");
    const body = { edit_no: this.editNo, request, look: acts.look(), operation: what === "operation" ? given : undefined };
    const { told, status } = await this.#answer(what, body);
    if (status !== 200) return acts.refused(told, status, given, who);
    acts.before();
    const step = { did: given, moved: told.moved ?? null };
    this.editNo = told.edit_no;
    this.#steps.push(step);
    acts.taken(told, step, who);
  }

  /** @param {string} what @param {object} body @returns {Promise<{told: any, status: number}>} */
  async #answer(what, body) {
    for (let times = 0; ; times += 1) {
      const answer = await this.#acts.ask(what, body).catch(() => null), told = await answer?.json().catch(() => null);
      if (answer && told) return { told, status: answer.status };
      if (answer && !answer.redirected && !BUSY.includes(answer.status)) return { told: { error: `The cockpit answered ${answer.status}.` }, status: answer.status === 200 ? 500 : answer.status };
      this.#acts.said(answer?.redirected ? "not saved yet: you are signed out; sign in in another tab" : "not saved yet: the cockpit does not answer; trying again", true);
      await soon(Math.min(1000 * 2 ** times, LONGEST));
    }
  }
}

/** Waits, or until the network is back. @param {number} longest */
const soon = (longest) =>
  new Promise((resolve) => {
    setTimeout(resolve, longest);
    window.addEventListener("online", resolve, { once: true });
  });
