/* The socket client of docs/protocol.md: tickets, hello, backoff with jitter, heartbeat watch, per-chat sequence
   numbers with resume, and an outbox whose messages are resent under the same id until they are acknowledged.
   The page gives callbacks; nothing here touches the document. */

const SILENCE = 45_000; // a server that says nothing for so long is gone: it beats every 25 to 30 s
const UNANSWERED = 10_000; // a message without an answer for so long: the connection is tried anew
const AGAIN = 3_000; // after `busy` or `rate`
const TICK = 2_000;
const LONGEST = 30_000;
const PATIENCE = 15_000; // what was asked for without a connection is not done later than this

/* A UUID of version 7: milliseconds first, so that ids sort by the time at which they were made. */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let at = 5, rest = now; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/* Waiting time before attempt n (0, 1, 2, ...) in ms: 0.5, 1, 2 ... 30 s, each with 50 to 100 % jitter. */
export function backoff(attempt, random = Math.random) {
  return Math.min(LONGEST, 500 * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);
}

export class Wire {
  /* options: ticket() -> {ticket, socket}, an error with `stop` set ends the attempts and becomes the state;
     hello() -> extra fields of the first frame; frame(f) for each frame; line(chat, line) for each new line in order;
     state(name, detail) with name connecting | ready | lost | a stop word; sent(id, frame) and unsent(id, frame) for
     what was in the outbox; store {load, put, drop} keeps the outbox over a reload; open(url) -> WebSocket. */
  constructor(options) {
    Object.assign(this, { hello: () => ({}), frame() {}, line() {}, state() {}, sent() {}, unsent() {}, store: null,
      open: (url) => new WebSocket(url) }, options);
    this.followed = new Map(); // chat -> the last sequence number that was applied
    this.asking = new Set(); // chats for which `since` or `open` is under way
    this.outbox = new Map(); // id -> {frame, at}
    this.asked = []; // {frame, at}: deeds that wait for the connection
    this.attempt = 0;
    this.is = "new";
    this.socket = null;
    this.offset = 0; // server's clock minus ours, ms
    this.wake = () => this.isReady() ? this.check() : this.retry();
  }

  isReady() { return this.is === "ready"; }

