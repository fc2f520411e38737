// @ts-check
/** The dialog that makes a job from a template: chosen, looked at, applied by an operation. */

/** @param {string} address of the dialog, with what it is asked for @param {HTMLDialogElement} dialog */
async function load(address, dialog) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const focused = document.activeElement?.id || "";
  dialog.innerHTML = await answer.text();
  if (!dialog.open) dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector(focused && dialog.contains(document.getElementById(focused)) ? `#${focused}` : "select, .dialog-foot button"))?.focus();
}

/** @param {HTMLFormElement} form */
const given = (form) => Object.fromEntries(/** @type {[string, string][]} */ ([...new FormData(form).entries()]));

/** Opens the dialog. @param {string} address @param {string} job @param {(operation: object) => void} send */
export function fromTemplate(address, job, send) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("dialog"));
  if (!dialog) return;
  const before = document.activeElement;
  const stop = new AbortController();
  const asked = (/** @type {HTMLFormElement} */ form) => `${address}?${new URLSearchParams(given(form))}`;
  dialog.addEventListener("change", (event) => {
    const form = event.target instanceof Element && event.target.closest("form");
    if (form) load(asked(form), dialog);
  }, { signal: stop.signal });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ do: "take-template", ...given(/** @type {HTMLFormElement} */ (event.target)) });
    dialog.close();
  }, { signal: stop.signal });
  dialog.addEventListener("close", () => {
    stop.abort();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  }, { signal: stop.signal });
  load(`${address}?${new URLSearchParams({ job })}`, dialog);
}
