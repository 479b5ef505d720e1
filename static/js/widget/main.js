/* The visitor's side of a chat, inside the widget's frame. It is loaded only after the visitor opened the chat (P9).
   One module, so that a chat costs five requests and one socket. Every sentence stands in templates/chat/frame.html. */

import { Wire, uuid7 } from "livechat/core/wire.js";

const $ = (id) => document.getElementById(id);
const boot = JSON.parse($("boot").textContent);
const words = $("words").dataset;
const lang = navigator.languages.find((own) => own.startsWith(document.documentElement.lang)) ?? document.documentElement.lang;
const SECRET = `livechat.secret.${boot.key}`; // declared storage: this tab only, and memory where that is refused
const LATE = 6000; // ms until a message without an answer is shown as not sent
const TYPING_GAP = 2000;

let memory = null;
let host = null; // origin of the page around us, once it has proved itself
let page = { url: "", title: "", referrer: "" };
let chat = null;
let isShown = window.parent === window;
let isOpen = !$("nobody") && !boot.closed;
let allowsPeek = true;
let unread = 0;
let readUpTo = 0, theirs = 0; // sequence numbers: what was told as read, and the newest line of the other side
let seenUpTo = 0;
let saidTyping = false;
const waiting = new Map(); // id -> {node, text, at}: own messages that are not acknowledged
let pageCame;
const firstPage = new Promise((done) => { pageCame = done; setTimeout(done, 1000); });

// ---- small helpers ------------------------------------------------------------------------------------------------

const word = (name, who = "", rest = {}) =>
  Object.entries({ "%s": who, ...rest }).reduce((text, [mark, value]) => text.replace(mark, value), words[name]);
const clock = (iso) => new Date(iso).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (iso) => new Date(iso).toLocaleDateString(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", year: "numeric" });
const clone = (id) => $(id).content.cloneNode(true);
const initials = (name) => name.split(/\s+/).filter((part) => /^\p{L}/u.test(part)).slice(0, 2).map((part) => part[0]).join("");
const holder = () => chat?.operator?.name ?? words.company;
const isLive = () => chat !== null && chat.state !== "closed";

function recall() {
  try { return sessionStorage.getItem(SECRET) ?? memory; } catch { return memory; }
}

function keep(secret) {
  memory = secret;
  try { secret ? sessionStorage.setItem(SECRET, secret) : sessionStorage.removeItem(SECRET); } catch { /* storage is refused */ }
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", credentials: "omit", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", Accept: "application/json" } });
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status, stop: answer.status === 404 ? "gone" : undefined });
  return answer.json();
}

// ---- the page around us: both sides check origin and source -----------------------------------------------------

function tell(message) {
  if (host) parent.postMessage({ livechat: 1, ...message }, host);
}

addEventListener("message", (event) => {
  const message = event.data;
  if (event.source !== parent || parent === window || !boot.origins.includes(event.origin)) return;
  if (message?.livechat !== 1) return;
  if (host === null) { host = event.origin; tell({ t: "ready" }); }
  if (message.t === "page" && [message.url, message.title, message.referrer].every((part) => typeof part === "string")) {
    page = { url: message.url.slice(0, 500), title: message.title.slice(0, 200), referrer: message.referrer.slice(0, 500) };
    pageCame();
    if (isLive()) wire.say({ t: "page", url: page.url, title: page.title });
  } else if (message.t === "shown") {
    isShown = true;
    look();
    focusFirst();
  } else if (message.t === "hidden") isShown = false;
});

/* What is on the screen counts as read; told once for lines that come together. */
let lookLater;
function look() {
  if (!isShown || document.hidden || !isLive() || view !== "talk") return;
  if (unread) { unread = 0; tell({ t: "unread", n: 0 }); }
  clearTimeout(lookLater);
  lookLater = setTimeout(() => { if (isShown && theirs > readUpTo && wire.say({ t: "read", seq: theirs })) readUpTo = theirs; }, 300);
}