  async start() {
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.wake());
    this.ticker = setInterval(() => this.check(), TICK);
    for (const frame of (await this.store?.load?.().catch(() => [])) ?? []) this.outbox.set(frame.id, { frame, at: 0 });
    this.connect();
  }

  stop(word, detail) {
    this.stopped = true;
    clearInterval(this.ticker);
    clearTimeout(this.timer);
    removeEventListener("online", this.wake);
    this.drop();
    this.become(word ?? "stopped", detail);
  }

  become(name, detail) { this.is = name; this.state(name, detail); }

  drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket) { socket.onopen = socket.onmessage = socket.onclose = null; socket.close(); }
  }

  /* Now, not at the end of the waiting time. */
  retry() {
    if (this.stopped || this.is === "connecting" || this.isReady()) return;
    this.attempt = 0;
    this.connect();
  }

  async connect() {
    clearTimeout(this.timer);
    clearTimeout(this.holding);
    this.holding = 0;
    this.drop();
    this.asking.clear();
    if (this.stopped) return;
    this.become("connecting");
    const round = (this.round = {});
    let pass;
    try {
      pass = await this.ticket();
    } catch (error) {
      if (round !== this.round || this.stopped) return;
      return error.stop ? this.stop(error.stop, error) : this.lost();
    }
    if (round !== this.round || this.stopped) return;
    const socket = (this.socket = this.open(pass.socket));
    this.heard = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ t: "hello", v: 1, ticket: pass.ticket, ...this.hello() }));
    socket.onmessage = (event) => { this.heard = Date.now(); this.take(JSON.parse(event.data)); };
    socket.onclose = (event) => this.closed(event);
  }

  closed({ code, reason }) {
    this.socket = null;
    if (code === 4403) return this.stop("forbidden");
    let wait;
    if (code === 4429) wait = 30_000;
    if (code === 1012) try { wait = JSON.parse(reason).in * 1000; } catch { /* no time was given */ }
    this.lost(wait);
  }

  lost(wait = backoff(this.attempt++)) {
    this.drop();
    this.become("lost", { wait });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /* Once every 2 s, and when the page wakes. */
  check() {
    const now = Date.now();
    const late = [...this.outbox.values()].some((entry) => entry.at && now - entry.at > UNANSWERED);
    if (this.socket && (now - this.heard > SILENCE || (this.isReady() && late))) {
      for (const entry of this.outbox.values()) entry.at = 0;
      this.lost();
    }
  }

  // ---- out ----------------------------------------------------------------------------------------------------

  /* A frame that may be lost: typing, marks, questions. */
  say(frame) {
    if (!this.isReady() || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /* What a person asked for: said now, or once when the connection is there, unless that takes longer than they wait. */
  ask(frame) {
    if (this.say(frame)) return true;
    this.asked.push({ frame, at: Date.now() });
    this.retry();
    return false;
  }

  sayAsked() {
    for (const { frame, at } of this.asked.splice(0)) if (Date.now() - at < PATIENCE) this.say(frame);
  }

  /* A frame that must arrive: it has an id and stays in the outbox until `ack` or `err`. */
  post(frame) {
    const entry = { frame, at: 0 };
    this.outbox.set(frame.id, entry);
    this.store?.put?.(frame).catch(() => {});
    this.sendNext(frame.chat);
    this.retry();
    return frame.id;
  }

  /* The oldest unanswered frame of a chat leaves, unless it is under way: no message overtakes another. */
  sendNext(chat) {
    const entry = this.holding ? null : [...this.outbox.values()].find(({ frame }) => frame.chat === chat);
    if (entry && !entry.at && this.say(entry.frame)) entry.at = Date.now();
  }

  sendAll() {
    for (const entry of this.outbox.values()) entry.at = 0;
    for (const chat of new Set([...this.outbox.values()].map(({ frame }) => frame.chat))) this.sendNext(chat);
  }

  /* Something could not be stored now: what waits is sent again a little later. */
  hold() {
    this.holding ||= setTimeout(() => { this.holding = 0; this.sendAll(); }, AGAIN);
  }

  settle(id, answer, call) {
    const entry = this.outbox.get(id);
    if (!entry) return;
    this.outbox.delete(id);
    this.store?.drop?.(id).catch(() => {});
    this.sendNext(entry.frame.chat);
    call(id, entry.frame, answer);
  }

  // ---- in -----------------------------------------------------------------------------------------------------

  /* Applies lines of this chat from now on; `seq` is the last that the page already shows. */
  follow(chat, seq = 0) { this.followed.set(chat, seq); this.asking.delete(chat); }

  forget(chat) { this.followed.delete(chat); this.asking.delete(chat); }

  /* Asks for what is missing of a chat; one question at a time. */
  resume(chat, question = "since") {
    if (!this.followed.has(chat) || this.asking.has(chat)) return;
    const seq = this.followed.get(chat);
    const frame = question === "open" ? { t: "open", chat, since: seq } : { t: "since", chat, seq };
    if (this.say(frame)) this.asking.add(chat);
  }

  apply(chat, line) {
    if (!this.followed.has(chat) || line.seq <= this.followed.get(chat)) return;
    this.followed.set(chat, line.seq);
    this.line(chat, line);
  }

  take(frame) {
    if (frame.now) this.offset = Date.parse(frame.now) - Date.now();
    switch (frame.t) {
      case "ready":
        this.attempt = 0;
        this.become("ready");
        this.frame(frame);
        this.sayAsked();
        this.sendAll();
        return;
      case "ack":
        if (this.followed.get(frame.chat) === frame.seq - 1) this.followed.set(frame.chat, frame.seq); // not echoed to us
        else if (this.followed.get(frame.chat) < frame.seq - 1) this.resume(frame.chat);
        this.frame(frame);
        return this.settle(frame.id, frame, this.sent);
      case "err":
        if (frame.code === "busy" || frame.code === "rate") { // not now: the same message again, a little later
          const entry = this.outbox.get(frame.id);
          if (entry) { entry.at = 0; this.hold(); }
        } else if (frame.id) this.settle(frame.id, frame, this.unsent);
        return this.frame(frame);
      case "msg":
        if (!this.followed.has(frame.chat)) break;
        if (frame.line.seq > this.followed.get(frame.chat) + 1) this.resume(frame.chat);
        else this.apply(frame.chat, frame.line);
        break;
      case "lines": {
        this.asking.delete(frame.chat);
        if (frame.lines[0]?.seq > this.followed.get(frame.chat) + 1) { this.resume(frame.chat); break; } // of another chat's number
        for (const line of frame.lines) this.apply(frame.chat, line);
        if (!frame.done) this.resume(frame.chat);
        break;
      }
      case "slow":
        this.resume(frame.chat);
        break;
      case "beat":
        for (const [chat, seq] of Object.entries(frame.seqs ?? {})) {
          if (this.followed.has(chat) && seq > this.followed.get(chat)) { this.asking.delete(chat); this.resume(chat); }
        }
        break;
    }
    this.frame(frame);
  }
}
