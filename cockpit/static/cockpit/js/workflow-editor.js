// @ts-check
/**
 * `<workflow-editor>` around tree, palette, faces or text, properties and problems of one draft.
 *
 * Every edit is an operation on the server; its answer brings all parts anew. Here are only the selection, the keys, dragging,
 * and the line of requests: one after the other, each with the number of the draft that the one before brought.
 */

import "./code-editor.js";
import { ask } from "./editor-ask.js";
import { copied, pasting } from "./editor-clipboard.js";
import { dragging } from "./editor-drag.js";
import { nowAt } from "./editor-follow.js";
import { editorKeys } from "./editor-keys.js";
import { leaving } from "./editor-leaving.js";
import { Line } from "./editor-line.js";
import { filled, mark, problemAt, renewPanel, tabbed } from "./editor-panel.js";
import { Presence } from "./editor-presence.js";
import { rowRenamed, rowsClicked } from "./editor-rows.js";
import { Said } from "./editor-said.js";
import { fromTemplate } from "./editor-template.js";
import { heir, keepTyped, placeOfField, textOf, Typing } from "./editor-typing.js";

const GONE = "Not done: what you chose is not there any more, or stands elsewhere since.";
const UNREAD = "The text cannot be read yet: mend it, or take it back within the text by Ctrl+Z.";

