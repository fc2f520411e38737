// @ts-check
/** Single keys and their sheet. Keys act only while no field has the focus, and can be switched off. */

/** @typedef {{keys: string, text: string, act: (event: KeyboardEvent) => void, when: () => boolean}} Binding */

/** @type {Binding[]} */
const bindings = [];
let pending = "";
let pendingSince = 0;

/**
 * Binds keys such as `j`, `Shift+x` or `g o` for as long as the page lives.
 * @param {string} keys several separated by `|`
 * @param {string} text what the sheet says
 * @param {(event: KeyboardEvent) => void} act
 * @param {() => boolean} [when] false where the keys mean nothing now
 */
export function bind(keys, text, act, when = () => true) {
  bindings.push({ keys, text, act, when });
}

/** @returns {boolean} */
export const areOff = () => localStorage.getItem("keys") === "off";

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const letter = event.key.length === 1 && /[a-z]/i.test(event.key);
  if (letter) return event.shiftKey ? `Shift+${event.key.toLowerCase()}` : event.key.toLowerCase();
  return event.key === " " ? "Space" : event.key.length > 1 && event.shiftKey ? `Shift+${event.key}` : event.key;
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || (target.matches("input, select, textarea") && !target.matches("[type=checkbox], [type=radio]")));
}

/** @param {KeyboardEvent} event */
function isButtonsOwn(event) {
  return (event.key === " " || event.key === "Enter") && event.target instanceof Element
    && event.target.closest("button, a, summary, input, [role=button]") !== null;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isField(event.target) || isButtonsOwn(event) || (areOff() && event.key.length === 1 && event.key !== "?")) return;
  if (document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const typed = pending && Date.now() - pendingSince < 1200 ? `${pending} ${name}` : name;
  pending = "";
  if (runs(typed, event) || runs(name, event)) return event.preventDefault();
  if (bindings.some((b) => b.keys.split("|").some((k) => k.startsWith(`${name} `)))) {
    pending = name;
    pendingSince = Date.now();
  }
}

/** @param {string} typed @param {KeyboardEvent} event @returns {boolean} */
function runs(typed, event) {
  const found = bindings.find((b) => b.keys.split("|").includes(typed) && b.when());
  if (found) {
    found.act(event);
    return true;
  }
  // Of two the later one is nearer to the work: a log's own search before the page's.
  const marked = [...document.querySelectorAll(`[data-key="${CSS.escape(typed)}"]`)].pop();
  if (!(marked instanceof HTMLElement)) return false;
  if (marked.matches("input, select, textarea")) marked.focus();
  else marked.click();
  return true;
}

/** Shows which keys do what on this page. */
export function showSheet() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("dialog"));
  if (!dialog) return;
  const list = make("dl", "key-sheet");
  const marked = [...document.querySelectorAll("[data-key]")].map((e) => ({
    keys: /** @type {HTMLElement} */ (e).dataset.key || "", text: labelOf(e),
  }));
  const own = marked.filter((m, i) => !marked.slice(i + 1).some((later) => later.keys === m.keys));
  for (const { keys, text } of [...own, ...bindings.filter((b) => b.when())]) {
    const row = make("div"), term = make("dt");
    for (const key of keys.split("|")) for (const part of key.split(" ")) term.append(make("kbd", "", part.replace("Arrow", "")), " ");
    row.append(term, make("dd", "", text));
    list.append(row);
  }
  const title = make("h2", "", "Shortcuts"), head = make("div", "dialog-head"), body = make("div", "dialog-body"), foot = make("div", "dialog-foot");
  title.id = "dialog-title";
  const off = make("button", "button", areOff() ? "Switch single keys on" : "Switch single keys off");
  off.addEventListener("click", () => {
    localStorage.setItem("keys", areOff() ? "on" : "off");
    dialog.close();
  });
  const close = make("button", "button primary", "Close");
  close.dataset.closes = "dialog";
  close.autofocus = true;
  head.append(title);
  body.append(list);
  foot.append(off, close);
  dialog.replaceChildren(head, body, foot);
  dialog.showModal();
}

/** @param {Element} element */
function labelOf(element) {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  for (const key of copy.querySelectorAll("kbd, svg")) key.remove();
  return element.getAttribute("aria-label") || copy.textContent?.trim() || "";
}

/**
 * @param {string} tag @param {string} [css] @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, css = "", text = "") {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text) element.textContent = text;
  if (element instanceof HTMLButtonElement) element.type = "button";
  return element;
}

/** Binds what every page has: places that exist, the sheet, the zone. @param {() => void} flipZone */
export function start(flipZone) {
  document.addEventListener("keydown", pressed);
  bind("?", "these shortcuts", showSheet);
  bind("u", "your zone or UTC", flipZone);
  const places = { d: "/", o: "/orders/", w: "/workflows/", h: "/history/orders/", r: "/resources/agents/", b: "/resources/boards/", l: "/resources/locks/", i: "/inventory/", k: "/cluster/", a: "/audit/", p: "/plan/", s: "/settings/" };
  for (const [key, path] of Object.entries(places)) {
    const link = document.querySelector(`.side a[href="${path}"]`);
    if (link instanceof HTMLAnchorElement) bind(`g ${key}`, `go to ${link.textContent?.trim()}`, () => link.click());
  }
  for (let n = 1; n <= 9; n++) {
    const tab = () => /** @type {HTMLElement | null} */ (document.querySelector(`.tabs a:nth-child(${n})`));
    if (tab()) bind(String(n), `tab ${tab()?.textContent?.trim()}`, () => tab()?.click(), () => tab() !== null);
  }
}