function minimise() {
  isShown = false; // what comes from now on is unseen, also before the page around has said so
  tell({ t: "minimise" });
}

// ---- views ----------------------------------------------------------------------------------------------------------

let view = boot.closed ? "off" : "pre";
let before = view;

function show(name, { focus = false } = {}) {
  if (name === "kept" && view !== "kept") before = view;
  view = name;
  for (const part of document.querySelectorAll("[data-view]")) part.hidden = part.dataset.view !== name;
  const talks = name === "talk";
  const person = talks && chat?.operator;
  $("top").textContent = name === "kept" ? words.keptTitle : person ? chat.operator.name : words.company;
  $("sub").textContent = name === "kept" ? "" : person ? words.company : talks ? words.subWaiting
    : name === "rate" ? words.subEnded : name === "off" ? words.subClosed : isOpen ? words.subOpen : words.subNobody;
  $("back").hidden = name !== "kept";
  $("faces").hidden = name === "kept";
  $("keeps").hidden = name === "kept";
  $("end").hidden = !(talks && isLive());
  if (person) drawFace(chat.operator);
  if (focus) focusFirst();
  look();
}

// The photo of whom we knew when the frame opened; initials for others, and when the photo is gone meanwhile.
function fillFace(face, id, name) {
  face.textContent = initials(name);
  if (!boot.faces[id]) return;
  const photo = Object.assign(new Image(96, 96), { alt: "", src: boot.faces[id] });
  photo.onload = () => { face.firstChild.replaceWith(photo); };
}

function drawFace(person) {
  const face = document.createElement("span");
  face.className = "avatar";
  face.dataset.hue = person.id % 6 + 1;
  face.setAttribute("aria-hidden", "true");
  fillFace(face, person.id, person.name);
  face.append(Object.assign(document.createElement("span"), { className: "dot dot-on" }));
  $("faces").replaceChildren(face);
}

function focusFirst() {
  if (!isShown) return;
  const target = { pre: $("w-text").value ? $("w-text") : $("w-name"), talk: $("w-message"), kept: $("kept-title") }[view] ?? $("top");
  target.focus({ preventScroll: true });
}

function drawState() {
  if (!chat) return;
  if (chat.state === "closed") return ended();
  const place = chat.state === "waiting" && chat.position;
  $("place").hidden = !place;
  if (place && $("place-n").textContent !== String(place)) {
    $("place-n").textContent = place;
    const dots = Array.from({ length: Math.min(place, 8) }, () => document.createElement("i"));
    dots.at(-1).className = "you";
    $("place-row").replaceChildren(...dots);
  }
  drawPeek();
  if (view === "pre" || view === "talk" || view === "rate") show("talk", { focus: view === "pre" });
}

function ended() {
  typing(false);
  $("rate-ask").hidden = Boolean(chat.rating) || !chat.operator;
  $("rate-done").hidden = !chat.rating;
  $("rate-title").textContent = chat.operator ? word("did", chat.operator.name) : words.didWe;
  if (view === "talk") show("rate", { focus: true });
}

function startOver() {
  if (chat) wire.forget(chat.id);
  chat = null;
  unread = readUpTo = theirs = seenUpTo = 0;
  waiting.clear();
  $("thread").replaceChildren();
  $("rate").reset();
  $("w-text").value = $("w-message").value = "";
  show(boot.closed ? "off" : "pre", { focus: true });
}

// ---- the thread -------------------------------------------------------------------------------------------------------

function place(node, line) {
  const thread = $("thread");
  node.dataset.by = line.by === "operator" ? `operator ${line.op}` : line.by;
  if (line.seq) node.dataset.seq = line.seq;
  const firstWaiting = line.seq ? thread.querySelector("[data-state]") : null;
  thread.insertBefore(node, firstWaiting === node ? node.nextSibling : firstWaiting);
  const isFirst = node.previousElementSibling?.dataset.by !== node.dataset.by;
  if (node.classList.contains("msg")) {
    node.classList.toggle("msg-first", isFirst);
    if (line.by === "operator" && !isFirst) { node.classList.add("msg-cont"); node.querySelector(".avatar").remove(); node.querySelector(".who").remove(); }
  }
  if (firstWaiting === null) thread.parentElement.scrollTop = 0; // column-reverse: 0 is the newest
}

