// @ts-check
/** Leaving the workflow editor by a link: what is on its way arrives first. */

/** @param {MouseEvent} event @param {HTMLAnchorElement} link @param {import("./editor-line.js").Line} line @param {string} at what is selected */
export function leaving(event, link, line, at) {
  if (event.ctrlKey || event.metaKey || event.defaultPrevented || link.target || link.hasAttribute("hx-get")) return;
  const url = new URL(link.href), own = link.matches("[data-view], [data-deploy]");
  if (!own && (!line.busy || url.origin !== location.origin)) return;
  event.preventDefault();
  if (link.dataset.view && at && !url.searchParams.has("at")) url.searchParams.set("at", at);
  line.done.then(() => location.assign(url));
}
