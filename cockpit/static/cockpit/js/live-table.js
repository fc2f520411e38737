// @ts-check
/**
 * `<live-table data-topic data-rows-url data-upto>` around a real table: cursor, selection, live rows.
 *
 * Rows are `<tr data-id data-href [data-log-href] [data-drawer-url] [data-verbs]>`. Rows on the page are
 * patched where they stand; what newly matches is only announced, so that nobody clicks the wrong row.
 */

import { asking } from "./asking.js";
import { bus } from "./bus.js";
import { grouped } from "./fmt.js";
import { bind } from "./keys.js";

const ASKED_AT_ONCE = 100;

class LiveTable extends HTMLElement {
  /** @type {Set<string>} ids hinted and not yet asked for */
  #hinted = new Set();
  /** @type {Set<string>} */
  #selected = new Set();
  /** @type {Set<string>} ids that match now and are not on the page */
  #arrived = new Set();
  #everything = false;
  #anchor = "";
  #stop = () => {};
  #tick = asking(() => this.#ask());

  connectedCallback() {
    const topic = this.dataset.topic;
    if (topic) this.#stop = bus.subscribe(topic, { since: Number(this.dataset.upto || 0), hint: (hint) => this.#hint(hint) });
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("change", (event) => this.#changed(event));
    this.addEventListener("focusin", (event) => {
      const row = event.target instanceof Element && event.target.closest("tr[data-id]");
      if (row) this.#mark(/** @type {HTMLTableRowElement} */ (row));
    });
    for (const button of this.#freezers) button.addEventListener("click", () => this.#freeze());
    this.#bindKeys();
    this.#mark(this.#rows[0], false);
    this.#showBulk();
  }

  disconnectedCallback() {
    this.#stop();
  }

  get #body() {
    return /** @type {HTMLTableSectionElement | null} */ (this.querySelector("tbody"));
  }

  get #rows() {
    return /** @type {HTMLTableRowElement[]} */ ([...(this.#body?.querySelectorAll("tr[data-id]") || [])]);
  }

  get #cursor() {
    return /** @type {HTMLTableRowElement | null} */ (this.querySelector("tr.cursor"));
  }

  get #freezers() {
    return document.querySelectorAll(`[data-freezes="${CSS.escape(this.id)}"]`);
  }

  // ---- live rows

  /** @param {import("./bus.js").Hint} hint */
  #hint(hint) {
    if (hint.ids === null) this.#everything = true;
    else for (const id of hint.ids) this.#hinted.add(id);
    if (hint.upto !== undefined) this.dataset.upto = String(hint.upto);
    this.#tick();
  }

  async #ask() {
    if (!this.isConnected) return true;
    const everything = this.#everything;
    const ids = everything ? this.#rows.map((row) => row.dataset.id || "") : [...this.#hinted].slice(0, ASKED_AT_ONCE);
    this.#everything = false;
    for (const id of ids) this.#hinted.delete(id);
    if (!ids.length && !everything) return true;
    const answer = await this.#rowsOf(ids).catch(() => null);
    if (!answer) {
      this.#everything ||= everything;
      if (!everything) for (const id of ids) this.#hinted.add(id);
      return false;
    }
    if (everything && answer.arrived) this.#arrived = new Set(answer.arrived);
    this.#patch(ids, answer.rows);
    if (this.#hinted.size) this.#tick();
    return true;
  }

