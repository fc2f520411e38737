// @ts-check
/** The keys of a tree: arrows, Home, End, letters to jump to, Enter to use, `o` with Shift to follow what a row leads to. */

const PAUSE = 700;
let typed = "";
let typedAt = 0;

/**
 * Moves the focus or tells what is to be done with the row.
 * @param {KeyboardEvent} event
 * @param {Element} row that has the focus
 * @param {HTMLElement[]} rows all that are shown
 * @param {(what: "use" | "toggle" | "follow") => void} act
 * @returns {boolean} whether the key meant something
 */
export function pressedInTree(event, row, rows, act) {
  const at = rows.indexOf(/** @type {HTMLElement} */ (row)), level = levelOf(row), expanded = row.getAttribute("aria-expanded");
  switch (event.key) {
    case "ArrowDown": return goTo(rows, rows[at + 1]);
    case "ArrowUp": return goTo(rows, rows[at - 1]);
    case "Home": return goTo(rows, rows[0]);
    case "End": return goTo(rows, rows.at(-1));
    case "ArrowRight":
      if (expanded === "false") act("toggle");
      else if (expanded === "true" && levelOf(rows[at + 1]) > level) goTo(rows, rows[at + 1]);
      return true;
    case "ArrowLeft":
      if (expanded === "true") act("toggle");
      else goTo(rows, rows.slice(0, at).reverse().find((other) => levelOf(other) < level));
      return true;
    case "Enter":
    case " ":
      act("use");
      return true;
  }
  if (event.key === "O" && event.shiftKey) return (act("follow"), true);
  if (event.key.length !== 1) return false;
  typed = Date.now() - typedAt < PAUSE ? typed + event.key.toLowerCase() : event.key.toLowerCase();
  typedAt = Date.now();
  return goTo(rows, jump(rows, at));
}

/** Returns the next row that begins with what was typed; one letter again and again goes on. @param {HTMLElement[]} rows @param {number} at */
function jump(rows, at) {
  const wanted = [...typed].every((letter) => letter === typed[0]) ? typed[0] : typed;
  const from = wanted.length > 1 ? at : at + 1;
  return [...rows.slice(from), ...rows.slice(0, from)].find((row) => textOf(row).startsWith(wanted));
}

/** @param {HTMLElement} row */
function textOf(row) {
  const text = row.querySelector(".text"), hidden = text?.querySelector(".hidden-visually");
  return (text?.textContent || "").slice(hidden?.textContent?.length || 0).trim().toLowerCase();
}

/** @param {HTMLElement[]} rows @param {HTMLElement | undefined} row @returns {boolean} */
function goTo(rows, row) {
  if (row) {
    for (const other of rows) other.tabIndex = other === row ? 0 : -1;
    row.focus();
  }
  return true;
}

/** @param {Element | undefined} row */
const levelOf = (row) => Number(row?.getAttribute("aria-level") || 0);
