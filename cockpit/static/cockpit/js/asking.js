// @ts-check
/** When a page asks again for what it shows: not too often, one question at a time, and until there is an answer. */

import { bus } from "./bus.js";

const TICK = 250;
const HIDDEN_TICK = 1000;
const WHILE_FROZEN = 1000;
const AFTER_FAILURE = 3000;

/**
 * Runs work at most once a tick: at once after a pause, else after the rest of the tick, and a second in a hidden tab.
 * @param {() => void} work @param {() => number} [tick] milliseconds @returns {() => void}
 */
export function ticking(work, tick = () => TICK) {
  /** @type {number | undefined} */
  let timer;
  let last = -Infinity;
  return () => {
    if (timer !== undefined) return;
    const pace = document.hidden ? Math.max(HIDDEN_TICK, tick()) : tick();
    timer = setTimeout(() => {
      timer = undefined;
      last = performance.now();
      work();
    }, Math.max(0, last + pace - performance.now()));
  };
}

/**
 * Runs questions as `ticking` does, but one at a time: who is called during a question asks once more behind it, for its answer may be
 * older. A question without an answer is asked again soon, and none is asked while the page is frozen.
 * @param {() => Promise<boolean>} question returns whether there was an answer @param {() => number} [tick] milliseconds
 * @returns {() => void}
 */
export function asking(question, tick) {
  let busy = false, again = false;
  const ask = ticking(async () => {
    if (busy) return void (again = true);
    if (bus.frozen) return void setTimeout(ask, WHILE_FROZEN);
    busy = true;
    again = false;
    const answered = await question().catch(() => false);
    busy = false;
    if (!answered) setTimeout(ask, AFTER_FAILURE);
    else if (again) ask();
  }, tick);
  return ask;
}
