// @ts-check
/**
 * The one dialog of the page. An htmx answer in `#dialog` opens it, an empty answer or the event
 * `dialog-close` closes it, and the focus goes back to where it came from.
 */

const found = () => /** @type {HTMLDialogElement | null} */ (document.getElementById("dialog"));
/** @type {Element | null} */
let before = null;

/** @param {Event} event */
function swapped(event) {
  const dialog = found();
  const target = /** @type {CustomEvent} */ (event).detail?.ctx?.target ?? /** @type {CustomEvent} */ (event).detail?.target ?? event.target;
  // What is for browsers without scripts is parsed here, too: Enter would press its button.
  if (target instanceof Element) for (const idle of target.querySelectorAll("noscript")) idle.remove();
  if (!dialog || target !== dialog) return;
  if (!dialog.firstElementChild) return dialog.close();
  if (!dialog.open) {
    before = document.activeElement;
    dialog.showModal();
  }
  const first = dialog.querySelector("[data-focus], [autofocus], input:not([type=hidden]), select, textarea, .dialog-foot button");
  if (first instanceof HTMLElement) first.focus();
}

export function start() {
  const dialog = found();
  if (!dialog) return;
  for (const name of ["htmx:after:swap", "htmx:afterSwap"]) document.addEventListener(name, swapped);
  document.addEventListener("dialog-close", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    before = null;
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) dialog.querySelector("form")?.requestSubmit();
  });
}
