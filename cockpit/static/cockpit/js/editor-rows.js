// @ts-check
/** Rows of fields in the property panel: put in, taken away, renamed. Sends operations through what it is given. */

/** @param {Element} inside of a fieldset @returns {{at: string, job: string, path: (string | number)[]}} which rows are meant */
function meant(inside) {
  const rows = inside.closest("[data-rows]"), panel = inside.closest("[data-panel-at]"), of = rows?.getAttribute("data-of");
  return {
    at: (of === "at" && panel?.getAttribute("data-panel-at")) || "",
    job: (of === "job" && panel?.getAttribute("data-panel-job")) || "",
    path: JSON.parse(rows?.getAttribute("data-rows") || "[]"),
  };
}

/** Does what a button of rows says. @param {Element} target @param {(operation: object) => Promise<void>} send @returns {boolean} whether it was one */
export function rowsClicked(target, send) {
  const add = target.closest("[data-add-row]"), remove = target.closest("[data-remove-row]");
  const fieldset = target.closest("[data-rows]"), host = target.closest("#drawer");
  if (!fieldset || (!add && !remove)) return false;
  const rows = meant(fieldset), name = fieldset.getAttribute("data-rows") || "";
  if (add) {
    const kind = /** @type {HTMLSelectElement | null} */ (add.parentElement?.querySelector("[data-row-kind]"))?.value || add.getAttribute("data-add-row");
    send({ ...rows, do: "add-row", kind }).then(() => focusRow(host, name, "last"));
  } else {
    const which = remove?.getAttribute("data-remove-row") || "";
    const is_name = Boolean(remove?.parentElement?.querySelector("[data-rename-row]"));
    send({ ...rows, do: "remove-row", path: [...rows.path, is_name ? which : Number(which)] }).then(() => focusRow(host, name, "add"));
  }
  return true;
}

/** @param {HTMLInputElement} field with the name of a row @param {(operation: object, field: Element) => void} send */
export function rowRenamed(field, send) {
  const rows = meant(field);
  send({ ...rows, do: "rename-row", path: [...rows.path, field.dataset.renameRow || ""], to: field.value.trim() }, field);
}

/** Goes on where somebody was. @param {Element | null} host @param {string} name of the rows @param {"last" | "add"} where */
function focusRow(host, name, where) {
  const fieldset = [...(host?.querySelectorAll("[data-rows]") || [])].find((one) => one.getAttribute("data-rows") === name);
  const last = fieldset?.querySelector(":scope > .editor-row:last-of-type");
  const inside = where === "last" ? [...(fieldset?.querySelectorAll(":scope > .editor-row") || [])].at(-1) || last : null;
  /** @type {HTMLElement | null} */ (inside?.querySelector("input, select") || fieldset?.querySelector(":scope > .row [data-add-row]") || null)?.focus();
}
