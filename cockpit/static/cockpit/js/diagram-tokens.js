// @ts-check
/** Draws orders into both faces of a workflow, as `cockpit/diagram/badges.py` and `tree.py` draw them at first. */

/** @typedef {{position: string, state: string, id: string, count: number}} Token */
/** @typedef {import("./diagram-faces.js").Faces} Faces */

const SVG = "http://www.w3.org/2000/svg";
const SHOWN = 3;
const HEIGHT = 17;
const LETTER = 6.6;
const ICONS = {
  planned: "circle-dashed", scheduled: "calendar-clock", ready: "circle-arrow-right", running: "loader", waiting: "hourglass",
  prompting: "message-circle-question-mark", suspended: "circle-pause", failed: "octagon-x", blocked: "ban",
  finished: "circle-check", cancelled: "circle-slash",
};

/** @param {Faces} faces @param {Token[]} tokens @param {DOMStringMap} data of the island: what tokens lead to */
export function drawTokens(faces, tokens, data) {
  if (faces.svg) {
    const layer = element("g", { class: "tokens" });
    for (const [node, here] of byPlace(faces, tokens, "node")) drawAt(layer, node, here, data);
    faces.host.querySelector("g.tokens")?.remove();
    faces.svg.append(layer);
  }
  for (const old of faces.host.querySelectorAll("[role=treeitem] > .state")) old.remove();
  for (const [row, here] of byPlace(faces, tokens, "row")) {
    const badges = here.map((token) => badge(token, data)), place = row.querySelector(".place");
    if (place) place.before(...badges);
    else row.append(...badges);
  }
}

/** @param {Faces} faces @param {Token[]} tokens @param {"node" | "row"} face @returns {Map<Element, Token[]>} */
function byPlace(faces, tokens, face) {
  const found = new Map();
  for (const token of tokens) {
    const place = faces.nearest(token.position, face);
    if (!place) continue;
    const here = found.get(place) || [];
    const same = here.find((/** @type {Token} */ t) => t.state === token.state);
    if (same) Object.assign(same, { count: same.count + token.count, id: "" });
    else here.push({ ...token });
    found.set(place, here);
  }
  return found;
}

/** @param {Element} layer @param {Element} node @param {Token[]} tokens @param {DOMStringMap} data */
function drawAt(layer, node, tokens, data) {
  const shape = /** @type {SVGGraphicsElement} */ (node.querySelector(".outline") || node).getBBox();
  const y = shape.y - HEIGHT / 2 - 2;
  let right = shape.x + shape.width + 8;
  // Several states at one place are counted, so that the pills do not grow wider than the figure.
  for (const token of tokens.slice(0, SHOWN)) right -= drawOne(layer, token, tokens.length > 1 ? String(token.count) : textOf(token), { right, y }, data) + 3;
  if (tokens.length > SHOWN) {
    const rest = tokens.slice(SHOWN).reduce((sum, t) => sum + t.count, 0);
    drawOne(layer, { position: tokens[0].position, state: "", id: "", count: rest }, `+${rest}`, { right, y }, data);
  }
}

/** @param {Token} token */
const textOf = (token) => (token.count === 1 && token.id ? shortId(token.id) : `${token.count} orders`);

/** @param {Element} layer @param {Token} token @param {string} text @param {{right: number, y: number}} corner @param {DOMStringMap} data @returns {number} its width */
function drawOne(layer, token, text, { right, y }, data) {
  const width = 26 + text.length * LETTER, x = right - width;
  const name = `${token.id || `${token.count} orders`}, ${token.state || "further"}`;
  // Who steers by voice says what is written, also where that is cut short.
  const link = element("a", { class: `token st-${token.state}`, href: hrefOf(token, data), "aria-label": name.includes(text) ? name : `${text}: ${name}` });
  const label = element("text", { x: x + 20, y: y + 12.5 });
  label.textContent = text;
  link.append(element("rect", { x, y, width, height: HEIGHT, rx: HEIGHT / 2 }), iconOf(token.state, { x: x + 6, y: y + 3, width: 11, height: 11 }), label);
  layer.append(link);
  return width;
}

/** @param {Token} token @param {DOMStringMap} data */
function badge(token, data) {
  const made = document.createElement("span");
  made.className = `state st-${token.state}`;
  made.title = `${token.count} ${token.state}`;
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", made.title);
  made.dataset.href = hrefOf(token, data);
  made.append(iconOf(token.state), String(token.count));
  return made;
}

/** @param {Token} token @param {DOMStringMap} data */
function hrefOf(token, data) {
  const one = token.count === 1 && token.id;
  const pattern = one ? data.orderUrl || "/orders/{id}/" : data.ordersUrl || "?at={position}&state={state}";
  return pattern.replace(/\{(id|position|state)\}/g, (_, name) => encodeURIComponent(String(token[/** @type {"id"} */ (name)])));
}

/** @param {string} name @param {Record<string, string | number>} attributes @returns {SVGElement} */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {string} state @param {Record<string, number>} [place] @returns {SVGElement} */
function iconOf(state, place = {}) {
  const icon = element("svg", { class: "icon", "aria-hidden": "true", ...place });
  icon.append(element("use", { href: `${document.documentElement.dataset.sprite}#${ICONS[/** @type {keyof typeof ICONS} */ (state)] || "ellipsis"}` }));
  return icon;
}

const ID = /^#\d{4}-\d\d-\d\d#(?:(C\d+(?:-\d+){1,2}|[A-Z]\d+)(?:-(.+))?|(.+))$/;

/** @param {string} id @returns {string} what people know an order by: its name, a child's branch, else its number */
function shortId(id) {
  const branch = id.split("|").at(-1);
  const [, number, named, own] = ID.exec(id) || [];
  const name = branch !== id && branch ? branch : named || number || own || id;
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}