class WorkflowEditor extends HTMLElement {
  #line = new Line({
    ask: (what, body) => ask(this, what, body), look: () => this.#look(), said: (text, bad) => this.#said.state(text, bad),
    before: () => this.#typing.flush(), taken: (told, step, who) => this.#take(told, step, who),
    refused: (told, status, operation, who) => this.#refused(told, status, operation, who), lost: (operation, who) => this.#lost(operation, who),
  });
  #typing = new Typing();
  #said = new Said(this);
  #at = "";
  /** @type {Set<string>} */ #several = new Set();
  #spot = "";
  #choice = 0;
  #finding = 0;
  #presence = new Presence(this, this.#line, this.#said, () => this.#reload());
  #unread = false;
  #leaves = false;

  connectedCallback() {
    this.#line.editNo = Number(this.dataset.editNo);
    this.#at = this.dataset.at || "";
    this.addEventListener("place", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail));
    this.addEventListener("click", (event) => this.#clicked(event), true);
    this.addEventListener("input", (event) => this.#typed(event));
    this.addEventListener("change", (event) => this.#typed(event));
    document.addEventListener("click", (event) => this.#outside(event));
    this.addEventListener("submit", () => (this.#typing.drop(), (this.#leaves = true)));
    this.#said.saved(Date.parse(this.dataset.savedAt || ""));
    setInterval(() => this.#said.saved(), 1000);
    window.addEventListener("beforeunload", (event) => this.#unsaved && event.preventDefault());
    tabbed(this);
    this.addEventListener("ready", (event) => event.target instanceof Element && event.target.matches("[data-whole]") && this.#said.parse("", JSON.parse(this.dataset.lines || "[]")));
    if (!this.dataset.mayEdit) return;
    editorKeys(this, {
      find: () => this.#find(), rename: () => filled(this.querySelector("#job-name, #drawer input[id$=label], #drawer input")?.closest(".field") || null), properties: () => filled(this.querySelector("#drawer .field")), delete: () => this.#delete(), step: (verb) => this.#step(verb),
      unwrap: () => this.#at && this.#send("operation", { do: "unwrap", at: this.#at }), shift: (way) => this.#shift(way), copy: () => this.#copy(), paste: () => this.#paste(),
      up: () => this.#up(), isAt: (at) => at === this.#at, goTo: (at) => ((this.#at = at), (this.#choice += 1)), insert: (offer, around) => this.#insert(offer, around),
      toFaces: () => (this.#typing.flush(), this.#focusPlace()),
    });
    dragging(this, { drop: (type, to) => this.#dropped(type, to), several: () => this.#chosen });
  }

  /** @returns {any} the faces */
  get #faces() {
    return this.querySelector("live-diagram");
  }

  /** @returns {any} the text of the whole, where that is shown */
  get #whole() {
    return this.querySelector("[data-whole]");
  }

  get #chosen() {
    return this.#several.size ? [...this.#several] : this.#at ? [this.#at] : [];
  }

  /** Whether something would be lost if the page were left now. Asked for at leaving, it takes up what is being typed. */
  get #unsaved() {
    this.#typing.flush();
    return !this.#leaves && (this.#line.busy || this.#unread || this.querySelector("#drawer .unsaved") !== null);
  }

  #reload() {
    this.#leaves = true;
    location.reload();
  }

  // ---- requests

  /** Sends an operation after those before it, and after what is being typed. @param {string} what
   * @param {object | ((now: (at: string) => string | null) => object | null)} operation @param {Element | null} [field] */
  #send(what, operation, field = null) {
    this.#presence.mine = true;
    if (!field) this.#typing.flush();
    return this.#line.send(what, operation, { field, choice: this.#choice });
  }

  #look() {
    const query = this.#faces?.query || new URLSearchParams();
    return { view: [this.dataset.face], at: [this.#at], open: query.getAll("open"), fold: query.getAll("fold"), marks: this.dataset.marks ? ["1"] : [] };
  }

  /** @param {any} parts @param {import("./editor-follow.js").Step} step @param {import("./editor-line.js").Who} who */
  #take(parts, step, { field, choice }) {
    if (this.dataset.face === "changes") return this.#reload();
    // Who chose something else meanwhile stays there; its panel is on its way.
    const stays = choice === this.#choice ? null : nowAt(this.#at, [step]);
    this.#at = stays ?? parts.at;
    this.#several.clear();
    this.#spot = "";
    this.#faces?.renew(parts.faces, this.#at);
    this.#faces?.classList.toggle("stale", Boolean(parts.unreadable));
    const drawer = this.querySelector("#drawer"), bar = this.querySelector("#editor-problems");
    if (drawer && stays === null) this.#renewed(drawer, () => renewPanel(drawer, parts.panel), parts, [step]);
    if (bar) bar.innerHTML = parts.problems;
    this.#unread = false;
    if (this.#whole && parts.source !== null && !this.#typing.has(this.#whole)) this.#whole.value = parts.source;
    this.#said.header(parts);
    this.#said.parse(parts.unreadable || "", parts.lines || []);
    this.#presence.held(parts.held_by);
    this.dataset.changedBy = parts.changed_by;
    this.#said.unchanged();
    this.#said.saved(Date.parse(parts.saved_at));
    const now = field && heir(field);
    if (now && !this.#typing.has(now)) now.classList.remove("unsaved");
    this.#mark();
  }

  /** @param {Element} drawer @param {() => void} renew @param {any} parts @param {import("./editor-follow.js").Step[]} [steps] */
  #renewed(drawer, renew, parts, steps) {
    this.dataset.putAfter = parts.put_after;
    this.dataset.putInto = parts.put_into;
    keepTyped(drawer, renew, steps);
  }

  /** @param {any} told @param {number} status @param {any} operation @param {import("./editor-line.js").Who} who */
  #refused(told, status, operation, { field }) {
    const now = field && heir(field);
    if (status === 409 && told.code === "held") return (this.#presence.held(told.by), this.#said.state("not saved", true));
    if (status === 409) return this.#said.conflict(told, () => this.#reload());
    const writes = operation.do === "write";
    this.#said.refused(status, Boolean(field || writes || this.querySelector(".unsaved")));
    if (writes) return ((this.#unread = true), this.#said.parse(told.error));
    if (now?.isConnected && now.closest(".field")) problemAt(now, told.error);
    else this.#said.toast(`${field ? "Not saved" : "Not done"}: ${told.error}`);
  }

  /** @param {any} operation @param {import("./editor-line.js").Who} who */
  #lost(operation, { field }) {
    if (operation.do === "delete") return;
    this.#said.state("not saved", true);
    this.#said.toast(field ? `Not saved: the field is not there any more. Typed was: ${operation.text ?? operation.to ?? ""}` : GONE);
  }

  // ---- selecting

  /** @param {string} at */
  #choose(at) {
    this.#typing.flush();
    this.#at = at;
    this.#several.clear();
    this.#spot = "";
    this.#mark();
    const choice = ++this.#choice;
    return this.#line.after((now) => choice === this.#choice && now(at) !== null && this.#panel(now(at) || ""));
  }

  /** Shows the properties of a place. @param {string} at */
  async #panel(at) {
    const query = new URLSearchParams(this.#faces?.query), choice = this.#choice, drawer = this.querySelector("#drawer");
    query.set("at", at);
    const answer = await fetch(`${this.getAttribute("data-look-url")}?${query}`).catch(() => null), parts = answer?.ok && (await answer.json().catch(() => null));
    if (choice !== this.#choice || !drawer) return;
    if (!parts) return this.#said.toast("Its properties cannot be shown: the cockpit does not answer.");
    for (const field of drawer.querySelectorAll(".unsaved")) {
      const wrong = field.closest(".field")?.querySelector(".error-text")?.textContent;
      if (wrong) this.#said.toast(`Not saved: ${wrong}`);
    }
    this.#renewed(drawer, () => (drawer.innerHTML = parts.panel), parts);
    if (parts.edit_no !== this.#line.editNo && parts.changed_by) this.#presence.held(parts.held_by);
  }

  /** @param {string} at */
  #show(at) {
    this.#faces?.show(at);
    return this.#choose(at);
  }

  #mark() {
    mark(this, this.#several, this.#spot);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target;
    if (!(target instanceof Element)) return;
    // The second click of a double one means nothing where the first took something away.
    if (event.detail > 1 && target.closest("[data-do], [data-remove-branch], [data-remove-job], [data-remove-row]")) return;
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
      this.#goTo(link.getAttribute("data-problem-at") || "", link.getAttribute("data-problem-field") || "", link.getAttribute("data-problem-job") ? "job" : "at");
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
    else if (verb === "duplicate") this.#copy().then((copied) => copied && this.#paste());
    else if (branch) this.#send("operation", { do: "remove-branch", at: this.#at, branch: branch.getAttribute("data-remove-branch") });
    else if (job) this.#send("operation", { do: "remove-job", job: job.getAttribute("data-remove-job") });
    else if (target.closest("[data-take-over]")) this.#presence.takeOver();
    else if (template) fromTemplate(this.dataset.templateUrl || "", template.getAttribute("data-template-of") || "", (operation) => this.#made(operation));
    else if (this.dataset.mayEdit) rowsClicked(target, (operation) => this.#send("operation", operation));
  }

  /** Makes a job anew: all its fields may say something else. @param {object} operation */
  async #made(operation) {
    this.querySelector("[data-panel-at]")?.removeAttribute("data-shape");
    await this.#send("operation", operation);
    /** @type {HTMLElement | null} */ (this.querySelector("[data-template-of]"))?.focus();
  }

  /** The head of the page lies outside of this element. @param {MouseEvent} event */
  #outside(event) {
    const target = event.target instanceof Element ? event.target : null;
    const verb = target?.closest("[data-step]")?.getAttribute("data-step"), leads = target?.closest("a[href]");
    if (verb) this.#step(verb);
    if (!(leads instanceof HTMLAnchorElement)) return;
    this.#typing.flush();
    leaving(event, leads, this.#line, this.#at);
  }

  /** @param {string} verb undo or redo */
  #step(verb) {
    this.#typing.flush();
    if (this.#unread) this.#said.toast(UNREAD);
    else this.#send(verb, () => (this.#unread ? (this.#said.toast(UNREAD), null) : this.#said.may(verb) ? {} : null));
  }

  /** Selects a place and goes to one of its fields. @param {string} at @param {string} field @param {string} of job or at: an instruction and its job have fields of one name */
  async #goTo(at, field, of) {
    await this.#show(at);
    const named = [...this.querySelectorAll("#drawer .field")].filter((one) => field && (field === one.getAttribute("data-place") || field.startsWith(`${one.getAttribute("data-place")}.`)));
    filled(named.find((one) => one.closest(`[data-of=${of}]`) || one.querySelector(`[data-of=${of}]`)) || named[0] || this.querySelector("#drawer .field"));
  }

  // ---- edits

  #target() {
    return this.#spot || this.dataset.putInto || this.dataset.putAfter || "0";
  }

  #find() {
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("#editor-find"));
    this.#finding += 1;
    field?.focus();
    field?.select();
  }

  /** @param {HTMLElement} offer @param {boolean} around */
  #insert(offer, around) {
    const type = offer.dataset.insert;
    const spot = this.#spot, finding = this.#finding;
    const done = around && offer.dataset.wraps && this.#chosen.length
      ? this.#send("operation", { do: "wrap", at: this.#chosen, type })
      : this.#send("operation", spot ? { do: "insert", at: spot, type } : () => ({ do: "insert", at: this.#target(), type }));
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("#editor-find"));
    if (field?.value) {
      field.value = "";
      this.#narrow("");
    }
    // The next key is one of the editor's already, however late the answer is.
    if (document.activeElement === field) (field?.blur(), this.#focusPlace());
    // Who looks for the next one, or goes on in a field, is left there.
    done.then(() => finding === this.#finding && !document.activeElement?.closest("#drawer") && this.#focusPlace());
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

  /** Gives up what is chosen: several, the place for a new one, then the instruction. */
  #up() {
    if (!this.#several.size && !this.#spot) return void this.#show("");
    this.#several.clear();
    this.#spot = "";
    this.#mark();
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
    const chosen = this.#at;
    this.#send("operation", (now) => {
      const at = chosen && now(chosen), parts = (at || "").split("/"), index = Number(parts.pop());
      if (!at || index + way < 0) return null;
      return { do: "move", at: [at], to: [...parts, String(way < 0 ? index - 1 : index + 2)].join("/") };
    });
  }

  /** @returns {Promise<boolean>} whether something is copied */
  #copy() {
    this.#typing.flush();
    return copied(this.#line, this.getAttribute("data-copied-url") || "", this.#chosen, (text) => this.#said.toast(text));
  }

  #paste() {
    const spot = this.#spot, paste = pasting();
    if (paste) this.#send("operation", spot ? { ...paste, at: spot } : () => ({ ...paste, at: this.dataset.putAfter || "0" }));
  }

  // ---- typing

  /** @param {Event} event */
  #typed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.id === "editor-find") return ((this.#finding += 1), this.#narrow(field.value));
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
    } else if (field.dataset.path && (!now || this.#typing.has(field) || field.matches("[type=checkbox], select"))) {
      if (field.matches("[type=checkbox], select") && event.type === "input") return;
      field.classList.add("unsaved");
      this.#wait(field, () => this.#set(field), now ? 0 : undefined);
    }
  }

  /** @param {Element} field @param {() => void} act @param {number} [pause] */
  #wait(field, act, pause) {
    this.#said.state("typing…");
    this.#typing.wait(field, act, pause);
  }

  /** @param {HTMLInputElement} field */
  #set(field) {
    this.#send("operation", { do: "field", ...placeOfField(field), text: textOf(field) }, field);
  }

  /** @param {Element} whole */
  #write(whole) {
    this.#send("operation", () => ({ do: "write", source: /** @type {any} */ (whole).value }), whole);
  }
}

customElements.define("workflow-editor", WorkflowEditor);
