// @ts-check
/**
 * One websocket for the page. It brings hints ("these ids changed, up to this number"), lines of logs
 * and heartbeats; what changed is asked for again by whoever shows it. A lost message costs only delay.
 */

/**
 * @typedef {{upto?: number, ids: string[] | null}} Hint  ids null: ask for everything again
 * @typedef {[no: number, at_us: number, stream: string, text: string]} LogLine
 * @typedef {{since?: number, hint?: (hint: Hint) => void, lines?: (lines: LogLine[], ended: boolean) => void}} Subscription
 */

const BEAT = 2000;
const POLL = 3000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const TRIES_BEFORE_POLLING = 3;

class Bus {
  /** @type {Map<string, Set<Subscription>>} */
  #topics = new Map();
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {WebSocket | null} */
  #socket = null;
  #url = "";
  #heard = 0;
  /** when the site last knew the newest state, by what its beats say */
  #read = 0;
  #answers = false;
  #tries = 0;
  #signedOut = false;
  frozen = false;

  /** Opens the socket and keeps it open. @param {string} path */
  start(path) {
    if (this.#url) return;
    this.#url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.#open();
    setInterval(() => this.#check(), BEAT);
    setInterval(() => void this.#poll(), POLL);
  }

  /** @returns {"connecting" | "live" | "lagging" | "reconnecting" | "polling" | "frozen" | "signed out"} */
  get state() {
    if (this.#signedOut) return "signed out";
    if (this.frozen) return "frozen";
    if (this.#socket?.readyState !== WebSocket.OPEN)
      return this.#answers ? "polling" : this.#tries ? "reconnecting" : "connecting";
    return this.age > 2.5 * BEAT ? "lagging" : "live";
  }

  /** @returns {number} milliseconds since anything was heard */
  get silence() {
    return Date.now() - this.#heard;
  }

  /** @returns {number} how old the page may be, in milliseconds: a site whose database hangs beats on, and says so */
  get age() {
    return Math.max(this.silence, Date.now() - this.#read);
  }

  /** @returns {number} attempts since the socket was last open */
  get tries() {
    return this.#tries;
  }

  /** Holds back or lets go what islands show. @param {boolean} frozen */
  freeze(frozen) {
    this.frozen = frozen;
    this.#changed();
  }

  /** Calls back whenever the state changes. @param {() => void} watcher */
  watch(watcher) {
    this.#watchers.add(watcher);
  }

  /**
   * Asks for a topic from a number on.
   * @param {string} topic @param {Subscription} subscription
   * @returns {() => void} ends the subscription
   */
  subscribe(topic, subscription) {
    const known = this.#topics.get(topic) || new Set();
    this.#topics.set(topic, known.add(subscription));
    this.#say({ type: "subscribe", topic, since: subscription.since });
    return () => {
      known.delete(subscription);
      if (known.size) return;
      this.#topics.delete(topic);
      this.#say({ type: "unsubscribe", topic });
    };
  }

  #open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      const again = this.#tries > 0;
      this.#heard = this.#read = Date.now();
      this.#tries = 0;
      this.#answers = false;
      for (const [topic, all] of this.#topics) {
        const known = [...all].flatMap((s) => (s.since === undefined ? [] : [s.since]));
        this.#say({ type: "subscribe", topic, since: known.length ? Math.min(...known) : undefined });
      }
      if (again) this.#askAll();
      this.#changed();
    };
    socket.onmessage = (event) => this.#heardOf(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#tries += 1;
      this.#signedOut = event.code === 4401;
      this.#changed();
      const wait = Math.min(FIRST_WAIT * 2 ** (this.#tries - 1), LONGEST_WAIT);
      if (!this.#signedOut) setTimeout(() => this.#open(), wait * (0.5 + Math.random()));
    };
  }

  /** @param {{type?: string, topic?: string, upto?: number, ids?: string[] | null, lines?: LogLine[], ended?: boolean, lag_s?: number | null}} message */
  #heardOf(message) {
    const late = this.state === "lagging";
    this.#heard = Date.now();
    if (typeof message.lag_s === "number") this.#read = this.#heard - 1000 * message.lag_s;
    if (late) this.#changed();
    // What was asked for meanwhile may have failed.
    if (late && this.state === "live") this.#askAll();
    if (!message.topic) return;
    for (const subscription of this.#topics.get(message.topic) || []) {
      if (message.lines || message.ended) subscription.lines?.(message.lines || [], Boolean(message.ended));
      else this.#hint(subscription, { upto: message.upto, ids: message.type === "stale" ? null : message.ids || null });
    }
  }

  /** @param {Subscription} subscription @param {Hint} hint */
  #hint(subscription, hint) {
    if (hint.upto !== undefined) subscription.since = Math.max(subscription.since ?? 0, hint.upto);
    subscription.hint?.(hint);
  }

  #askAll() {
    for (const all of this.#topics.values()) for (const subscription of all) subscription.hint?.({ ids: null });
  }

  async #poll() {
    if (this.#tries < TRIES_BEFORE_POLLING || this.#signedOut || document.hidden) return;
    // Whether anything can be asked at all is found out first: a page must not look fresh that is not.
    const answers = await fetch("/health/ready", { cache: "no-store" }).then((response) => response.status < 500, () => false);
    this.#answers = answers && this.#tries > 0;
    this.#changed();
    if (this.state === "polling") this.#askAll();
  }

  #check() {
    this.#changed();
    if (this.#socket?.readyState === WebSocket.OPEN && this.silence > 8 * BEAT) this.#socket.close();
  }

  /** @param {object} message */
  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #changed() {
    for (const watcher of this.#watchers) watcher();
  }
}

export const bus = new Bus();
