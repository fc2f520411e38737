// @ts-check
/** The two faces of a workflow in a `<live-diagram>`: finds places in them and marks places in both at once. Knows no orders. */

const KINDS = ["[role=treeitem]", "g.node", "a.fold", "[data-face-link]", "[data-zoom]"];
const NAMES = ["data-at", "data-position", "data-fold-key", "data-face-link", "data-zoom"];
const TRIES = /(^|\/)(try|catch|cycle)\+[^/]*/g;

/** @param {string} position tries may be counted @returns {string} */
export const withoutTries = (position) => position.replace(TRIES, "$1$2");

/** @param {Element} place a node of the diagram or a row of the outline @returns {string} its position, empty for a lane or a run */
export const placeOf = (place) => place.getAttribute("data-position") || place.getAttribute("data-at") || "";

export class Faces {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
  }

  get svg() {
    return this.host.querySelector("svg.diagram");
  }

  get tree() {
    return this.host.querySelector("[role=tree]");
  }

  /** x, y, width and height of the whole drawing, before zooming. */
  get box() {
    return (this.svg?.getAttribute("viewBox") || "0 0 1 1").split(" ").map(Number);
  }

  get nodes() {
    return /** @type {SVGGElement[]} */ ([...this.host.querySelectorAll("g.node")]);
  }

  get rows() {
    return /** @type {HTMLElement[]} */ ([...this.host.querySelectorAll("[role=treeitem]")]);
  }

  /** @param {string} position @returns {SVGGElement | null} */
  node(position) {
    return this.host.querySelector(`g.node[data-position="${CSS.escape(withoutTries(position))}"]`);
  }

  /** @param {string} position @returns {HTMLElement | null} */
  row(position) {
    return this.host.querySelector(`[role=treeitem][data-at="${CSS.escape(withoutTries(position))}"]`);
  }

  /** @param {string} position @returns {Element | null} what opens and folds the node there */
  foldOf(position) {
    return this.host.querySelector(`a.fold[data-fold-key="${CSS.escape(position)}"]`);
  }

  /** Returns what is shown for a position: itself, the folded run that it is in, or what is around it.
   * @param {string} position @param {"node" | "row"} face @returns {Element | null} */
  nearest(position, face) {
    for (let parts = withoutTries(position).split("/"); parts.length > 0; parts = parts.slice(0, -2)) {
      const here = parts.join("/");
      const found = this[face](here) || this.#run(parts, face);
      if (found) return found;
    }
    return null;
  }

  /** @param {string[]} parts @param {"node" | "row"} face */
  #run(parts, face) {
    const scope = parts.slice(0, -1).join("/"), at = Number(parts.at(-1));
    const runs = this.host.querySelectorAll(face === "node" ? "g[data-run]" : '[role=treeitem][data-is-open="0"]:not([data-at])');
    return [...runs].find((run) => {
      const key = run.getAttribute("data-run") || run.getAttribute("data-fold-key") || "", cut = key.lastIndexOf("/");
      const [first, last] = key.slice(cut + 1).split("-").map(Number);
      return key.slice(0, Math.max(cut, 0)) === scope && first <= at && at <= last;
    }) || null;
  }

  /** Shows a state at a place. @param {string} position @param {string} state */
  colour(position, state) {
    for (const place of [this.node(position), this.row(position)]) {
      const known = [...(place?.classList || [])].filter((name) => name.startsWith("st-"));
      if (!place || (known.length === 1 && known[0] === `st-${state}`)) continue;
      place.classList.remove(...known);
      place.classList.add(`st-${state}`);
    }
  }

  /** Lets Tab reach one node; the arrows reach the others. @param {SVGGElement | undefined | null} node */
  rove(node) {
    if (node) for (const other of this.nodes) other.setAttribute("tabindex", other === node ? "0" : "-1");
  }

  /** @param {string} position */
  select(position) {
    const here = withoutTries(position);
    for (const place of [...this.nodes, ...this.rows])
      if (placeOf(place) === here) place.setAttribute("aria-current", "true");
      else place.removeAttribute("aria-current");
  }

  /** @param {string[]} positions */
  choose(positions) {
    const wanted = new Set(positions.map(withoutTries));
    for (const node of this.nodes) if (node.hasAttribute("aria-pressed")) node.setAttribute("aria-pressed", String(wanted.has(placeOf(node))));
    for (const row of this.rows) if (row.hasAttribute("aria-selected")) row.setAttribute("aria-selected", String(wanted.has(placeOf(row))));
  }

  /** How to find what has the focus once the faces are drawn anew; empty where nothing in here has it. */
  get held() {
    const focus = document.activeElement;
    if (!focus || !this.host.contains(focus)) return "";
    const kind = KINDS.find((one) => focus.matches(one)), name = NAMES.find((one) => focus.hasAttribute(one));
    return kind && name ? `${kind}[${name}="${CSS.escape(focus.getAttribute(name) || "")}"]` : "";
  }

  /** Gives the focus back. @param {string} held as it was told before */
  hold(held) {
    const place = /** @type {HTMLElement | SVGGElement | null} */ (held && this.host.querySelector(held));
    if (!place) return;
    if (place.matches("[role=treeitem]")) for (const row of this.rows) row.tabIndex = row === place ? 0 : -1;
    if (place.matches("g.node")) this.rove(/** @type {SVGGElement} */ (place));
    place.focus();
  }
}
