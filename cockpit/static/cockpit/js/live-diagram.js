// @ts-check
/**
 * `<live-diagram data-topic data-tokens-url>` around the server's SVG: order tokens, selection, zoom.
 *
 * The SVG's nodes are `<g data-position>`; tokens come as JSON and are drawn on the upper right edge of their node.
 * `data-order-url` (default `/orders/{id}/`) and `data-orders-url` (`?at={position}&state={state}`) are what tokens lead to.
 */

import { bus, ticking } from "./bus.js";
import { bind } from "./keys.js";

/** @typedef {{position: string, state: string, id: string, count: number}} Token */

const SVG = "http://www.w3.org/2000/svg";
const SHOWN = 3;
const HEIGHT = 17;
const LETTER = 6.6;
const ICONS = {
  planned: "circle-dashed", scheduled: "calendar-clock", ready: "circle-arrow-right", running: "loader", waiting: "hourglass",
  prompting: "message-circle-question-mark", suspended: "circle-pause", failed: "octagon-x", blocked: "ban",
  finished: "circle-check", cancelled: "circle-slash",
};

class LiveDiagram extends HTMLElement {
  #stop = () => {};
  #scale = 1;
  #asking = false;
  #shown = "";
  #tick = ticking(() => this.#ask());

  connectedCallback() {
    const svg = this.#svg;
    if (!svg) return;
    const topic = this.dataset.topic;
    if (topic) this.#stop = bus.subscribe(topic, { since: Number(this.dataset.upto || 0), hint: () => this.#tick() });
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("keydown", (event) => this.#pressed(event));
    for (const button of this.parentElement?.querySelectorAll("[data-zoom]") || [])
      button.addEventListener("click", () => this.#zoomBy(button.getAttribute("data-zoom") || ""));
    document.addEventListener("click", this.#outlined);
    bind("+", "zoom in", () => this.#zoomBy("in"));
    bind("-", "zoom out", () => this.#zoomBy("out"));
    bind("0", "fit the diagram", () => this.#zoomBy("fit"));
    this.#rove(this.#at(new URLSearchParams(location.search).get("at") || "") || this.#nodes[0]);
    if (this.#naturalWidth > this.clientWidth) this.#zoomBy("fit");
    this.#tick();
  }

  disconnectedCallback() {
    this.#stop();
    document.removeEventListener("click", this.#outlined);
  }

  get #svg() {
    return this.querySelector("svg.diagram");
  }

  get #nodes() {
    return /** @type {SVGGElement[]} */ ([...this.querySelectorAll("g.node")]);
  }

  get #naturalWidth() {
    return Number(this.#svg?.getAttribute("viewBox")?.split(" ")[2] || 1);
  }

  // ---- tokens

  async #ask() {
    if (!this.dataset.tokensUrl || this.#asking) return;
    if (bus.frozen) return void setTimeout(() => this.#tick(), 1000);
    this.#asking = true;
    try {
      const answer = await fetch(this.dataset.tokensUrl, { headers: { Accept: "application/json" } });
      if (answer.ok) this.#take(await answer.json());
    } catch {
      // The next hint or poll asks again.
    } finally {
      this.#asking = false;
    }
  }

  /** @param {{tokens: Token[], highlights?: Record<string, string>}} answer */
  #take(answer) {
    for (const [position, state] of Object.entries(answer.highlights || {})) {
      const node = this.#at(position), known = [...(node?.classList || [])].filter((name) => name.startsWith("st-"));
      if (!node || (known.length === 1 && known[0] === `st-${state}`)) continue;
      node.classList.remove(...known);
      node.classList.add(`st-${state}`);
    }
    this.#draw(answer.tokens);
  }

  /** @param {Token[]} tokens */
  #draw(tokens) {
    const wanted = JSON.stringify(tokens);
    if (wanted === this.#shown || !this.#svg) return;
    this.#shown = wanted;
    const layer = element("g", { class: "tokens" });
    for (const [node, here] of this.#byNode(tokens)) this.#drawAt(layer, node, here);
    this.querySelector("g.tokens")?.remove();
    this.#svg.append(layer);
    this.#count(tokens);
  }

  /** @param {Token[]} tokens @returns {Map<SVGGElement, Token[]>} */
  #byNode(tokens) {
    const found = new Map();
    for (const token of tokens) {
      const node = this.#nearest(token.position);
      if (!node) continue;
      const here = found.get(node) || [];
      const same = here.find((/** @type {Token} */ t) => t.state === token.state);
      if (same) Object.assign(same, { count: same.count + token.count, id: "" });
      else here.push({ ...token });
      found.set(node, here);
    }
    return found;
  }

  /** @param {Element} layer @param {SVGGElement} node @param {Token[]} tokens */
  #drawAt(layer, node, tokens) {
    const shape = /** @type {SVGGraphicsElement} */ (node.querySelector(".outline") || node).getBBox();
    let right = shape.x + shape.width + 8;
    for (const token of tokens.slice(0, SHOWN)) right -= this.#drawOne(layer, token, right, shape.y - HEIGHT / 2) + 3;
    if (tokens.length > SHOWN) {
      const rest = tokens.slice(SHOWN).reduce((sum, t) => sum + t.count, 0);
      this.#drawOne(layer, { position: tokens[0].position, state: "", id: "", count: rest }, right, shape.y - HEIGHT / 2);
    }
  }

  /** @param {Element} layer @param {Token} token @param {number} right @param {number} y @returns {number} its width */
  #drawOne(layer, token, right, y) {
    const text = token.count === 1 && token.id ? shortId(token.id) : token.state ? `${token.count} orders` : `+${token.count}`;
    const width = 24 + text.length * LETTER, x = right - width;
    const link = element("a", { class: `token st-${token.state}`, href: this.#hrefOf(token), "aria-label": `${text}, ${token.id || "several"}, ${token.state}` });
    const icon = iconOf(token.state, { x: x + 6, y: y + 3, width: 11, height: 11 });
    const label = element("text", { x: x + 20, y: y + 12.5 });
    label.textContent = text;
    link.append(element("rect", { x, y, width, height: HEIGHT, rx: HEIGHT / 2 }), icon, label);
    layer.append(link);
    return width;
  }

  /** @param {Token} token */
  #hrefOf(token) {
    const one = token.count === 1 && token.id;
    const pattern = one ? this.dataset.orderUrl || "/orders/{id}/" : this.dataset.ordersUrl || "?at={position}&state={state}";
    return pattern.replace(/\{(id|position|state)\}/g, (_, name) => encodeURIComponent(String(token[/** @type {"id"} */ (name)])));
  }

  /** Shows the same counts in the outline. @param {Token[]} tokens */
  #count(tokens) {
    for (const old of document.querySelectorAll("[data-outline] .state")) old.remove();
    for (const [node, here] of this.#byNode(tokens))
      for (const token of here) {
        const row = document.querySelector(`[data-outline] [data-at="${CSS.escape(node.dataset.position || "")}"]`);
        const badge = document.createElement("span");
        badge.className = `state st-${token.state}`;
        badge.title = `${token.count} ${token.state}`;
        badge.setAttribute("role", "img");
        badge.setAttribute("aria-label", badge.title);
        badge.append(iconOf(token.state), String(token.count));
        row?.append(badge);
      }
  }

  // ---- nodes

  /** @param {string} position tries may be counted */
  #at(position) {
    const place = position.replace(/(^|\/)(try|catch|cycle)\+[^/]*/g, "$1$2");
    return /** @type {SVGGElement | null} */ (this.querySelector(`g.node[data-position="${CSS.escape(place)}"]`));
  }

  /** Returns the node at a position, or the innermost one drawn around it. @param {string} position */
  #nearest(position) {
    for (let parts = position.split("/"); parts.length; parts = parts.slice(0, -2)) {
      const node = this.#at(parts.join("/"));
      if (node) return node;
    }
    return null;
  }

  /** Lets Tab reach one node; the arrows reach the others. @param {SVGGElement | undefined | null} node */
  #rove(node) {
    for (const other of this.#nodes) other.setAttribute("tabindex", other === node ? "0" : "-1");
  }

  /** @param {SVGGElement} node */
  #select(node) {
    const position = node.dataset.position || "";
    this.#rove(node);
    for (const other of this.#nodes) other.toggleAttribute("aria-current", false);
    node.setAttribute("aria-current", "true");
    for (const row of document.querySelectorAll("[data-outline] a[data-at]")) row.toggleAttribute("aria-current", false);
    document.querySelector(`[data-outline] a[data-at="${CSS.escape(position)}"]`)?.setAttribute("aria-current", "true");
    const url = new URL(location.href);
    url.searchParams.set("at", position);
    history.replaceState(null, "", url);
    if (this.dataset.panelUrl) {
      const panel = new URL(this.dataset.panelUrl, location.href);
      panel.searchParams.set("at", position);
      /** @type {any} */ (window).htmx?.ajax("GET", panel.pathname + panel.search, { target: "#drawer", swap: "innerHTML" });
    }
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const node = event.target instanceof Element && event.target.closest("g.node");
    if (node) this.#select(/** @type {SVGGElement} */ (node));
  }

  /** @param {MouseEvent} event */
  #outlined = (event) => {
    const row = event.target instanceof Element && event.target.closest("[data-outline] a[data-at]");
    const node = row && this.#at(row.getAttribute("data-at") || "");
    if (!node || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#select(node);
    row.setAttribute("aria-current", "true");
    node.scrollIntoView({ block: "center", inline: "center" });
  };

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const nodes = this.#nodes, at = nodes.indexOf(/** @type {SVGGElement} */ (event.target));
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") this.#select(nodes[at]);
    else if (to === undefined || !nodes[to]) return;
    else {
      this.#rove(nodes[to]);
      nodes[to].focus();
    }
    event.preventDefault();
  }

  /** @param {string} how */
  #zoomBy(how) {
    const fit = Math.min((this.clientWidth - 28) / this.#naturalWidth, 1);
    this.#scale = how === "fit" ? Math.max(fit, 0.5) : this.#scale * (how === "in" ? 1.2 : 1 / 1.2);
    this.#scale = Math.min(Math.max(this.#scale, 0.3), 2);
    const [, , width, height] = (this.#svg?.getAttribute("viewBox") || "0 0 1 1").split(" ").map(Number);
    this.#svg?.setAttribute("width", String(width * this.#scale));
    this.#svg?.setAttribute("height", String(height * this.#scale));
  }
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

/** @param {string} id @returns {string} the part of an order id that tells it from others of the day */
function shortId(id) {
  const branch = id.split("|").at(-1);
  const name = branch !== id && branch ? branch : id.replace(/^#\d{4}-\d{2}-\d{2}#/, "").replace(/^([A-Z])0+(?=\d)/, "$1");
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}

customElements.define("live-diagram", LiveDiagram);
