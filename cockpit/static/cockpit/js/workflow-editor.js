// @ts-check
/**
 * `<workflow-editor>` around tree, palette, faces or text, properties and problems of one draft.
 *
 * Every edit is an operation on the server; its answer brings all parts anew. Here are only the selection, the keys, dragging,
 * and the line of requests: one after the other, each with the number of the draft that the one before brought.
 */

import "./code-editor.js";
import { bind, make } from "./keys.js";
import { dragging } from "./editor-drag.js";
import { filled, problemAt, renewPanel, tabbed } from "./editor-panel.js";
import { fromTemplate } from "./editor-template.js";
import { rowRenamed, rowsClicked } from "./editor-rows.js";

const PAUSE = 500;
const BEAT = 30_000;
const FRAGMENT = "stellwerk-fragment";

class WorkflowEditor extends HTMLElement {
  #line = Promise.resolve();
  #editNo = 0;
  #at = "";
  /** @type {Set<string>} */ #several = new Set();
  #spot = "";
  /** @type {Map<Element, number>} */ #waiting = new Map();
  #mine = false;

  connectedCallback() {
    this.#editNo = Number(this.dataset.editNo);
    this.#at = this.dataset.at || "";
    this.addEventListener("place", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail));
    this.addEventListener("click", (event) => this.#clicked(event), true);
    this.addEventListener("input", (event) => this.#typed(event));
    this.addEventListener("change", (event) => this.#typed(event));
    document.addEventListener("click", (event) => this.#outside(event));
    document.addEventListener("keydown", (event) => this.#pressed(event), true);
    this.addEventListener("submit", () => this.#flushText());
    this.#say(Date.parse(this.dataset.savedAt || ""));
    setInterval(() => this.#say(), 1000);
    setInterval(() => this.#beat(), BEAT);
    window.addEventListener("pagehide", () => this.#mine && void this.#ask("presence", null, "?act=leave"));
    tabbed(this);
    this.addEventListener("ready", (event) => event.target instanceof Element && event.target.matches("[data-whole]") && this.#parse("", JSON.parse(this.dataset.lines || "[]")));
    if (!this.dataset.mayEdit) return;
    dragging(this, { drop: (type, to) => this.#dropped(type, to), several: () => this.#chosen });
    const sheet = [["i", "insert an instruction", () => this.#find()], ["F2", "rename", () => this.#rename()], ["Enter", "to its properties", () => this.#properties()]];
    for (const [key, text, act] of /** @type {[string, string, () => void][]} */ (sheet)) bind(key, text, act);
    for (const [key, text] of [["Delete", "delete what is selected"], ["Ctrl+z", "undo"], ["Ctrl+Shift+z", "redo"], ["Alt+ArrowUp|Alt+ArrowDown", "move up or down"], ["Ctrl+u", "unwrap"], ["Ctrl+c|Ctrl+x|Ctrl+v", "copy, cut, paste"]]) bind(key, text, () => {});
  }

  /** @returns {any} the faces */
  get #faces() {
    return this.querySelector("live-diagram");
  }

  get #chosen() {
    return this.#several.size ? [...this.#several] : this.#at ? [this.#at] : [];
  }

  // ---- requests

  /** @param {string} what @param {object | null} body @param {string} [more] of the address */
  async #ask(what, body, more = "") {
    const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content") || "";
    const address = this.getAttribute(`data-${what}-url`) + more;
    return fetch(address, { method: "POST", keepalive: what === "presence", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token }, body: body ? JSON.stringify(body) : null });
  }

  /** Sends an operation after those before it. @param {string} what @param {object | (() => object | null)} operation @param {Element | null} [field] */
  #send(what, operation, field = null) {
    this.#mine = true;
    this.#line = this.#line.then(async () => {
      const given = typeof operation === "function" ? operation() : operation;
      if (!given) return;
      this.#state("saving…");
      const body = { edit_no: this.#editNo, look: this.#look(), operation: what === "operation" ? given : undefined };
      const answer = await this.#ask(what, body).catch(() => null);
      if (!answer) return this.#state("not saved: the cockpit does not answer", true);
      const told = await answer.json().catch(() => ({ error: `The cockpit answered ${answer.status}.` }));
      if (answer.ok) this.#take(told, field);
      else this.#refused(told, answer.status, given, field);
    });
    return this.#line;
  }

  #look() {
    const query = this.#faces?.query || new URLSearchParams();
    return { view: [this.dataset.face], at: [this.#at], open: query.getAll("open"), fold: query.getAll("fold"), marks: this.dataset.marks ? ["1"] : [] };
  }

  /** @param {any} parts @param {Element | null} [field] that somebody types in */
  #take(parts, field = null) {
    if (this.dataset.face === "changes") return location.reload();
    this.#editNo = parts.edit_no;
    this.#at = parts.at;
    this.#several.clear();
    this.#spot = "";
    this.dataset.putAfter = parts.put_after;
    this.dataset.putInto = parts.put_into;
    this.#faces?.renew(parts.faces, parts.at);
    this.#faces?.classList.toggle("stale", Boolean(parts.unreadable));
    const drawer = this.querySelector("#drawer"), bar = this.querySelector("#editor-problems"), text = this.querySelector("[data-whole]");
    if (drawer) renewPanel(drawer, parts.panel);
    if (bar) bar.innerHTML = parts.problems;
    if (text && parts.source !== null && !this.#waiting.has(text)) /** @type {any} */ (text).value = parts.source;
    for (const known of this.querySelectorAll("input[name=edit_no]")) /** @type {HTMLInputElement} */ (known).value = parts.edit_no;
    for (const verb of ["undo", "redo"]) {
      const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-step=${verb}]`));
      if (button) button.disabled = !parts[verb];
      button?.setAttribute("title", `${verb === "undo" ? "Undo" : "Redo"} ${parts[verb]}`);
    }
    this.#parse(parts.unreadable || "", parts.lines || []);
    this.#held(parts.held_by);
    this.dataset.changedBy = parts.changed_by;
    const conflict = this.querySelector("#editor-conflict");
    if (conflict) conflict.toggleAttribute("hidden", true);
    const word = document.querySelector(".editor-head .state");
    if (word && parts.state) word.outerHTML = parts.state.trim();
    this.#say(Date.parse(parts.saved_at));
    if (field) field.classList.remove("unsaved");
    this.#mark();
  }

  /** @param {any} told @param {number} status @param {any} operation @param {Element | null} field */
  #refused(told, status, operation, field) {
    if (status === 409 && told.code === "held") return (this.#held(told.by), this.#state("not saved", true));
    if (status === 409) return this.#conflict(told);
    this.#state(status === 422 ? "not saved yet" : "not saved", true);
    if (operation.do === "write") return this.#parse(told.error);
    if (field) problemAt(field, told.error);
    else this.#toast(told.error);
  }

  /** Says who was faster, and what they did. @param {any} told */
  #conflict(told) {
    const banner = this.querySelector("#editor-conflict");
    if (!banner) return;
    const again = make("button", "button small", "Show the present draft");
    again.addEventListener("click", () => location.reload());
    const did = (told.did || []).join("; ");
    banner.replaceChildren(make("b", "", "Not saved."), document.createTextNode(` ${told.error} ${did ? `Meanwhile: ${did}.` : ""} `), again);
    banner.removeAttribute("hidden");
    this.#state("not saved", true);
  }

  // ---- what is said

  #savedAt = NaN;
  /** @param {number} [savedAt] */
  #say(savedAt) {
    if (savedAt) this.#savedAt = savedAt;
    if (savedAt === undefined && this.dataset.state) return;
    delete this.dataset.state;
    const age = Math.max(0, Math.round((Date.now() - this.#savedAt) / 1000));
    const told = age < 60 ? `${age} s` : age < 3600 ? `${Math.floor(age / 60)} min` : age < 86_400 ? `${Math.floor(age / 3600)} h` : `${Math.floor(age / 86_400)} days`;
    const place = document.getElementById("editor-saved"), text = `draft · saved ${told} ago by ${this.dataset.changedBy}`;
    // Screen readers are told of results, not of every second.
    if (savedAt) place?.setAttribute("aria-live", "polite");
    else place?.setAttribute("aria-live", "off");
    if (place && !Number.isNaN(age) && place.textContent !== text) place.textContent = text;
  }

  /** @param {string} text @param {boolean} [bad] */
  #state(text, bad = false) {
    this.dataset.state = bad ? "bad" : "busy";
    const place = document.getElementById("editor-saved");
    if (place) place.textContent = text;
  }

  /** Shows why the text cannot be read, and that the diagram is older; else the problems in its lines.
   * @param {string} sentence @param {object[]} [lines] */
  #parse(sentence, lines = []) {
    const place = this.querySelector("#editor-parse"), text = /** @type {any} */ (this.querySelector("[data-whole]"));
    if (!place) return;
    place.textContent = sentence;
    place.toggleAttribute("hidden", !sentence);
    if (sentence) this.#faces?.classList.add("stale");
    const line = /line (\d+)/.exec(sentence);
    text?.problems?.(sentence ? [{ line: line ? Number(line[1]) : 1, message: sentence }] : lines);
  }

  /** @param {string} text */
  #toast(text) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
  }

  /** @param {string} account who is at work, empty for nobody else */
  #held(account) {
    const banner = this.querySelector("#editor-held"), name = banner?.querySelector("[data-held-by]");
    if (name && account) name.textContent = account;
    banner?.toggleAttribute("hidden", !account);
    if (account) this.#mine = false;
  }

  async #beat() {
    if (document.hidden) return;
    const address = this.getAttribute("data-presence-url") || "";
    const answer = await (this.#mine ? this.#ask("presence", null) : fetch(address)).catch(() => null);
    if (answer?.ok) this.#held((await answer.json()).held_by);
  }

  async #takeOver() {
    const answer = await this.#ask("presence", null, "?act=take").catch(() => null);
    if (!answer?.ok) return;
    const parts = await answer.json();
    if (parts.edit_no !== this.#editNo) return location.reload();
    this.#mine = true;
    this.#held("");
  }

  // ---- selecting

  /** @param {string} at */
  async #choose(at) {
    this.#at = at;
    this.#several.clear();
    this.#spot = "";
    this.#mark();
    await this.#line;
    const query = new URLSearchParams(this.#faces?.query);
    query.set("at", at);
    const answer = await fetch(`${this.getAttribute("data-look-url")}?${query}`).catch(() => null);
    if (!answer?.ok || this.#at !== at) return;
    const parts = await answer.json(), drawer = this.querySelector("#drawer");
    this.dataset.putAfter = parts.put_after;
    this.dataset.putInto = parts.put_into;
    if (drawer) drawer.innerHTML = parts.panel;
    if (parts.edit_no !== this.#editNo && parts.changed_by) this.#held(parts.held_by);
  }

  /** @param {string} at */
  #show(at) {
    this.#faces?.show(at);
    return this.#choose(at);
  }

  #mark() {
    for (const place of this.querySelectorAll("[data-position], [data-at]")) {
      const at = place.getAttribute("data-position") || place.getAttribute("data-at") || "";
      place.toggleAttribute("data-chosen", this.#several.has(at));
    }
    for (const gap of this.querySelectorAll("[data-put]")) gap.classList.toggle("is-spot", gap.getAttribute("data-put") === this.#spot);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const gap = target.closest("[data-put]"), place = target.closest("g.node, [role=treeitem][data-at]"), link = target.closest("[data-problem-at]");
    const at = place?.getAttribute("data-position") || place?.getAttribute("data-at") || "";
    if (gap && this.dataset.mayEdit) {
      event.stopPropagation();
      this.#spot = gap.getAttribute("data-put") || "";
      this.#mark();
      return this.#find();
    }
    if (at && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
      for (const one of this.#several.size ? [] : this.#chosen) this.#several.add(one);
      if (!this.#several.delete(at)) this.#several.add(at);
      return this.#mark();
    }
    if (link && this.#faces && link.getAttribute("data-problem-at")) {
      event.preventDefault();
      this.#goTo(link.getAttribute("data-problem-at") || "", link.getAttribute("data-problem-field") || "");
    }
    // Beside all instructions is the workflow itself.
    if (target.matches(".face-diagram, svg.diagram") && this.#at) this.#show("");
    const insert = target.closest("[data-insert]");
    if (insert instanceof HTMLElement) return this.#insert(insert, event.shiftKey);
    this.#verb(target);
  }

  /** @param {Element} target */
  #verb(target) {
    const verb = target.closest("[data-do]")?.getAttribute("data-do"), branch = target.closest("[data-remove-branch]"), job = target.closest("[data-remove-job]"), template = this.dataset.mayEdit && target.closest("[data-template-of]");
    if (verb === "delete") this.#delete();
    else if (verb === "unwrap") this.#send("operation", { do: "unwrap", at: this.#at });
    else if (verb === "add-branch") this.#send("operation", { do: "add-branch", at: this.#at });
    else if (verb === "duplicate") this.#copy().then(() => this.#paste());
    else if (branch) this.#send("operation", { do: "remove-branch", at: this.#at, branch: branch.getAttribute("data-remove-branch") });
    else if (job) this.#send("operation", { do: "remove-job", job: job.getAttribute("data-remove-job") });
    else if (target.closest("[data-take-over]")) this.#takeOver();
    else if (template) fromTemplate(this.dataset.templateUrl || "", template.getAttribute("data-template-of") || "", (operation) => this.#made(operation));
    else if (this.dataset.mayEdit) rowsClicked(target, (operation) => (this.#flush(), this.#send("operation", operation)));
  }

  /** Makes a job anew: all its fields may say something else. @param {object} operation */
  async #made(operation) {
    await this.#send("operation", () => (this.querySelector("[data-panel-at]")?.removeAttribute("data-shape"), operation));
    /** @type {HTMLElement | null} */ (this.querySelector("[data-template-of]"))?.focus();
  }

  /** The head of the page lies outside of this element. @param {MouseEvent} event */
  #outside(event) {
    const target = event.target instanceof Element ? event.target : null;
    const verb = target?.closest("[data-step]")?.getAttribute("data-step"), leads = target?.closest("a[data-view], a[data-deploy]");
    if (verb) this.#send(verb, {});
    if (!(leads instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#flush();
    const url = new URL(leads.href);
    if (leads.dataset.view && this.#at && !url.searchParams.has("at")) url.searchParams.set("at", this.#at);
    // What is on its way arrives first.
    this.#line.then(() => location.assign(url));
  }

  /** Selects a place and goes to one of its fields. @param {string} at @param {string} field */
  async #goTo(at, field) {
    await this.#show(at);
    const found = [...this.querySelectorAll("#drawer .field")].find((one) => field && (field === one.getAttribute("data-place") || field.startsWith(`${one.getAttribute("data-place")}.`)));
    filled(found || this.querySelector("#drawer .field"));
  }

  // ---- edits

  #target() {
    return this.#spot || this.dataset.putInto || this.dataset.putAfter || "0";
  }

  #find() {
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("#editor-find"));
    field?.focus();
    field?.select();
  }

  /** @param {HTMLElement} offer @param {boolean} around */
  #insert(offer, around) {
    const type = offer.dataset.insert;
    if (around && offer.dataset.wraps && this.#chosen.length) this.#send("operation", { do: "wrap", at: this.#chosen, type });
    else this.#send("operation", { do: "insert", at: this.#target(), type });
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("#editor-find"));
    if (field?.value) {
      field.value = "";
      this.#narrow("");
    }
    this.#line.then(() => this.#focusPlace());
  }

  #focusPlace() {
    const at = CSS.escape(this.#at);
    const place = this.querySelector(this.dataset.face === "outline" ? `[role=treeitem][data-at="${at}"]` : `g.node[data-position="${at}"]`);
    /** @type {HTMLElement | SVGElement | null} */ (place)?.focus();
  }

  /** @param {string} what is looked for in the palette */
  #narrow(what) {
    for (const offer of this.querySelectorAll("[data-insert]")) offer.toggleAttribute("hidden", !(offer.textContent || "").toLowerCase().includes(what.toLowerCase().trim()));
  }

  #delete() {
    if (this.#chosen.length) this.#send("operation", { do: "delete", at: this.#chosen });
  }

  /** @param {string} type of the palette, empty for what is selected @param {string} to */
  #dropped(type, to) {
    if (type) this.#send("operation", { do: "insert", at: to, type });
    else if (this.#chosen.length) this.#send("operation", { do: "move", at: this.#chosen, to });
  }

  /** @param {number} way -1 for up, 1 for down */
  #shift(way) {
    const parts = this.#at.split("/"), index = Number(parts.pop());
    if (!this.#at || index + way < 0) return;
    const to = [...parts, String(way < 0 ? index - 1 : index + 2)].join("/");
    this.#send("operation", { do: "move", at: [this.#at], to });
  }

  async #copy() {
    if (!this.#chosen.length) return;
    const query = new URLSearchParams(this.#chosen.map((at) => ["at", at]));
    await this.#line;
    const answer = await fetch(`${this.getAttribute("data-copied-url")}?${query}`).catch(() => null);
    if (answer?.ok) localStorage.setItem(FRAGMENT, JSON.stringify(await answer.json()));
  }

  #paste() {
    const text = localStorage.getItem(FRAGMENT);
    if (text) this.#send("operation", { do: "paste", at: this.#spot || this.dataset.putAfter || "0", fragment: JSON.parse(text) });
  }

  #rename() {
    const field = this.querySelector("#job-name, #drawer input[id$=label], #drawer input");
    filled(field?.closest(".field") || null);
  }

  #properties() {
    filled(this.querySelector("#drawer .field"));
  }

  // ---- typing

  /** @param {Event} event */
  #typed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.id === "editor-find") return this.#narrow(field.value);
    if (!(field instanceof HTMLElement) || !this.dataset.mayEdit) return;
    const whole = field.closest("[data-whole]");
    if (whole) {
      if (event.type === "input") this.#wait(whole, () => this.#write(whole));
      return;
    }
    const now = event.type === "change" || field.matches("[type=checkbox], select");
    if (field.dataset.renameRow) {
      if (event.type === "change") rowRenamed(field, (operation, named) => this.#send("operation", operation, named));
    } else if (field.dataset.rename) {
      if (event.type === "change") this.#send("operation", { do: "rename-job", job: field.dataset.rename, to: field.value.trim() }, field);
    } else if (field.dataset.kindOf) {
      if (event.type === "change") this.#send("operation", { do: "set-kind", job: field.dataset.kindOf, type: field.value });
    } else if (field.dataset.path && (!now || this.#waiting.has(field) || field.matches("[type=checkbox], select"))) {
      if (field.matches("[type=checkbox], select") && event.type === "input") return;
      field.classList.add("unsaved");
      this.#wait(field, () => this.#set(field), now ? 0 : PAUSE);
    }
  }

  /** @param {Element} field @param {() => void} act @param {number} [pause] */
  #wait(field, act, pause = PAUSE) {
    clearTimeout(this.#waiting.get(field));
    this.#state("typing…");
    this.#acts.set(field, act);
    this.#waiting.set(field, window.setTimeout(() => this.#do(field), pause));
  }

  /** @type {Map<Element, () => void>} */ #acts = new Map();

  /** @param {Element} field */
  #do(field) {
    clearTimeout(this.#waiting.get(field));
    this.#waiting.delete(field);
    this.#acts.get(field)?.();
  }

  #flush() {
    for (const field of [...this.#waiting.keys()]) this.#do(field);
  }

  #flushText() {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  /** @param {HTMLInputElement} field */
  #set(field) {
    const panel = field.closest("[data-panel-at]"), of = field.dataset.of;
    const place = { at: of === "at" ? panel?.getAttribute("data-panel-at") : "", job: of === "job" ? panel?.getAttribute("data-panel-job") : "" };
    const text = field.type === "checkbox" ? (field.checked ? "true" : "") : field.value;
    this.#send("operation", { do: "field", ...place, path: JSON.parse(field.dataset.path || "[]"), part: field.dataset.part || "", text }, field);
  }

  /** @param {Element} whole */
  #write(whole) {
    this.#send("operation", () => ({ do: "write", source: /** @type {any} */ (whole).value }));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const target = event.composedPath()[0];
    if (document.querySelector("dialog[open]") || !this.dataset.mayEdit) return;
    if (target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))) return this.#pressedInField(event, target);
    const ctrl = event.ctrlKey || event.metaKey, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const name = `${ctrl ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${key}`;
    if (ctrl && "cx".includes(key) && String(getSelection())) return;
    const inFaces = target instanceof Element && (target === document.body || this.contains(target)) && !target.closest("#drawer, .editor-tree, .editor-problems");
    /** @type {Record<string, () => void>} */
    const acts = {
      "Ctrl+z": () => this.#send("undo", {}), "Ctrl+Shift+z": () => this.#send("redo", {}), "Ctrl+y": () => this.#send("redo", {}),
      "Ctrl+c": () => this.#copy(), "Ctrl+x": () => this.#copy().then(() => this.#delete()), "Ctrl+v": () => this.#paste(),
      ...(inFaces && this.#faces ? {
        i: () => this.#find(), Delete: () => this.#delete(), Backspace: () => this.#delete(), F2: () => this.#rename(),
        "Ctrl+u": () => this.#at && this.#send("operation", { do: "unwrap", at: this.#at }),
        "Alt+ArrowUp": () => this.#shift(-1), "Alt+ArrowDown": () => this.#shift(1), Escape: () => (this.#several.size || this.#spot ? (this.#several.clear(), (this.#spot = ""), this.#mark()) : void this.#show("")),
      } : {}),
    };
    const place = target instanceof Element ? target.closest("g.node, [role=treeitem][data-at]") : null;
    const at = place?.getAttribute("data-position") || place?.getAttribute("data-at") || "";
    if (at && !ctrl && at !== this.#at && acts[name] && name !== "i") this.#at = at;
    if (key === "Enter" && at && at === this.#at && !ctrl) acts.Enter = () => this.#properties();
    if (!acts[name]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[name]();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} field */
  #pressedInField(event, field) {
    if (field.id === "editor-find") {
      const offers = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-insert]:not([hidden])")]);
      if (event.key === "Enter" && offers[0]) this.#insert(offers[0], event.shiftKey);
      else if (event.key === "ArrowDown") offers[0]?.focus();
      else if (event.key === "Escape") this.#focusPlace();
      else return;
      event.preventDefault();
    } else if (event.key === "Escape" && field.closest("#drawer")) {
      this.#flush();
      this.#focusPlace();
    }
  }
}

customElements.define("workflow-editor", WorkflowEditor);