  /** @param {string[]} ids @returns {Promise<{rows: {id: string, html: string}[], arrived?: string[]} | null>} */
  async #rowsOf(ids) {
    const url = new URL(this.dataset.rowsUrl || location.pathname, location.href);
    for (const [key, value] of new URLSearchParams(location.search)) if (!url.searchParams.has(key)) url.searchParams.append(key, value);
    url.searchParams.set("ids", ids.join("\n")); // Ids may contain commas, but no control characters.
    url.searchParams.set("since", this.dataset.upto || "0");
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : null;
  }

  /** @param {string[]} asked @param {{id: string, html: string}[]} rows */
  #patch(asked, rows) {
    const present = new Map(this.#rows.map((row) => [row.dataset.id, row]));
    const matching = new Set(rows.map((row) => row.id));
    for (const { id, html } of rows) {
      const row = present.get(id);
      if (row) patchRow(row, html);
      else this.#arrived.add(id);
    }
    for (const id of asked) {
      if (matching.has(id)) continue;
      present.get(id)?.classList.add("gone");
      this.#arrived.delete(id);
    }
    this.#announce();
  }

  #announce() {
    const news = this.querySelector("[data-news]");
    if (!(news instanceof HTMLElement)) return;
    const gone = this.querySelectorAll("tr.gone").length, arrived = this.#arrived.size;
    news.hidden = !gone && !arrived;
    if (news.hidden) return;
    const told = [arrived && `${grouped(arrived)} new`, gone && `${grouped(gone)} left`].filter(Boolean).join(", ");
    if (!news.firstElementChild) {
      const text = document.createElement("span"), button = document.createElement("button");
      text.setAttribute("role", "status");
      button.type = "button";
      button.className = "button small";
      button.textContent = "Show";
      button.addEventListener("click", () => this.#renew());
      news.append(text, button);
    }
    const text = /** @type {Element} */ (news.firstElementChild);
    if (text.textContent !== told) text.textContent = told;
  }

  /** Asks for the page again and takes its rows. */
  async #renew() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(`${this.localName}${this.id ? `#${CSS.escape(this.id)}` : ""}`);
    const rows = fresh?.querySelector("tbody");
    if (!rows || !this.#body) return location.reload();
    const at = this.#cursor?.dataset.id;
    this.#body.replaceChildren(...document.importNode(rows, true).children);
    // What stands in place of rows goes where some have come.
    const empty = this.querySelector(".table-scroll > .empty"), stays = fresh?.querySelector(".table-scroll > .empty");
    if (!stays) empty?.remove();
    else if (!empty) this.querySelector(".table-scroll")?.append(document.importNode(stays, true));
    this.dataset.upto = fresh instanceof HTMLElement ? fresh.dataset.upto : this.dataset.upto;
    this.#arrived.clear();
    this.#announce();
    this.#select([...this.#selected], true);
    this.#mark(this.#rows.find((row) => row.dataset.id === at) || this.#rows[0], false);
    /** @type {any} */ (window).htmx?.process(this.#body);
  }

  #freeze() {
    bus.freeze(!bus.frozen);
    for (const button of this.#freezers) button.setAttribute("aria-pressed", String(bus.frozen));
    if (!bus.frozen) this.#tick();
  }

  // ---- cursor and selection

  /** Makes a row the one that Tab reaches. @param {HTMLTableRowElement | undefined} row @param {boolean} [focused] */
  #mark(row, focused = true) {
    if (!row) return;
    for (const other of this.#rows) if (other !== row) {
      other.classList.remove("cursor");
      other.tabIndex = -1;
    }
    row.tabIndex = 0;
    row.classList.toggle("cursor", focused);
  }

  /** @param {(at: number, last: number) => number} step */
  #move(step) {
    const rows = this.#rows, cursor = this.#cursor;
    const at = cursor ? rows.indexOf(cursor) : -1;
    const row = rows[Math.min(Math.max(step(at, rows.length - 1), 0), rows.length - 1)];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string[]} ids @param {boolean} on */
  #select(ids, on) {
    const present = new Set(this.#rows.map((row) => row.dataset.id));
    for (const id of ids) if (on && present.has(id)) this.#selected.add(id);
    else this.#selected.delete(id);
    for (const row of this.#rows) {
      const chosen = this.#selected.has(row.dataset.id || "");
      row.setAttribute("aria-selected", String(chosen));
      const box = row.querySelector('input[type="checkbox"]');
      if (box instanceof HTMLInputElement) box.checked = chosen;
    }
    this.#showBulk();
  }

  #showBulk() {
    const bulk = this.querySelector("[data-bulk]"), all = this.querySelector("[data-select-all]");
    if (all instanceof HTMLInputElement) {
      all.checked = this.#selected.size > 0 && this.#selected.size === this.#rows.length;
      all.indeterminate = this.#selected.size > 0 && !all.checked;
    }
    if (!(bulk instanceof HTMLElement)) return;
    bulk.hidden = !this.#selected.size;
    for (const count of bulk.querySelectorAll("[data-count]")) count.textContent = grouped(this.#selected.size);
    for (const field of bulk.querySelectorAll("input[data-ids]")) /** @type {HTMLInputElement} */ (field).value = [...this.#selected].join("\n");
    for (const button of bulk.querySelectorAll("[data-verb]")) this.#countVerb(/** @type {HTMLElement} */ (button));
  }

  /** Says for how many of the selected rows a verb may be used, and hides it where for none. @param {HTMLElement} button */
  #countVerb(button) {
    const chosen = this.#rows.filter((row) => this.#selected.has(row.dataset.id || ""));
    if (!chosen.some((row) => "verbs" in row.dataset)) return;
    const verb = button.dataset.verb || "";
    const able = chosen.filter((row) => (row.dataset.verbs || "").split(" ").includes(verb)).length;
    button.hidden = !able;
    let count = button.querySelector(".count");
    if (!count) {
      count = document.createElement("span");
      count.className = "count";
      button.append(count);
    }
    count.textContent = able === chosen.length ? "" : grouped(able);
  }

  /** @param {Event} event */
  #changed(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if ("selectAll" in box.dataset) return this.#select(this.#rows.map((row) => row.dataset.id || ""), box.checked);
    const row = box.closest("tr");
    if (row?.dataset.id) this.#toggle(row, box.checked, false);
  }

  /** @param {HTMLTableRowElement} row @param {boolean} on @param {boolean} range */
  #toggle(row, on, range) {
    const ids = this.#rows.map((other) => other.dataset.id || ""), id = row.dataset.id || "";
    const from = ids.indexOf(this.#anchor), to = ids.indexOf(id);
    this.#select(range && from >= 0 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id], on);
    this.#anchor = id;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-clear]")) return this.#select([...this.#selected], false);
    const row = /** @type {HTMLTableRowElement | null | undefined} */ (target?.closest("tr[data-id]"));
    if (!row || target?.closest("a, button, label, select")) return;
    if (target?.closest('input[type="checkbox"]')) {
      if (event.shiftKey) this.#toggle(row, true, true);
      return;
    }
    if (getSelection()?.toString()) return;
    row.focus();
    this.#open(row, false);
  }

  /** @param {HTMLTableRowElement | null} row @param {boolean} page */
  #open(row, page) {
    if (!row) return;
    const drawer = row.dataset.drawerUrl, htmx = /** @type {any} */ (window).htmx;
    if (!page && drawer && htmx && document.getElementById("drawer")) {
      const url = new URL(location.href);
      url.searchParams.set("sel", row.dataset.id || "");
      history.replaceState(null, "", url);
      htmx.ajax("GET", drawer, { target: "#drawer", swap: "innerHTML" });
    } else if (row.dataset.href && (page || !("drawerUrl" in row.dataset))) location.assign(row.dataset.href);
  }

  /** Uses a verb on the selection, or on the row at the cursor. @param {HTMLElement} button */
  #use(button) {
    if (!this.#selected.size && this.#cursor) this.#toggle(this.#cursor, true, false);
    if (!button.hidden) button.click();
  }

  #bindKeys() {
    const here = () => this.isConnected && this.#rows.length > 0;
    const pointed = () => here() && this.#cursor !== null;
    const row = () => /** @type {HTMLTableRowElement} */ (this.#cursor);
    bind("j|ArrowDown", "next row", () => this.#move((at) => at + 1), here);
    bind("k|ArrowUp", "row before", () => this.#move((at) => at - 1), here);
    bind("Home", "first row", () => this.#move(() => 0), here);
    bind("End", "last row", () => this.#move((_, last) => last), here);
    bind("o|Enter", "open the row", () => this.#open(row(), false), pointed);
    bind("Shift+o|Shift+Enter", "open its page", () => this.#open(row(), true), pointed);
    bind("x", "select the row", () => this.#toggle(row(), row().getAttribute("aria-selected") !== "true", false), pointed);
    bind("Shift+x", "select up to the row", () => this.#toggle(row(), true, true), pointed);
    bind("*", "select all on this page", () => this.#select(this.#rows.map((r) => r.dataset.id || ""), true), here);
    bind("Escape", "clear the selection", () => this.#select([...this.#selected], false), () => this.#selected.size > 0);
    bind("y", "copy the id", () => void navigator.clipboard?.writeText(row().dataset.id || ""), pointed);
    bind("l", "log of the row", () => location.assign(row().dataset.logHref || ""), () => pointed() && Boolean(row().dataset.logHref));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-row-key]")))
      bind(button.dataset.rowKey || "", `${button.dataset.verb} the selected rows, or this one`, () => this.#use(button), () => pointed() || this.#selected.size > 0);
    if (this.dataset.topic) {
      bind(".", "show what is new", () => void this.#renew(), here);
      bind("Space", "freeze the list", () => this.#freeze(), here);
    }
  }
}

/** Takes over what differs; cells that are equal stay, and with them focus and selection. @param {HTMLTableRowElement} row @param {string} html */
function patchRow(row, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.querySelector("tr");
  if (!fresh) return;
  for (const { name, value } of fresh.attributes) if (name.startsWith("data-")) row.setAttribute(name, value);
  row.classList.remove("gone", "changed");
  let differs = fresh.cells.length !== row.cells.length;
  for (const [i, cell] of [...fresh.cells].entries()) {
    const known = row.cells[i];
    if (!known || known.querySelector('input[type="checkbox"]') || sameCell(known, cell)) continue;
    known.className = cell.className;
    known.replaceChildren(...cell.childNodes);
    differs = true;
  }
  if (differs) requestAnimationFrame(() => row.classList.add("changed"));
}

/** Times are compared by instant, for their text is already in the reader's zone. @param {Element} a @param {Element} b */
function sameCell(a, b) {
  const told = (/** @type {Element} */ cell) =>
    [...cell.querySelectorAll("[class], time, a")].map((e) => `${e.getAttribute("class")} ${e.getAttribute("datetime")} ${e.getAttribute("href")}`).join()
    + (cell.querySelector("time") ? "" : cell.textContent);
  return told(a) === told(b);
}

customElements.define("live-table", LiveTable);
