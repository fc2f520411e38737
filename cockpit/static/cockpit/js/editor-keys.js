// @ts-check
/** The keys of the workflow editor: in the faces, in its fields, and on the sheet of keys. */

import { bind } from "./keys.js";

const SHEET = [["Delete", "delete what is selected"], ["Ctrl+z", "undo"], ["Ctrl+Shift+z", "redo"], ["Alt+ArrowUp|Alt+ArrowDown", "move up or down"], ["Ctrl+u", "unwrap"], ["Ctrl+c|Ctrl+x|Ctrl+v", "copy, cut, paste"]];

/**
 * @typedef {object} Acts
 * @property {() => void} find
 * @property {() => void} rename
 * @property {() => void} properties
 * @property {() => void} delete
 * @property {() => unknown} unwrap
 * @property {(verb: string) => void} step undo or redo
 * @property {(way: number) => void} shift
 * @property {() => Promise<boolean>} copy
 * @property {() => void} paste
 * @property {() => void} up gives up what is chosen
 * @property {(at: string) => boolean} isAt
 * @property {(at: string) => void} goTo
 * @property {(offer: HTMLElement, around: boolean) => void} insert
 * @property {() => void} toFaces
 */

/** @param {HTMLElement} host @param {Acts} acts */
export function editorKeys(host, acts) {
  document.addEventListener("keydown", (event) => pressed(event, host, acts), true);
  bind("i", "insert an instruction", () => acts.find());
  bind("F2", "rename", () => acts.rename());
  bind("Enter", "to its properties", () => acts.properties());
  for (const [key, text] of SHEET) bind(key, text, () => {});
}

/** @param {KeyboardEvent} event @param {HTMLElement} host @param {Acts} acts */
function pressed(event, host, acts) {
  const target = event.composedPath()[0];
  if (document.querySelector("dialog[open]")) return;
  if (target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))) return pressedInField(event, target, host, acts);
  const ctrl = event.ctrlKey || event.metaKey, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = `${ctrl ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${key}`;
  if (ctrl && "cx".includes(key) && String(getSelection())) return;
  const inFaces = target instanceof Element && (target === document.body || host.contains(target)) && !target.closest("#drawer, .editor-tree, .editor-problems");
  const does = { ...everywhere(acts), ...(inFaces && host.querySelector("live-diagram") ? facesOnly(acts, event.repeat) : {}) };
  const place = target instanceof Element ? target.closest("g.node, [role=treeitem][data-at]") : null;
  const at = place?.getAttribute("data-position") || place?.getAttribute("data-at") || "";
  if (at && !ctrl && !acts.isAt(at) && does[name] && name !== "i") acts.goTo(at);
  if (key === "Enter" && at && acts.isAt(at) && !ctrl) does.Enter = acts.properties;
  if (!does[name]) return;
  event.preventDefault();
  event.stopPropagation();
  does[name]();
}

/** @param {Acts} acts @returns {Record<string, () => unknown>} */
const everywhere = (acts) => ({
  "Ctrl+z": () => acts.step("undo"), "Ctrl+Shift+z": () => acts.step("redo"), "Ctrl+y": () => acts.step("redo"),
  "Ctrl+c": acts.copy, "Ctrl+x": () => acts.copy().then((copied) => copied && acts.delete()), "Ctrl+v": acts.paste,
});

/** @param {Acts} acts @param {boolean} repeat whether the key is held down @returns {Record<string, () => unknown>} */
const facesOnly = (acts, repeat) => ({
  i: acts.find, F2: acts.rename, Escape: acts.up, "Ctrl+u": acts.unwrap,
  Delete: () => repeat || acts.delete(), Backspace: () => repeat || acts.delete(),
  "Alt+ArrowUp": () => acts.shift(-1), "Alt+ArrowDown": () => acts.shift(1),
});

/** @param {KeyboardEvent} event @param {HTMLElement} field @param {HTMLElement} host @param {Acts} acts */
function pressedInField(event, field, host, acts) {
  if (field.id === "editor-find") {
    const offers = /** @type {HTMLElement[]} */ ([...host.querySelectorAll("[data-insert]:not([hidden])")]);
    if (event.key === "Enter" && offers[0]) acts.insert(offers[0], event.shiftKey);
    else if (event.key === "ArrowDown") offers[0]?.focus();
    else if (event.key === "Escape") acts.toFaces();
    else return;
    event.preventDefault();
  } else if (event.key === "Escape" && field.closest("#drawer")) acts.toFaces();
}