function drawOwn(id, text) {
  const node = clone("t-own").firstElementChild;
  node.querySelector(".bubble").textContent = text;
  node.dataset.id = id;
  return node;
}

function drawLine(line) {
  if (line.by === "visitor") {
    const known = $("thread").querySelector(`[data-id="${CSS.escape(line.id)}"]`);
    const node = known ?? drawOwn(line.id, line.text);
    if (known?.dataset.seq) return;
    delete node.dataset.state;
    waiting.delete(line.id);
    place(node, line);
  } else if (line.by === "operator") {
    const node = clone("t-line").firstElementChild;
    const face = node.querySelector(".avatar");
    fillFace(face, line.op, line.who);
    face.dataset.hue = line.op % 6 + 1;
    node.querySelector(".who span").textContent = line.who;
    node.querySelector("time").dateTime = line.at;
    node.querySelector("time").textContent = clock(line.at);
    node.querySelector(".bubble").textContent = line.text;
    place(node, line);
    typing(false);
    saidTyping = false;
    theirs = line.seq;
    if (line.seq > readUpTo && (!isShown || document.hidden || view !== "talk")) tell({ t: "unread", n: ++unread });
  } else {
    const name = { joined: "evJoined", left: "evClosed", closed: "evClosed", reopened: "evReopened" }[line.event];
    if (!name) return;
    const node = clone("t-event").firstElementChild;
    node.firstElementChild.textContent = word(name, line.who ?? "", { "%t": clock(line.at) });
    place(node, line);
  }
  drawUnder();
  look();
}

/* "Seen" stands under the last own message only; what is not sent says so and offers a way. */
function drawUnder() {
  const own = [...$("thread").querySelectorAll(".msg-own")];
  const lastSeen = own.filter((node) => node.dataset.seq && Number(node.dataset.seq) <= seenUpTo).at(-1);
  for (const node of own) {
    const under = node.querySelector(".under");
    const state = node.dataset.state ?? (node === lastSeen ? "seen" : "");
    if (under.dataset.shows === state) continue;
    under.dataset.shows = state;
    under.hidden = !state;
    under.className = state === "unsent" ? "under under-danger" : "under";
    if (state === "seen") under.replaceChildren(clone("t-seen"), words.seen);
    else if (state === "unsent") { under.replaceChildren(clone("t-unsent")); under.querySelector("span").textContent = node.dataset.why || words.unsent; }
    else under.textContent = state ? words.sending : "";
  }
}

function send(text, id = uuid7()) {
  let entry = waiting.get(id);
  if (!entry) {
    entry = { node: drawOwn(id, text), text };
    waiting.set(id, entry);
    entry.node.dataset.state = "sending";
    place(entry.node, { by: "visitor" });
  }
  entry.at = Date.now();
  mark(id, "sending");
  wire.post({ t: "msg", id, text });
}

function mark(id, state, why = "") {
  const entry = waiting.get(id);
  if (!entry || entry.node.dataset.state === state) return drawUnder();
  entry.node.dataset.state = state;
  entry.node.dataset.why = why;
  drawUnder();
  if (state === "unsent") { $("alert").textContent = ""; $("alert").textContent = why || words.unsentAlert; }
}

setInterval(() => {
  for (const [id, entry] of waiting) if (Date.now() - entry.at > LATE) mark(id, "unsent", entry.node.dataset.why);
}, 1000);

let typingTimer;
function typing(on) {
  clearTimeout(typingTimer);
  $("typing").textContent = on ? word("typing", holder()) : "";
  if (on && !saidTyping) { saidTyping = true; $("status").textContent = word("typing", holder()); }
  if (on) typingTimer = setTimeout(() => typing(false), 6000);
}

