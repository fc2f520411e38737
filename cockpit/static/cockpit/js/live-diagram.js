// @ts-check
/**
 * `<live-diagram data-topic data-tokens-url>` around a workflow's faces: order tokens, selection, folding, zoom, picking.
 *
 * Faces are the server's SVG (nodes are `<g data-position>`) and its outline (rows are `<a role="treeitem" data-at>`); either may
 * be missing. Everything that opens, folds or switches is asked for again at `data-picture-url`. With `data-in-address` what is open
 * and selected is in the page's address. `data-pick` is the id of the field that takes the place picked, `data-several` one a line.
 * Each selection is told by an event `place`; an editor around it puts new faces in with `renew`.
 * With `data-follows` the picture scrolls to where the order goes.
 * `data-order-url` (default `/orders/{id}/`) and `data-orders-url` (`?at={position}&state={state}`) are what tokens lead to.
 */

import { asking } from "./asking.js";
import { bus } from "./bus.js";
import { Faces, placeOf } from "./diagram-faces.js";
import { drawTokens } from "./diagram-tokens.js";
import { bind } from "./keys.js";
import { pressedInTree } from "./outline-tree.js";

/** @typedef {import("./diagram-tokens.js").Token} Token */

const FOLDING = ["open", "fold"];

class LiveDiagram extends HTMLElement {
  #stop = () => {};
  #scale = 1;
  #shown = "";
  /** @type {Token[]} */
  #tokens = [];
  #query = new URLSearchParams();
  #seen = this.#query;
  #tick = asking(() => this.#ask());
  #faces = new Faces(this);

