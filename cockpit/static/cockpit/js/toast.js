// @ts-check
/** Results of one's own actions. Good ones fade after 6 s unless pointed at; failures stay until dismissed. */

import { make } from "./keys.js";

const STAY = 6000;
const LOOKS = { success: ["st-finished", "circle-check", "Done"], warning: ["st-suspended", "triangle-alert", "Warning"], error: ["st-failed", "octagon-x", "Failed"] };

/** @param {string} text @param {keyof typeof LOOKS} [level] */
export function toast(text, level = "success") {
  const [hue, icon, word] = LOOKS[level] || LOOKS.success;
  const box = make("div", `toast ${hue}`), close = make("button", "button ghost small", "×");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS(svg.namespaceURI || "", "use");
  svg.setAttribute("class", "icon hue");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", word);
  use.setAttribute("href", `${document.documentElement.dataset.sprite}#${icon}`);
  svg.append(use);
  close.dataset.closes = ".toast";
  close.setAttribute("aria-label", "Dismiss");
  box.append(svg, make("span", "text", text), close);
  if (level !== "error") box.dataset.fades = "";
  document.getElementById("toasts")?.append(box);
  fade(box);
}

/** @param {HTMLElement} box */
function fade(box) {
  if (!("fades" in box.dataset)) return;
  const timer = setInterval(() => {
    if (box.matches(":hover, :focus-within")) return;
    box.remove();
    clearInterval(timer);
  }, STAY);
}

export function start() {
  for (const box of document.querySelectorAll(".toast")) fade(/** @type {HTMLElement} */ (box));
  document.addEventListener("toast", (event) => {
    const { text = "", level = "success" } = /** @type {CustomEvent} */ (event).detail || {};
    toast(text, level);
  });
  for (const name of ["htmx:error", "htmx:sendError"])
    document.addEventListener(name, () => toast("The cockpit did not answer. Nothing was changed here; try again.", "error"));
}
