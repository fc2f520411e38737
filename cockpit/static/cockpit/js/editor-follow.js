// @ts-check
/** What somebody meant by a place while other operations were on their way: positions, jobs and rows as they are called since then. */

/** An operation that was done, and the positions that it moved; null where that is not known.
 * @typedef {{did: any, moved: Record<string, string> | null}} Step */

/** @param {string} at @param {Step[]} steps @returns {string | null} the position by now, null where it is gone or cannot be told */
export function nowAt(at, steps) {
  let found = at;
  for (const { moved } of steps) {
    if (!found) return found;
    found = moved ? (moved[found] ?? found) : "";
    if (!found) return null;
  }
  return found;
}

/** @param {any} operation @param {Step[]} steps done since somebody asked for it @returns {any} null where its place is gone */
export function followed(operation, steps) {
  const found = { ...operation };
  for (const name of operation.do === "move" ? ["at", "to"] : ["at"]) {
    const given = operation[name];
    if (given === undefined) continue;
    const now = [given].flat().map((at) => nowAt(at, steps)).filter((at) => at !== null);
    if (!now.length) return null;
    found[name] = Array.isArray(given) ? now : now[0];
  }
  return steps.every(({ did }) => follow(found, did)) ? found : null;
}

/** Renames a job or a row in an operation as another one did. @param {any} found @param {any} did @returns {boolean} false where its row is gone */
function follow(found, did) {
  if (did.do === "rename-job" && found.job === did.job) found.job = did.to;
  if (!["rename-row", "remove-row"].includes(did.do) || !Array.isArray(found.path)) return true;
  const last = did.path.length - 1, part = found.path[last];
  const same = (found.at || "") === (did.at || "") && (found.job || "") === (did.job || "");
  if (!same || part === undefined || did.path.slice(0, last).some((/** @type {any} */ one, /** @type {number} */ i) => one !== found.path[i])) return true;
  const is = part === did.path[last];
  if (did.do === "remove-row" && is) return false;
  const next = did.do === "rename-row" ? (is ? did.to : part) : typeof part === "number" && part > did.path[last] ? part - 1 : part;
  found.path = [...found.path.slice(0, last), next, ...found.path.slice(last + 1)];
  return true;
}
