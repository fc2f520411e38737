// @ts-check
/** The lines of one log as far as the page has them: blocks fetched on demand, newest lines from the bus. */

/** @typedef {import("./bus.js").LogLine} LogLine */

const BLOCK = 500;
const BLOCKS_KEPT = 400;

export class LogLines {
  /** @type {Map<number, (LogLine | undefined)[]>} lines by block; a missing line is not yet known */
  #blocks = new Map();
  /** @type {Set<number>} */
  #asked = new Set();
  total = 0;
  bytes = 0;
  ended = false;

  /** @param {string} url @param {() => void} changed called when lines came in */
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
  }

  /** @param {number} no @returns {LogLine | undefined} the line with this number, asked for when not known */
  get(no) {
    const block = Math.floor((no - 1) / BLOCK);
    const line = this.#blocks.get(block)?.[(no - 1) % BLOCK];
    if (!line && no >= 1 && no <= this.total) void this.#fetch(block);
    return line;
  }

  /** Asks for the last lines, and thereby for the size. @returns {Promise<boolean>} whether the server answered */
  tail() {
    return this.#ask({ lines: String(BLOCK) });
  }

  /** @param {number} block */
  async #fetch(block) {
    if (this.#asked.has(block)) return;
    this.#asked.add(block);
    const came = await this.#ask({ from_line: String(block * BLOCK + 1), lines: String(BLOCK) });
    // A failed block may be asked for again, but not at once.
    setTimeout(() => this.#asked.delete(block), came ? 500 : 3000);
  }

  /** @param {Record<string, string>} query */
  async #ask(query) {
    try {
      const answer = await fetch(this.address(query), { headers: { Accept: "application/json" } });
      if (!answer.ok) return false;
      const page = await answer.json();
      this.bytes = page.bytes;
      this.ended ||= page.ended;
      this.add(page.lines, page.total);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {Record<string, string>} query @returns {URL} */
  address(query) {
    const url = new URL(this.url, location.href);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return url;
  }

  /** @param {LogLine[]} lines @param {number} [total] */
  add(lines, total = 0) {
    for (const line of lines) {
      const block = Math.floor((line[0] - 1) / BLOCK), known = this.#blocks.get(block) || [];
      known[(line[0] - 1) % BLOCK] = line;
      this.#blocks.delete(block);
      this.#blocks.set(block, known);
    }
    this.total = Math.max(this.total, total, lines.length ? lines[lines.length - 1][0] : 0);
    for (const block of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS_KEPT) break;
      this.#blocks.delete(block);
    }
    this.changed();
  }

  /** Searches the whole log on the server. @param {string} text @returns {Promise<{hits: number[], count: number} | null>} */
  async find(text) {
    try {
      const answer = await fetch(this.address({ text }), { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}