// ---- the socket ---------------------------------------------------------------------------------------------------------

const wire = new Wire({
  async ticket() {
    await firstPage;
    const answer = await post("/widget/open/", { key: boot.key, secret: recall(), page });
    keep(answer.secret);
    return answer;
  },
  hello: () => ({ since: (chat && wire.followed.get(chat.id)) || 0 }),
  state(name) {
    const lost = name === "lost" || (name === "connecting" && wire.attempt > 0);
    $("lost").hidden = !lost && name !== "forbidden";
    if (lost !== ($("lost").textContent === words.lost)) $("lost").textContent = lost ? words.lost : "";
    if (name === "forbidden") $("lost").textContent = words.stopped;
    if (name === "gone") { $("off-text").textContent = words.gone; show("off"); }
  },
  line(id, line) { if (id === chat?.id) drawLine(line); },
  sent(id, frame, answer) {
    if (frame.t === "start") return started(answer, frame.text);
    const entry = waiting.get(id);
    if (entry) drawLine({ ...answer, by: "visitor", text: entry.text });
  },
  unsent(id, frame, error) {
    if (frame.t === "start") return refused(error);
    mark(id, "unsent", error.message);
  },
  frame(frame) {
    if (frame.t === "ready") ready(frame);
    else if (frame.t === "chat") changed(frame.chat);
    else if (frame.t === "typing") typing(frame.on);
    else if (frame.t === "read") { seenUpTo = Math.max(seenUpTo, frame.seq); drawUnder(); }
    else if (frame.t === "set" && "peek" in frame) { allowsPeek = frame.peek; drawPeek(); }
    else if (frame.t === "err" && !frame.id && frame.code !== "not_found") $("alert").textContent = frame.message;
    else if (frame.t === "lines" || frame.t === "msg") look();
  },
});

function ready(frame) {
  isOpen = frame.open;
  allowsPeek = frame.peek;
  if (frame.chat) {
    if (frame.chat.id !== chat?.id) { chat = frame.chat; wire.follow(chat.id, 0); }
    changed(frame.chat);
    if (page.url && isLive()) wire.say({ t: "page", url: page.url, title: page.title });
  } else if (isLive()) { chat = { ...chat, state: "closed" }; ended(); } else if (view === "pre") show("pre");
}

function changed(next) {
  if (next === null) return deleted();
  if (chat && next.id !== chat.id) return;
  chat = next;
  if (!wire.followed.has(chat.id)) { wire.follow(chat.id, 0); wire.resume(chat.id); }
  seenUpTo = Math.max(seenUpTo, chat.read);
  drawState();
  drawUnder();
}

function started(answer, text) {
  $("pre").querySelector("[type=submit]").removeAttribute("aria-busy");
  if (chat?.id !== answer.chat) {
    chat = { id: answer.chat, state: "waiting", read: 0, operator: null, position: null, rating: "", started: answer.at };
    wire.follow(chat.id, answer.seq);
    drawState();
  }
  drawLine({ ...answer, by: "visitor", text });
}

function refused(error) {
  $("pre").querySelector("[type=submit]").removeAttribute("aria-busy");
  const field = { bad_email: "w-email", underage: "w-adult", empty: "w-text" }[error.code];
  if (field && $(field)) return invalid(field);
  if (error.code === "read_only") return show("off", { focus: true });
  $("pre-error").hidden = false;
  $("pre-error").textContent = error.message;
}

// ---- what the visitor does --------------------------------------------------------------------------------------------------

function invalid(id, bad = true) {
  $(`${id}-error`).hidden = !bad;
  bad ? $(id).setAttribute("aria-invalid", "true") : $(id).removeAttribute("aria-invalid");
  if (bad) $(id).focus();
}

