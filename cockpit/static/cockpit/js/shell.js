// @ts-check
/** Small behaviour by attributes: data-closes, data-empties, data-toggles, data-opens, data-menu, data-autosubmit, and the CSRF header. */

import { showSheet } from "./keys.js";

/** @param {Event} event */
function clicked(event) {
  const target = event.target instanceof Element ? event.target : null;
  const closer = target?.closest("[data-closes]");
  if (closer) close(closer, closer.getAttribute("data-closes") || "");
  const emptier = target?.closest("[data-empties]");
  if (emptier) empty(emptier.getAttribute("data-empties") || "");
  const toggler = target?.closest("[data-toggles]");
  if (toggler) toggle(toggler);
  if (target?.closest('[data-opens="keys"]')) showSheet();
  for (const menu of document.querySelectorAll("details[data-menu][open]"))
    if (!menu.contains(target) || target?.closest(".menu-list button, .menu-list a")) menu.removeAttribute("open");
}

/** @param {Element} closer @param {string} selector */
function close(closer, selector) {
  const box = closer.closest(selector);
  if (box instanceof HTMLDialogElement) box.close();
  else box?.remove();
}

/** Empties a pane, and takes what it showed out of the address. @param {string} selector */
function empty(selector) {
  document.querySelector(selector)?.replaceChildren();
  const url = new URL(location.href);
  url.searchParams.delete("sel");
  history.replaceState(null, "", url);
}

/** @param {Element} toggler */
function toggle(toggler) {
  const open = document.getElementById(toggler.getAttribute("data-toggles") || "")?.classList.toggle("open");
  toggler.setAttribute("aria-expanded", String(Boolean(open)));
}

/** @param {KeyboardEvent} event */
function escaped(event) {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  }
}

/** @param {Event} event */
function signed(event) {
  const detail = /** @type {CustomEvent} */ (event).detail;
  const headers = detail?.ctx?.request?.headers ?? detail?.headers;
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content");
  if (headers && token) headers["X-CSRFToken"] = token;
}

export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", escaped);
  for (const name of ["htmx:config:request", "htmx:configRequest"]) document.addEventListener(name, signed);
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
      if (field.form?.hasAttribute("data-autosubmit")) field.form.requestSubmit();
  });
}
