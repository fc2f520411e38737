// @ts-check
/** The property panel of the workflow editor: tabs, problems at fields, and new answers while somebody types. */

/** Puts a new panel in; the field that has the focus stays as it is, only its problem is new.
 * @param {Element} drawer @param {string} html */
export function renewPanel(drawer, html) {
  const old = drawer.querySelector("[data-panel-at]"), active = document.activeElement;
  const part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-panel-at]");
  const is = (/** @type {string} */ name) => old && part && old.getAttribute(name) === part.getAttribute(name);
  const same = ["data-panel-at", "data-panel-job", "data-executable"].every(is);
  if (!part || !same || !is("data-shape") || !drawer.contains(active)) {
    const tab = drawer.querySelector("[role=tab][aria-selected=true]")?.textContent;
    const before = controls(drawer), at = before.indexOf(/** @type {Element} */ (active));
    drawer.innerHTML = html;
    const again = same && [...drawer.querySelectorAll("[role=tab]")].find((one) => one.textContent === tab);
    if (again) openTab(/** @type {HTMLElement} */ (again));
    // Other rows, but as many controls: whoever went on by Tab goes on there.
    const now = controls(drawer);
    if (at >= 0 && now.length === before.length) /** @type {HTMLElement} */ (now[at]).focus();
    return;
  }
  for (const field of part.querySelectorAll("div.field[data-place]")) {
    const input = field.querySelector("[data-path]"), known = input && drawer.querySelector(`#${CSS.escape(input.id)}`);
    if (known) problemAt(known, field.querySelector(".error-text")?.textContent || "");
  }
  for (const name of ["data-words", "data-rows-problem"])
    for (const said of part.querySelectorAll(`[${name}]`)) {
      const known = drawer.querySelector(`[${name}="${said.getAttribute(name)}"]`);
      if (known) known.textContent = said.textContent;
      known?.toggleAttribute("hidden", said.hasAttribute("hidden"));
    }
}

/** @param {Element} drawer */
const controls = (drawer) => [...drawer.querySelectorAll("input, select, textarea, button")];

/** @param {Element} input @param {string} sentence empty for none */
export function problemAt(input, sentence) {
  const place = input.closest(".field")?.querySelector(".error-text");
  if (!place) return;
  place.textContent = sentence;
  place.toggleAttribute("hidden", !sentence);
  if (sentence) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Opens the tab of a field and gives it the focus. @param {Element | null} field */
export function filled(field) {
  const body = field?.closest("[role=tabpanel]");
  const tab = body && body.hasAttribute("hidden") ? document.getElementById(body.getAttribute("aria-labelledby") || "") : null;
  if (tab) openTab(tab);
  const input = /** @type {HTMLElement | null} */ (field?.querySelector("input, select, textarea") || null);
  input?.focus();
  if (input instanceof HTMLInputElement && input.type !== "checkbox") input.select();
}

/** Lets tabs be used by mouse and arrows. @param {HTMLElement} host */
export function tabbed(host) {
  host.addEventListener("click", (event) => {
    const tab = event.target instanceof Element && event.target.closest("[role=tab]");
    if (tab instanceof HTMLElement) openTab(tab);
  });
  host.addEventListener("keydown", (event) => {
    const tab = event.target instanceof Element && event.target.closest("[role=tab]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = [...(tab.parentElement?.querySelectorAll("[role=tab]") || [])], way = event.key === "ArrowRight" ? 1 : -1;
    const next = /** @type {HTMLElement} */ (tabs[(tabs.indexOf(tab) + way + tabs.length) % tabs.length]);
    openTab(next);
    next.focus();
  });
}

/** @param {HTMLElement} tab */
function openTab(tab) {
  for (const other of tab.parentElement?.querySelectorAll("[role=tab]") || []) {
    const on = other === tab, body = document.getElementById(other.getAttribute("aria-controls") || "");
    other.setAttribute("aria-selected", String(on));
    other.setAttribute("tabindex", on ? "0" : "-1");
    body?.toggleAttribute("hidden", !on);
  }
}

/** Marks which instructions are chosen together, and where a new one would come. @param {Element} host @param {Set<string>} several @param {string} spot */
export function mark(host, several, spot) {
  for (const place of host.querySelectorAll("[data-position], [data-at]")) {
    const at = place.getAttribute("data-position") || place.getAttribute("data-at") || "";
    place.toggleAttribute("data-chosen", several.has(at));
  }
  for (const gap of host.querySelectorAll("[data-put]")) gap.classList.toggle("is-spot", gap.getAttribute("data-put") === spot);
}
