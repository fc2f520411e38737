// @ts-check
/** Requests of the workflow editor to the addresses that its element carries. */

/** @param {HTMLElement} host @param {string} what @param {object | null} body @param {string} [more] of the address @returns {Promise<Response>} */
export async function ask(host, what, body, more = "") {
  const meta = document.querySelector("meta[name=csrf-token]"), token = meta?.getAttribute("content") || "";
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(host.getAttribute(`data-${what}-url`) + more, { method: "POST", keepalive: what === "presence", headers, body: body ? JSON.stringify(body) : null });
  const is_other = answer.status === 403 && body && meta && (await signedInAnew(meta, token));
  return is_other ? ask(host, what, body, more) : answer;
}

/** Whoever signed in anew in another tab goes on here. @param {Element} meta @param {string} token @returns {Promise<boolean>} whether the token is another one */
async function signedInAnew(meta, token) {
  const tried = meta.hasAttribute("data-renewed");
  meta.toggleAttribute("data-renewed", !tried);
  const page = tried ? "" : await fetch(location.href).then((found) => (found.redirected ? "" : found.text())).catch(() => "");
  const now = new DOMParser().parseFromString(page, "text/html").querySelector("meta[name=csrf-token]")?.getAttribute("content");
  if (!now || now === token) return false;
  meta.setAttribute("content", now);
  return true;
}