$("pre").addEventListener("submit", (event) => {
  event.preventDefault();
  const [text, email] = [$("w-text").value.trim(), $("w-email").value.trim()];
  $("pre-error").hidden = true;
  const problems = [["w-email", email !== "" && !$("w-email").checkValidity()], ["w-text", !text]];
  if ($("w-adult")) problems.push(["w-adult", !$("w-adult").checked]);
  for (const [id, bad] of problems.reverse()) invalid(id, bad); // the first one keeps the focus
  if (problems.some(([, bad]) => bad)) return;
  if ($("pre").querySelector("[aria-busy]")) return;
  $("pre").querySelector("[type=submit]").setAttribute("aria-busy", "true");
  wire.post({ t: "start", id: uuid7(), name: $("w-name").value.trim(), email, text, adult: Boolean($("w-adult")?.checked), page });
});

let typedAt = 0, typingLater;
function tellTyping() {
  clearTimeout(typingLater);
  const wait = typedAt + TYPING_GAP - Date.now();
  if (wait > 0) { typingLater = setTimeout(tellTyping, wait); return; }
  const text = $("w-message").value;
  typedAt = Date.now();
  if (isLive()) wire.say(allowsPeek ? { t: "typing", text, on: text !== "" } : { t: "typing", on: text !== "" });
}

$("w-message").addEventListener("input", tellTyping);
$("w-message").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("w-message").value.trim();
  if (!text || !isLive()) return;
  $("w-message").value = "";
  clearTimeout(typingLater);
  send(text);
  $("w-message").focus();
});

function drawPeek() {
  $("peek-text").textContent = word(allowsPeek ? "sees" : "seesNot", holder());
  $("peek-switch").textContent = allowsPeek ? words.turnOff : words.turnOn;
}
$("peek-switch").addEventListener("click", () => {
  allowsPeek = !allowsPeek;
  drawPeek();
  wire.say({ t: "peek", on: allowsPeek });
});

$("rate").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = new FormData($("rate")).get("value");
  $("rate-error").hidden = Boolean(value);
  if (value) wire.say({ t: "rate", value, comment: $("w-comment").value.trim() });
});

/* The receipt, the download and the deletion come in their own module, when somebody asks for them. */
const aid = { $, words, word, lang, clock, day, post, recall };
const kept = (deed) => import("livechat/widget/kept.js").then((module) => module[deed](aid))
  .catch(() => { $("alert").textContent = $("kept-about").textContent = words.failed; return false; });

function showKept() {
  show("kept", { focus: true });
  return kept("draw");
}

async function erase() {
  $("ask-delete").close();
  if (await kept("erase")) deleted();
}

function deleted() {
  if (wire.stopped) return;
  wire.stop("deleted");
  keep(null);
  chat = null;
  tell({ t: "unread", n: 0 });
  $("thread").replaceChildren();
  $("off-text").textContent = words.deleted;
  $("off-again").hidden = boot.closed;
  show("off", { focus: true });
  $("sub").textContent = "";
}

const deeds = {
  again: () => (wire.stopped ? location.reload() : startOver()),
  download: () => kept("download"),
  delete: () => $("ask-delete").showModal(),
  keep: () => $("ask-delete").close(),
  "delete-now": erase,
  retry: (button) => {
    const id = button.closest("[data-id]").dataset.id;
    wire.retry();
    send(waiting.get(id).text, id);
    $("w-message").focus();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) deeds[button.dataset.do](button);
});
$("minimise").addEventListener("click", minimise);
$("keeps").addEventListener("click", showKept);
$("back").addEventListener("click", () => show(before === "talk" && !isLive() ? "rate" : before, { focus: true }));
for (const id of ["end", "leave"]) $(id).addEventListener("click", () => wire.say({ t: "end" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !$("ask-delete").open) minimise();
});
document.addEventListener("visibilitychange", look);

// The server refuses a colour on which white text is below 4.5:1; through CSSOM, as the policy allows no style attribute.
if (/^#[0-9a-f]{6}$/i.test(boot.brand)) document.documentElement.style.setProperty("--brand", boot.brand);
$("minimise").hidden = window.parent === window;
wire.start();
