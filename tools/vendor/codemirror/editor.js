// The editor of texts: CodeMirror with what the cockpit needs of it, as one module.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, defaultHighlightStyle, foldGutter, foldKeymap, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export {
  autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, Compartment, completionKeymap, defaultHighlightStyle, defaultKeymap,
  drawSelection, EditorState, EditorView, foldGutter, foldKeymap, highlightActiveLine, highlightSelectionMatches, highlightSpecialChars,
  HighlightStyle, history, historyKeymap, indentOnInput, indentWithTab, json, keymap, lineNumbers, lintGutter, lintKeymap, placeholder,
  python, searchKeymap, setDiagnostics, shell, StreamLanguage, syntaxHighlighting, tags, unifiedMergeView, yaml,
};
