// @ts-check
/** Instructions that were copied, with their jobs: kept in the browser, so that they can be pasted into another workflow. */

const FRAGMENT = "stellwerk-fragment";

/** Copies what is chosen, after all that is on its way. @param {import("./editor-line.js").Line} line @param {string} address @param {string[]} chosen
 * @param {(text: string) => void} told @returns {Promise<boolean>} whether something is copied, now or before */
export async function copied(line, address, chosen, told) {
  let done = !chosen.length;
  if (chosen.length) await line.after(async (now) => {
    const query = new URLSearchParams(chosen.map((at) => now(at)).flatMap((at) => (at ? [["at", at]] : [])));
    const answer = await fetch(`${address}?${query}`).catch(() => null);
    done = Boolean(answer?.ok);
    if (done) localStorage.setItem(FRAGMENT, JSON.stringify(await answer?.json()));
    else told("Not copied: the cockpit does not answer.");
  });
  return done;
}

/** The operation that puts it in, without its place; null where nothing is copied. @returns {object | null} */
export function pasting() {
  const text = localStorage.getItem(FRAGMENT);
  return text ? { do: "paste", fragment: JSON.parse(text) } : null;
}
