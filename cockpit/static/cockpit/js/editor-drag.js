// @ts-check
/** Dragging in the workflow editor: instructions and offers of the palette, let fall at the gaps between instructions. */

const FAR = 6;

/**
 * @param {HTMLElement} host
 * @param {{drop: (type: string, to: string) => void, several: () => string[]}} acts `type` is empty for what is selected
 */
export function dragging(host, acts) {
  /** @type {{x: number, y: number, type: string, at: string, name: string, moved: boolean, ghost: HTMLElement | null} | null} */
  let drag = null;
  /** @type {Element | null} */
  let over = null;

  host.addEventListener("pointerdown", (event) => {
    const target = event.target;
    if (!(target instanceof Element) || event.button !== 0 || event.ctrlKey || event.shiftKey || target.closest("a.fold, [data-put]")) return;
    const offer = target.closest("[data-insert]"), node = target.closest("g.node[data-position]");
    if (offer || node) drag = { x: event.clientX, y: event.clientY, type: offer?.getAttribute("data-insert") || "", at: node?.getAttribute("data-position") || "", name: named(offer || node), moved: false, ghost: null };
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    if (!drag.moved) begin(event);
    event.preventDefault();
    drag.ghost?.style.setProperty("translate", `${event.clientX + 12}px ${event.clientY + 8}px`);
    const found = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-put]") || null;
    if (found !== over) over?.classList.remove("is-over");
    over = found;
    over?.classList.add("is-over");
  });

  /** @param {PointerEvent} event */
  function begin(event) {
    if (!drag) return;
    drag.moved = true;
    const chosen = acts.several();
    if (drag.at && !chosen.includes(drag.at)) host.querySelector(`g.node[data-position="${CSS.escape(drag.at)}"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    host.classList.add("is-dragging");
    drag.ghost = document.createElement("div");
    drag.ghost.className = "drag-ghost";
    drag.ghost.textContent = drag.at && chosen.length > 1 && chosen.includes(drag.at) ? `${chosen.length} instructions` : drag.name;
    document.body.append(drag.ghost);
    getSelection()?.removeAllRanges();
    event.preventDefault();
  }

  /** What is dragged, as people call it. @param {Element | null} dragged */
  function named(dragged) {
    return (dragged?.getAttribute("aria-label") || dragged?.textContent || "").split(",")[0].trim();
  }

  const end = (/** @type {boolean} */ drops) => {
    const done = drag;
    drag = null;
    host.classList.remove("is-dragging");
    over?.classList.remove("is-over");
    done?.ghost?.remove();
    const to = over?.getAttribute("data-put");
    over = null;
    if (!done?.moved) return;
    // The click that follows is the end of dragging and nothing else.
    const swallow = (/** @type {Event} */ event) => (event.preventDefault(), event.stopPropagation());
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
    if (drops && to) acts.drop(done.type, to);
  };
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));
  // Before the keys of the editor, for which Escape means something else.
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag?.moved) return;
    event.stopPropagation();
    end(false);
  }, true);
}
