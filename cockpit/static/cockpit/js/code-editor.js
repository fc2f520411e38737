// @ts-check
/**
 * `<code-editor data-language data-label data-whole>` around a textarea: CodeMirror in its place, the same text in both.
 *
 * The bundle is loaded when the first one appears. It lives in a shadow root, where its style sheets are adopted and need no
 * exception from the page's policy. Without script, or while the bundle loads, there is the textarea.
 */

import { completions } from "./code-completions.js";

class CodeEditor extends HTMLElement {
  /** @type {any} */ #view = null;
  /** @type {any} */ #cm = null;

  connectedCallback() {
    const bundle = /** @type {HTMLElement | null} */ (this.closest("[data-bundle]"))?.dataset.bundle;
    if (bundle && this.area && !this.shadowRoot) this.#start(bundle);
  }

  get area() {
    return this.querySelector("textarea");
  }

  get value() {
    return this.area?.value ?? "";
  }

  /** Puts another text in and keeps the cursor where it can. @param {string} text */
  set value(text) {
    if (this.area && this.area.value !== text) this.area.value = text;
    const old = this.#view?.state.doc.toString();
    if (!this.#view || old === text) return;
    let from = 0, end = 0;
    const most = Math.min(old.length, text.length);
    while (from < most && old[from] === text[from]) from++;
    while (end < most - from && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
    this.#view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } });
  }

  /** Shows problems in the text. @param {{line: number, message: string, severity?: string}[]} found lines count from 1 */
  problems(found) {
    if (!this.#view) return;
    const doc = this.#view.state.doc;
    const shown = found.map(({ line, message, severity = "error" }) => {
      const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
      return { from: at.from, to: at.to, message, severity };
    });
    this.#view.dispatch(this.#cm.setDiagnostics(this.#view.state, shown));
  }

  /** @param {number} line counted from 1 */
  show(line) {
    const doc = this.#view?.state.doc;
    if (!doc) return;
    this.#view.dispatch({ selection: { anchor: doc.line(Math.min(line, doc.lines)).from }, scrollIntoView: true });
    this.#view.focus();
  }

  /** @param {string} bundle */
  async #start(bundle) {
    const cm = (this.#cm = await import(bundle)), area = this.area;
    if (!area || !this.isConnected || this.shadowRoot) return;
    const held = document.activeElement === area, selection = { anchor: area.selectionStart, head: area.selectionEnd };
    const root = this.attachShadow({ mode: "open" }), whole = this.dataset.whole;
    this.#view = new cm.EditorView({ root, parent: root, state: cm.EditorState.create({ doc: area.value, selection: held ? selection : undefined, extensions: this.#extensions(cm, area, Boolean(whole)) }) });
    // Keys typed in here are no shortcuts of the page.
    root.addEventListener("keydown", (event) => {
      const key = /** @type {KeyboardEvent} */ (event);
      if (!((key.ctrlKey || key.metaKey) && key.key === "Enter")) event.stopPropagation();
    });
    // Whoever began to type in the textarea goes on here.
    if (held) this.#view.focus();
    this.dispatchEvent(new CustomEvent("ready", { bubbles: true }));
  }

  /** @param {any} cm @param {HTMLTextAreaElement} area @param {boolean} whole @returns {any[]} */
  #extensions(cm, area, whole) {
    const language = this.dataset.language || "", read = area.readOnly;
    return [
      cm.lineNumbers(), whole ? [cm.foldGutter(), cm.lintGutter(), cm.highlightActiveLine()] : [],
      cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.indentOnInput(), cm.bracketMatching(), cm.closeBrackets(),
      cm.highlightSelectionMatches(), cm.syntaxHighlighting(colours(cm)), languageOf(cm, language),
      whole ? cm.autocompletion({ override: [completions(/** @type {HTMLElement} */ (this.closest("[data-fields-url]")))] }) : [],
      cm.EditorState.readOnly.of(read), cm.EditorView.editable.of(!read),
      cm.keymap.of([...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.foldKeymap, ...cm.completionKeymap, ...cm.lintKeymap]),
      cm.EditorView.contentAttributes.of({ "aria-label": this.dataset.label || "Text" }),
      cm.EditorView.updateListener.of((/** @type {any} */ update) => {
        if (!update.docChanged) return;
        const text = update.state.doc.toString();
        if (text === area.value) return;
        area.value = text;
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      cm.EditorView.theme(LOOKS),
    ];
  }
}

/** @param {any} cm @param {string} language */
function languageOf(cm, language) {
  if (language === "shell") return cm.StreamLanguage.define(cm.shell);
  return { yaml: cm.yaml, json: cm.json, python: cm.python }[language]?.() ?? [];
}

/** @param {any} cm */
function colours(cm) {
  const t = cm.tags;
  return cm.HighlightStyle.define([
    { tag: [t.comment, t.meta], color: "var(--muted)" },
    { tag: [t.propertyName, t.definition(t.propertyName), t.labelName, t.function(t.variableName)], color: "var(--ansi-blue)" },
    { tag: [t.string, t.special(t.string)], color: "var(--ansi-green)" },
    { tag: [t.number, t.bool, t.null, t.atom], color: "var(--ansi-cyan)" },
    { tag: [t.keyword, t.operatorKeyword, t.typeName, t.standard(t.variableName)], color: "var(--ansi-magenta)" },
    { tag: [t.variableName, t.definition(t.variableName)], color: "var(--ansi-yellow)" },
    { tag: t.invalid, color: "var(--danger-text)" },
  ]);
}

const LOOKS = {
  "&": { color: "var(--fg)", backgroundColor: "var(--bg)", height: "100%", fontSize: "12px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--fg)" },
  ".cm-cursor": { borderLeftColor: "var(--fg)" },
  ".cm-gutters": { backgroundColor: "var(--surface-1)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--surface-2)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  ".cm-selectionMatch": { backgroundColor: "var(--surface-2)", outline: "1px solid var(--line-strong)" },
  ".cm-tooltip": { backgroundColor: "var(--surface-3)", color: "var(--fg)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--primary)", color: "var(--on-primary)" },
  ".cm-panels": { backgroundColor: "var(--surface-1)", color: "var(--fg)" },
  ".cm-panels input, .cm-panels button": { color: "inherit", background: "var(--bg)", border: "1px solid var(--control-line)" },
};

customElements.define("code-editor", CodeEditor);
