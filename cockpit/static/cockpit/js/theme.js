// @ts-check
/** The theme switch. The choice is a cookie, so that the server draws the next page in it at once. */

const YEAR = 31_536_000;

/** @param {string} theme */
function choose(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=${YEAR};samesite=lax`;
  mark();
}

function mark() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    const chosen = button.getAttribute("data-theme-choice") === document.documentElement.dataset.theme;
    button.setAttribute("aria-pressed", String(chosen));
  }
}

export function start() {
  mark();
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-theme-choice]");
    if (button) choose(button.getAttribute("data-theme-choice") || "auto");
  });
}
