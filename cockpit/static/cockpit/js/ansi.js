// @ts-check
/** Terminal colours as classes. Text becomes text nodes only; sequences that do not colour are dropped. */

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// CSI sequences, then OSC sequences with their text, then single escapes.
const ESCAPE = /\x1b(?:\[([0-9;:]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_]?)/g;
const STYLES = { 1: "bold", 2: "dim", 3: "italic", 4: "underline" };

/** @typedef {{fg: string, bg: string, styles: Set<string>}} Look */

/**
 * Appends a line to an element, coloured as the terminal would.
 * @param {Element} into @param {string} text @param {(text: string) => Node} [plain] makes the node of a piece of text
 */
export function writeColoured(into, text, plain = (piece) => document.createTextNode(piece)) {
  /** @type {Look} */
  const look = { fg: "", bg: "", styles: new Set() };
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    append(into, text.slice(from, match.index), look, plain);
    from = match.index + match[0].length;
    if (match[2] === "m") change(look, match[1]);
  }
  append(into, text.slice(from), look, plain);
}

/** @param {string} text @returns {string} the text without its escape sequences */
export const withoutColours = (text) => text.replace(ESCAPE, "");

/** @param {Element} into @param {string} text @param {Look} look @param {(text: string) => Node} plain */
function append(into, text, look, plain) {
  if (!text) return;
  const node = plain(visible(text));
  const classes = [look.fg && `ansi-${look.fg}`, look.bg && `ansi-on-${look.bg}`, ...[...look.styles].map((s) => `ansi-${s}`)].filter(Boolean);
  if (!classes.length) return into.append(node);
  const span = document.createElement("span");
  span.className = classes.join(" ");
  span.append(node);
  into.append(span);
}

/** Makes control characters visible. @param {string} text */
const visible = (text) => text.replace(/[\x00-\x08\x0b-\x1f]/g, (c) => (c === "\r" ? "" : String.fromCharCode(0x2400 + c.charCodeAt(0))));

/** @param {Look} look @param {string} codes */
function change(look, codes) {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i];
    if (n === 0) Object.assign(look, { fg: "", bg: "", styles: new Set() });
    else if (n in STYLES) look.styles.add(STYLES[/** @type {1} */ (n)]);
    else if (n === 22) ["bold", "dim"].forEach((s) => look.styles.delete(s));
    else if (n === 23) look.styles.delete("italic");
    else if (n === 24) look.styles.delete("underline");
    else if ((n >= 30 && n <= 37) || (n >= 90 && n <= 97)) look.fg = NAMES[n % 10];
    else if ((n >= 40 && n <= 47) || (n >= 100 && n <= 107)) look.bg = NAMES[n % 10];
    else if (n === 39) look.fg = "";
    else if (n === 49) look.bg = "";
    else if (n === 38 || n === 48) {
      const { name, used } = extended(numbers.slice(i + 1));
      look[n === 38 ? "fg" : "bg"] = name;
      i += used;
    }
  }
}

/** @param {number[]} rest what follows 38 or 48 @returns {{name: string, used: number}} */
function extended(rest) {
  if (rest[0] === 2) return { name: nearest(rest[1], rest[2], rest[3]), used: 4 };
  if (rest[0] !== 5) return { name: "", used: rest.length };
  const n = rest[1];
  if (n < 16) return { name: NAMES[n % 8] || "", used: 2 };
  if (n >= 232) return { name: n < 244 ? "black" : "white", used: 2 };
  const cube = n - 16;
  return { name: nearest((Math.floor(cube / 36) % 6) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51), used: 2 };
}

/** @param {number} r @param {number} g @param {number} b @returns {string} the hue of the theme that is nearest */
function nearest(r, g, b) {
  const high = Math.max(r, g, b), low = Math.min(r, g, b);
  if (!(high - low > 40)) return high < 110 ? "black" : "white";
  const middle = (high + low) / 2;
  return NAMES[Number(r > middle) + 2 * Number(g > middle) + 4 * Number(b > middle)];
}