  connectedCallback() {
    if (!this.#faces.svg && !this.#faces.tree) return;
    const topic = this.dataset.topic;
    if (topic) this.#stop = bus.subscribe(topic, { since: Number(this.dataset.upto || 0), hint: () => this.#tick() });
    if (this.dataset.inAddress) this.#query = this.#seen = new URLSearchParams(location.search);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("keydown", (event) => this.#pressed(event));
    for (const button of this.parentElement?.querySelectorAll(":scope > .diagram-tools [data-zoom]") || [])
      button.addEventListener("click", () => this.#zoomBy(button.getAttribute("data-zoom") || ""));
    // While the details around it are closed it has no size to fit into.
    this.closest("details")?.addEventListener("toggle", () => this.#zoomBy("fit"));
    if (!this.dataset.pick) {
      bind("+", "zoom in", () => this.#zoomBy("in"));
      bind("-", "zoom out", () => this.#zoomBy("out"));
      bind("0", "fit the diagram", () => this.#zoomBy("fit"));
    }
    this.#settle();
    this.#tick();
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** Makes new faces ready: the focus, the size, what was picked. */
  #settle() {
    const at = this.#query.get("at") || this.#field?.value.split("\n")[0] || "";
    this.#faces.rove(this.#faces.node(at) || this.#faces.nodes[0]);
    const [, , width] = this.#faces.box;
    if (width > this.#room || this.#scale !== 1) this.#zoomBy(this.#scale === 1 ? "fit" : "same");
    if (this.#field) this.#faces.choose(this.#chosen);
    else if (at) this.#faces.select(at);
  }

  /** What is open, selected and shown, as the server is asked for it. */
  get query() {
    return this.#query;
  }

  /** Selects a place and opens what is around it. @param {string} at */
  async show(at) {
    const query = new URLSearchParams(this.#query);
    query.set("at", at);
    if (this.#faces.node(at) || this.#faces.row(at)) this.#query = query;
    else await this.#show(query);
    this.#faces.rove(this.#faces.node(at));
    this.#faces.select(at);
    this.#faces.node(at)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#faces.row(at)?.scrollIntoView({ block: "nearest" });
  }

  /** Puts other faces in, as an answer brought them. @param {string} html @param {string} at what is selected now */
  renew(html, at) {
    const part = new DOMParser().parseFromString(html, "text/html").querySelector(".faces");
    if (!part) return;
    const before = this.querySelector(".face-diagram"), left = before?.scrollLeft || 0, top = before?.scrollTop || 0;
    const held = this.contains(document.activeElement), inTree = Boolean(this.#faces.tree?.contains(document.activeElement));
    this.querySelector(".faces")?.replaceWith(part);
    this.#query.delete("at");
    if (at) this.#query.set("at", at);
    if (this.dataset.inAddress) history.replaceState(null, "", `?${this.#query}`);
    this.#settle();
    this.querySelector(".face-diagram")?.scrollTo(left, top);
    const place = inTree ? this.#faces.row(at) : this.#faces.node(at);
    place?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (held) /** @type {HTMLElement | SVGElement | null} */ (place)?.focus({ preventScroll: true });
  }

  // ---- tokens

  async #ask() {
    if (!this.dataset.tokensUrl || !this.isConnected) return true;
    const answer = await fetch(this.dataset.tokensUrl, { headers: { Accept: "application/json" } });
    if (answer.ok) this.#take(await answer.json());
    return answer.ok;
  }

  /** @param {{tokens: Token[], highlights?: Record<string, string>}} answer */
  #take(answer) {
    for (const [position, state] of Object.entries(answer.highlights || {})) this.#faces.colour(position, state);
    const wanted = JSON.stringify(answer.tokens);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.#tokens = answer.tokens;
    drawTokens(this.#faces, this.#tokens, this.dataset);
    if ("follows" in this.dataset && this.#tokens.length) this.#reveal(this.#tokens[0].position);
  }

  /** Scrolls the picture, and nothing around it, to a place that cannot be seen. @param {string} position */
  #reveal(position) {
    const node = this.#faces.nearest(position, "node");
    if (!node) return;
    const here = this.getBoundingClientRect(), there = node.getBoundingClientRect();
    if (there.left < here.left || there.right > here.right) this.scrollLeft += (there.left + there.right - here.left - here.right) / 2;
    if (there.top < here.top || there.bottom > here.bottom) this.scrollTop += (there.top + there.bottom - here.top - here.bottom) / 2;
  }

  // ---- opening and folding

  /** @param {string} key @param {boolean} isOpen as it is now */
  #toggle(key, isOpen) {
    const query = new URLSearchParams(this.#query);
    for (const name of FOLDING) {
      const kept = query.getAll(name).filter((known) => known !== key);
      query.delete(name);
      for (const known of kept) query.append(name, known);
    }
    query.append(isOpen ? "fold" : "open", key);
    this.#show(query);
  }

  /** Draws anew; who opens more before the answer is there gets both, and what was opened last is what stays.
   * @param {URLSearchParams} query @returns {Promise<void>} */
  async #show(query) {
    this.#query = query;
    const old = this.querySelector(".faces"), part = await this.#fetch(query);
    if (this.#query !== query) return;
    if (!part) return this.#giveUp(query);
    if (old !== this.querySelector(".faces")) return this.#show(query);
    const held = this.#faces.held;
    old?.replaceWith(part);
    this.#seen = query;
    if (this.dataset.inAddress) history.replaceState(null, "", `?${query}`);
    this.#settle();
    if (this.#shown) drawTokens(this.#faces, this.#tokens, this.dataset);
    this.#faces.hold(held);
  }

  /** @param {URLSearchParams} query @returns {Promise<Element | null>} the faces, none where the server does not answer */
  async #fetch(query) {
    const address = this.#pictureAddress(query);
    const answer = address && (await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null));
    return answer && answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".faces") : null;
  }

  /** @param {URLSearchParams} query */
  #giveUp(query) {
    this.#query = this.#seen;
    if (this.dataset.inAddress) location.assign(`?${query}`);
  }

  /** @param {URLSearchParams} query */
  #pictureAddress(query) {
    if (!this.dataset.pictureUrl) return "";
    const url = new URL(this.dataset.pictureUrl, location.href);
    for (const name of ["view", "at", ...FOLDING]) for (const value of query.getAll(name)) url.searchParams.append(name, value);
    for (const position of this.#chosen) url.searchParams.append("chosen", position);
    return url.pathname + url.search;
  }

  // ---- selecting and picking

  get #field() {
    const field = this.dataset.pick ? document.getElementById(this.dataset.pick) : null;
    const takes = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement;
    return takes ? field : null;
  }

  get #chosen() {
    return (this.#field?.value || "").split("\n").map((line) => line.trim()).filter(Boolean);
  }

  /** @param {Element} place a node or row */
  #use(place) {
    const position = placeOf(place);
    this.#faces.rove(this.#faces.node(position));
    if (this.dataset.pick) return this.#pick(position, place);
    this.#faces.select(position);
    this.#query.set("at", position);
    if (this.dataset.inAddress) history.replaceState(null, "", `?${this.#query}`);
    this.dispatchEvent(new CustomEvent("place", { detail: position, bubbles: true }));
    if (!this.dataset.panelUrl) return;
    const panel = new URL(this.dataset.panelUrl, location.href);
    panel.searchParams.set("at", position);
    /** @type {any} */ (window).htmx?.ajax("GET", panel.pathname + panel.search, { target: "#drawer", swap: "innerHTML" });
  }

  /** @param {string} position @param {Element} place */
  #pick(position, place) {
    const field = this.#field, refused = place.getAttribute("data-refused");
    if (!field) return;
    if (refused) return this.#say(`${position} cannot be chosen: ${refused}`);
    const known = this.#chosen;
    const others = known.filter((other) => other !== position);
    const wanted = this.dataset.several ? (others.length === known.length ? [...known, position] : others) : [position];
    field.value = wanted.join("\n");
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    this.#faces.choose(wanted);
    this.#say(wanted.length ? `Chosen: ${wanted.join(", ")}` : "Nothing is chosen.");
  }

  /** @param {string} text */
  #say(text) {
    const said = this.querySelector("[data-said]");
    if (said) said.textContent = text;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target;
    if (!(target instanceof Element) || event.ctrlKey || event.metaKey) return;
    const zoom = target.closest("[data-zoom]"), leads = target.closest("[data-href]"), face = target.closest("[data-face-link]");
    const twist = target.closest("a.fold, [data-twist]"), place = target.closest("g.node, [role=treeitem]");
    if (zoom) return this.#zoomBy(zoom.getAttribute("data-zoom") || "");
    if (leads && !this.dataset.pick) return (event.preventDefault(), void location.assign(leads.getAttribute("data-href") || ""));
    if (face) return (event.preventDefault(), this.#turn(face.getAttribute("data-face-link") || ""));
    const folds = (twist || place)?.closest("[data-fold-key]");
    if (folds && (twist || !folds.hasAttribute("data-at")))
      return (event.preventDefault(), this.#toggle(folds.getAttribute("data-fold-key") || "", folds.getAttribute("data-is-open") === "1"));
    if (!place) return;
    event.preventDefault();
    if (!placeOf(place)) return;
    this.#use(place);
    if (place.matches("[role=treeitem]")) this.#faces.node(placeOf(place))?.scrollIntoView({ block: "center", inline: "center" });
  }

  /** Shows the other face. @param {string} face */
  #turn(face) {
    const query = new URLSearchParams(this.#query);
    if (face === "diagram") query.delete("view");
    else query.set("view", face);
    this.#show(query);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const target = event.target;
    if (!(target instanceof Element) || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = target.closest("[role=treeitem]");
    if (row) return void (pressedInTree(event, row, this.#faces.rows, (what) => this.#obey(what, row)) && event.preventDefault());
    const nodes = this.#faces.nodes, at = nodes.indexOf(/** @type {SVGGElement} */ (target));
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") this.#obey("use", nodes[at]);
    else if (event.key === "f") this.#obey("toggle", this.#faces.foldOf(placeOf(nodes[at])));
    else if (to === undefined || !nodes[to]) return;
    else {
      this.#faces.rove(nodes[to]);
      nodes[to].focus();
    }
    event.preventDefault();
  }

  /** @param {"use" | "toggle" | "follow"} what @param {Element | null} place */
  #obey(what, place) {
    if (!place) return;
    const key = place.getAttribute("data-fold-key");
    if (what === "follow") location.assign(place.querySelector("[data-href]")?.getAttribute("data-href") || location.href);
    else if (what === "use" && placeOf(place)) this.#use(place);
    else if (key) this.#toggle(key, place.getAttribute("data-is-open") === "1");
  }

  // ---- size

  get #room() {
    return (this.querySelector(".face-diagram") || this).clientWidth - 28;
  }

  /** @param {string} how */
  #zoomBy(how) {
    const [, , width, height] = this.#faces.box;
    if (how === "fit") this.#scale = Math.max(Math.min(this.#room / width, 1), 0.5);
    else if (how !== "same") this.#scale *= how === "in" ? 1.2 : 1 / 1.2;
    this.#scale = Math.min(Math.max(this.#scale, 0.3), 2);
    this.#faces.svg?.setAttribute("width", String(width * this.#scale));
    this.#faces.svg?.setAttribute("height", String(height * this.#scale));
  }
}

customElements.define("live-diagram", LiveDiagram);
