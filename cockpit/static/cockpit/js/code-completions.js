// @ts-check
/** Completions of field names and values in a workflow's text, from what the server says of its own documents. */

/** @typedef {{types: Record<string, {tag: string, fields: Record<string, string>}>, holders: Record<string, string[]>, tags: string[]}} Known */

/** @type {Promise<Known> | null} */
let asked = null;

const LISTS = { agentName: "known-agents", lockName: "known-lock", subagentClusterId: "known-clusters", workflowName: "known-workflow", timeZone: "known-zones" };

/** Returns a source of completions for CodeMirror. @param {HTMLElement} host with `data-fields-url` */
export function completions(host) {
  return async (/** @type {any} */ context) => {
    const line = context.state.doc.lineAt(context.pos), before = line.text.slice(0, context.pos - line.from);
    asked ??= fetch(host.dataset.fieldsUrl || "").then((answer) => answer.json());
    const known = await asked.catch(() => null);
    if (!known) return null;
    const value = /(?:^|[\s{,-])"?([\w-]+)"?:\s*"?([\w./-]*)$/.exec(before);
    if (value) return options(context.pos - value[2].length, valuesOf(context, known, value[1]), "constant");
    const key = /(?:^\s*|[-{,]\s*)"?(\w*)$/.exec(before);
    if (!key || (!key[1] && !context.explicit)) return null;
    const types = typesAt(context, known, line.number, before.length - key[1].length);
    const fields = new Map(types.flatMap((name) => Object.entries(known.types[name].fields)));
    return options(context.pos - key[1].length, [...fields].map(([label, detail]) => ({ label, detail })), "property");
  };
}

/** @param {number} from @param {{label: string, detail?: string}[]} found @param {string} type */
const options = (from, found, type) => (found.length ? { from, options: found.map((one) => ({ ...one, type })) } : null);

/** @param {any} context @param {Known} known @param {string} field */
function valuesOf(context, known, field) {
  if (field === "TYPE") return known.tags.map((label) => ({ label }));
  if (field === "jobName") {
    const jobs = /^jobs:[^\n]*\n((?:[ \t]+[^\n]*\n?|\s*\n|#[^\n]*\n)*)/m.exec(context.state.doc.toString());
    const names = [...(jobs?.[1] || "").matchAll(/^( +)"?([\w.-]+)"?:/gm)], least = names[0]?.[1].length;
    return names.filter((one) => one[1].length === least).map((one) => ({ label: one[2] }));
  }
  const list = /** @type {Record<string, string>} */ (LISTS)[field];
  return [...(list ? /** @type {NodeListOf<HTMLOptionElement>} */ (document.querySelectorAll(`#${list} option`)) : [])].map((one) => ({ label: one.value }));
}

/** Returns the names of the types whose fields can stand here: by TYPE beside it, else by the field around it.
 * @param {any} context @param {Known} known @param {number} number of the line @param {number} column of the field */
function typesAt(context, known, number, column) {
  const doc = context.state.doc, least = Math.max(1, number - 400);
  let tag = "";
  for (let n = number; n >= least; n--) {
    const text = doc.line(n).text, begin = text.search(/[^\s-]/);
    if (begin < 0 || text[begin] === "#") continue;
    if (begin === column) tag ||= /TYPE"?:\s*"?([\w.]+)/.exec(text)?.[1] || "";
    if (begin >= column) continue;
    const around = /^\s*(?:- )*"?([\w.-]+)"?:/.exec(text)?.[1] || "";
    if (tag) break;
    // A job's name is anybody's: what is around it counts.
    const named = known.holders[around] || known.holders[parentOf(doc, n, begin)] || [];
    return named.filter((name) => known.types[name]);
  }
  if (tag) return Object.keys(known.types).filter((name) => known.types[name].tag === tag);
  return ["Workflow"];
}

/** @param {any} doc @param {number} number @param {number} column */
function parentOf(doc, number, column) {
  for (let n = number; n >= Math.max(1, number - 400); n--) {
    const text = doc.line(n).text, begin = text.search(/[^\s-]/);
    if (begin >= 0 && begin < column) return /^\s*(?:- )*"?([\w.-]+)"?:/.exec(text)?.[1] || "";
  }
  return "";
}
