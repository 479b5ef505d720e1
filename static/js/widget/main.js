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
let isOpen = boot.open;
let opensAt = boot.opens_at;
let allowsPeek = boot.peek;
let peekOn = boot.peek; // whether the company looks at typing at all
let me = { name: "", email: "" }; // as the server knows this visitor
let resumes = Boolean(boot.pass); // from a link in a mail: the next message takes an ended chat up again
let unread = 0;
let readUpTo = 0, theirs = 0; // sequence numbers: what was told as read, and the newest line of the other side
let seenUpTo = 0;
let saidTyping = false;
const waiting = new Map(); // id -> {node, text, at}: own messages that are not acknowledged
let allowsSeen = true, listed = false, told; // whether the company may see the page; whether it may without a chat
let back = false, isCalm = false, pageCame, shownCame; // calm: the window stood there on the page before, too
const firstPage = new Promise((done) => { pageCame = done; setTimeout(done, 1000); });
const firstShown = new Promise((done) => { shownCame = done; });

// ---- small helpers ------------------------------------------------------------------------------------------------

const word = (name, who = "", rest = {}) =>
  Object.entries({ "%s": who, ...rest }).reduce((text, [mark, value]) => text.replace(mark, () => value), words[name]);
const clock = (iso) => new Date(iso).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (iso) => new Date(iso).toLocaleDateString(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", year: "numeric" });
const clone = (id) => $(id).content.cloneNode(true);
const initials = (name) => name.split(/\s+/).filter((part) => /^\p{L}/u.test(part)).slice(0, 2).map((part) => part[0]).join("");
const when = (iso) => new Date(iso).toLocaleString(lang, Date.parse(iso) - Date.now() < 6 * 864e5
  ? { weekday: "long", hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const about = (seconds) => new Intl.NumberFormat(lang, { style: "unit", unit: "minute", unitDisplay: "long" }).format(Math.max(1, Math.round(seconds / 60)));
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
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status, stop: answer.status === 404 || answer.status === 403 ? "gone" : undefined,
    says: answer.status === 403 ? (await answer.json().catch(() => ({}))).message : "" });
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
    back = message.back === true;
    pageCame();
    if (isLive() || listed) wire.say({ t: "page", url: page.url, title: page.title });
  } else if (message.t === "shown") {
    isShown = true;
    look();
    isCalm = message.quiet === true;
    if (!isCalm) { shownCame(); focusFirst(); }
  } else if (message.t === "hidden") isShown = false;
  else around("hear", message);
});

/* What the page around asks for, an invitation and the switch of being seen come in their own module. */
const around = (deed, what) => import("livechat/widget/around.js").then((module) =>
  module[deed]({ $, word, words, wire, tell, fill, look: drawSeen, isShown: () => isShown, allowsSeen: () => allowsSeen }, what)).catch(() => {});

/* The page around remembers, over its next page, that there is something to come back to; else it forgets us. */
function tellLive() {
  const on = isLive() || listed;
  if (host && told !== on) tell({ t: "live", on: (told = on) });
}

function drawSeen() {
  for (const node of document.querySelectorAll("[data-seen]")) node.textContent = node.matches("button")
    ? (allowsSeen ? words.turnOff : words.turnOn) : listed ? words.pageListed : allowsSeen ? words.pageSeen : words.pageUnseen;
}

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
  $("sub").textContent = name === "kept" ? "" : person ? words.company
    : talks ? (chat?.mail ? words.subMailed : isLive() ? words.subWaiting : words.subEnded)
    : name === "rate" ? words.subEnded : name === "off" ? words.subClosed : isOpen ? words.subOpen
    : opensAt ? word("subOpens", "", { "%d": when(opensAt) }) : words.subNobody;
  $("back").hidden = name !== "kept";
  $("faces").hidden = name === "kept";
  $("keeps").hidden = name === "kept";
  $("end").hidden = !(talks && isLive());
  $("attach-button").hidden = !isLive();
  if (person) drawFace(chat.operator);
  tellLive();
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
  if (!isShown || isCalm) return;
  const first = [...$("pre").querySelectorAll("[data-field]")].find((field) => !field.closest("[hidden]"));
  const target = { pre: $("w-text").value ? $("w-text") : first, talk: $("w-message"), kept: $("kept-title") }[view] ?? $("top");
  target.focus({ preventScroll: true });
}

/* Whether somebody answers now decides what the form asks for: without an address nobody could answer later. */
function drawOpen() {
  for (const node of document.querySelectorAll("[data-when]")) node.hidden = (node.dataset.when === "open") !== isOpen;
  if (boot.email !== "required") $("w-email").required = !isOpen;
  $("opens").textContent = !isOpen && opensAt ? word("opens", "", { "%d": when(opensAt) }) : "";
  if (view === "pre") show("pre");
}

/* Names, addresses and answers that are known already: shown to be changed, sent only with the form (S92). */
function fill(known) {
  for (const field of $("pre").querySelectorAll("[data-field]")) {
    const value = known[field.dataset.field] ?? known[field.dataset.label];
    if (value === undefined || field.dataset.field === "adult") continue;
    if (field.type === "checkbox") field.checked = value === true || value === "yes";
    else if (!field.value) field.value = String(value).slice(0, 2000);
  }
}

/* What the visitor chose beside the chat takes the place of what stood there; answers whether something came. */
function put(chosen) {
  const fields = ["name", "email"].map((name) => $(`w-${name}`)).filter((field) => field && typeof chosen[field.dataset.field] === "string");
  for (const field of fields) { field.value = chosen[field.dataset.field].slice(0, field.maxLength); invalid(field.id, false); }
  fields[0]?.focus();
  return fields.length > 0;
}

function drawState() {
  if (!chat) return;
  $("mailed").hidden = !chat.mail;
  $("mailed-text").textContent = chat.mail ? word("mailed", me.email) : "";
  if (chat.state === "closed") return ended();
  resumes = false;
  const place = chat.state === "waiting" && !chat.mail && chat.position;
  $("place").hidden = !place;
  $("place-wait").textContent = place && chat.wait ? word("wait", about(chat.wait)) : "";
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
  $("place").hidden = true;
  if (chat.rating || !chat.operator) import("livechat/widget/survey.js").then((module) => module.survey(aid), () => {}); // of the company, if it asks one
  if (resumes) show("talk", { focus: view !== "talk" });
  else if (view === "talk") show("rate", { focus: true });
}

function startOver() {
  if (chat) wire.forget(chat.id);
  chat = null;
  unread = readUpTo = theirs = seenUpTo = 0;
  waiting.clear();
  files?.clear();
  $("thread").replaceChildren();
  $("asked").replaceChildren();
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

/* What a line says; addresses become links in a module of their own. */
function setText(node, { text, edited, removed }) {
  const bubble = node.querySelector(".bubble");
  bubble.textContent = removed ? words.removed : text;
  node.dataset.changed = removed ? "removed" : edited ? words.edited : "";
  if (removed) node.querySelector(".bubble-file")?.remove();
  if (/https?:\/\//i.test(text)) import("livechat/core/links.js").then((module) => bubble.textContent === text && module.linkInto(bubble, text)).catch(() => {});
}

function drawLine(line) {
  if (line.of) {
    const node = $("thread").querySelector(`.msg[data-seq="${line.of}"]`);
    if (node && node.dataset.changed !== "removed") setText(node, { text: line.text, [line.event]: true });
    return;
  }
  if (line.by === "visitor") {
    const known = $("thread").querySelector(`[data-id="${CSS.escape(line.id)}"]`);
    const node = known ?? drawOwn(line.id, line.text);
    if (line.file && !node.querySelector(".bubble-file")) withFiles("draw", node, line.file);
    if (known?.dataset.seq) return;
    setText(node, line);
    node.dataset.at = Date.parse(line.at);
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
    setText(node, line);
    if (line.file) withFiles("draw", node, line.file);
    place(node, line);
    typing(false);
    saidTyping = false;
    theirs = line.seq;
    if (Date.parse(line.at) - wire.offset > performance.timeOrigin) tell({ t: "message" });
    if (line.seq > readUpTo && (!isShown || document.hidden || view !== "talk")) tell({ t: "unread", n: ++unread });
  } else {
    const name = { joined: "evJoined", passed_on: "evJoined", returned: "evReturned", by_mail: "evMailed", left: "evClosed", closed: "evClosed", reopened: "evReopened" }[line.event];
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

function send(text, id = uuid7(), file = null) {
  let entry = waiting.get(id);
  if (!entry) {
    entry = { node: drawOwn(id, text), text, file };
    if (file) withFiles("draw", entry.node, file);
    waiting.set(id, entry);
    entry.node.dataset.state = "sending";
    place(entry.node, { by: "visitor" });
  }
  entry.at = Date.now();
  mark(id, "sending");
  wire.post({ t: isLive() ? "msg" : "resume", id, text, ...(entry.file && { file: entry.file.id }) });
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
    if (back && !recall()) { minimise(); await firstShown; } // where storage is refused, the chat before is forgotten
    const answer = await post("/widget/open/", { key: boot.key, secret: recall(), pass: boot.pass, lang: boot.lang, page });
    keep(answer.secret);
    return answer;
  },
  hello: () => ({ since: (chat && wire.followed.get(chat.id)) || 0 }),
  state(name, detail) {
    const lost = name === "lost" || (name === "connecting" && wire.attempt > 0);
    $("lost").hidden = !lost && name !== "forbidden";
    if (lost !== ($("lost").textContent === words.lost)) $("lost").textContent = lost ? words.lost : "";
    if (name === "forbidden") $("lost").textContent = words.stopped;
    if (name === "gone") { $("off-text").textContent = detail?.says || words.gone; show("off"); }
  },
  line(id, line) { if (id === chat?.id) drawLine(line); },
  sent(id, frame, answer) {
    if (frame.t === "start") return started(answer, frame);
    const entry = waiting.get(id);
    if (entry) drawLine({ by: "visitor", text: entry.text, ...answer });
  },
  unsent(id, frame, error) {
    if (frame.t === "start") return refused(error);
    if (frame.t === "edit" || frame.t === "remove") return change(frame, error);
    mark(id, "unsent", error.message);
  },
  frame(frame) {
    if (frame.t === "ready") ready(frame);
    else if (frame.t === "chat") changed(frame.chat);
    else if (frame.t === "queue" && chat?.id === frame.chat && chat.state === "waiting") changed({ ...chat, position: frame.position, wait: frame.wait });
    else if (frame.t === "typing") typing(frame.on);
    else if (frame.t === "read") { seenUpTo = Math.max(seenUpTo, frame.seq); drawUnder(); }
    else if (frame.t === "set" && "peek" in frame) { allowsPeek = frame.peek; peekOn = frame.peek_on ?? peekOn; drawPeek(); }
    else if (frame.t === "prefill") fill(frame);
    else if (frame.t === "set" && "seen" in frame) { allowsSeen = frame.seen; listed = frame.listed; drawSeen(); tellLive(); }
    else if (frame.t === "invite") around("invite", frame);
    else if (frame.t === "err" && /^bad_(token|goal|sale)$/.test(frame.code)) tell({ t: "refused", message: frame.message });
    else if (frame.t === "err" && !frame.id && frame.code !== "not_found") $("alert").textContent = frame.message;
    else if (frame.t === "lines" || frame.t === "msg") look();
  },
});

function ready(frame) {
  isOpen = frame.open;
  opensAt = frame.opens_at;
  allowsPeek = frame.peek;
  peekOn = frame.peek_on ?? peekOn;
  me = { name: frame.me.name || me.name, email: frame.me.email || me.email };
  allowsSeen = frame.seen;
  listed = frame.listed;
  drawSeen();
  tellLive();
  fill(me);
  drawOpen();
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

function started(answer, asked) {
  $("pre").querySelector("[type=submit]").removeAttribute("aria-busy");
  if (chat?.id !== answer.chat) {
    chat = { id: answer.chat, state: "waiting", read: 0, operator: null, position: null, mail: asked.mail, rating: "", started: answer.at };
    wire.follow(chat.id, answer.seq);
    drawState();
  }
  drawLine({ ...answer, by: "visitor", text: asked.text });
}

function refused(error) {
  $("pre").querySelector("[type=submit]").removeAttribute("aria-busy");
  const sentences = error.fields ?? { [{ underage: "adult", empty: "text" }[error.code]]: error.message };
  const found = [...$("pre").querySelectorAll("[data-field]")].filter((field) => sentences[field.dataset.field]);
  for (const field of found.reverse()) {
    $(`${field.id}-error`).querySelector(".e").textContent = sentences[field.dataset.field];
    invalid(field.id);
  }
  if (found.length) return;
  if (error.code === "queue_full") { isOpen = false; drawOpen(); $("nobody").hidden = true; }
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
  $("pre-error").hidden = true;
  const fields = [...$("pre").querySelectorAll("[data-field]")].filter((field) => !field.closest("[hidden]"));
  const value = (field) => (!field ? "" : field.type !== "checkbox" ? field.value.trim() : field.checked ? "yes" : "");
  const wrong = (field) => (value(field) ? !field.checkValidity() : field.required);
  for (const field of fields.toReversed()) if ($(`${field.id}-error`)) invalid(field.id, wrong(field)); // the first one keeps the focus
  if (fields.some(wrong) || $("pre").querySelector("[aria-busy]")) return;
  $("pre").querySelector("[type=submit]").setAttribute("aria-busy", "true");
  const of = (name) => value(fields.find((field) => field.dataset.field === name));
  const answers = Object.fromEntries(fields.filter((field) => field.dataset.label).map((field) => [field.dataset.field, value(field)]));
  me = { name: of("name") || me.name, email: of("email") || me.email }; // the chat may be told before the answer
  wire.post({ t: "start", id: uuid7(), name: of("name"), email: of("email"), text: of("text"), adult: of("adult") === "yes", answers,
    group: Number(of("group")) || null, mail: !isOpen, page });
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
  const full = isLive() && files?.isFull();
  if ((!text && !full) || !(isLive() || (chat && resumes))) return;
  $("w-message").value = "";
  clearTimeout(typingLater);
  full ? files.send(aid, text) : send(text);
  $("w-message").focus();
});

function drawPeek() {
  $("peek-switch").hidden = !peekOn;
  $("peek-text").textContent = peekOn ? word(allowsPeek ? "sees" : "seesNot", words.company) : words.seesNone;
  $("peek-switch").textContent = allowsPeek ? words.turnOff : words.turnOn;
}
$("peek-switch").addEventListener("click", () => {
  allowsPeek = !allowsPeek;
  drawPeek();
  wire.ask({ t: "peek", on: allowsPeek });
});

$("rate").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = new FormData($("rate")).get("value");
  $("rate-error").hidden = Boolean(value);
  if (value) wire.ask({ t: "rate", value, comment: $("w-comment").value.trim() });
});

/* The receipt, the download and the deletion come in their own module, when somebody asks for them. */
const aid = { $, words, word, lang, clock, day, post, recall, clone, invalid, send, put, host: () => host, waits: () => chat === null && !wire.stopped, me: () => me, say: (frame) => wire.say(frame) };
const kept = (deed, name = "kept") => (name === "mail" ? import("livechat/widget/mail.js") : import("livechat/widget/kept.js"))
  .then((module) => module[deed](aid))
  .catch(() => { $("alert").textContent = $("kept-about").textContent = words.failed; return false; });

function showKept() {
  $("kept-data").onsubmit = () => { $("kept-data").elements.secret.value = recall(); }; // in a tab of its own, before the rest is fetched
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

/* Files come in their own module, with the first of them. */
let files = null;
function withFiles(deed, ...more) {
  return import("livechat/widget/files.js").then((module) => { files = module; return module[deed](aid, ...more); })
    .catch(() => { $("alert").textContent = words.failed; });
}
const take = (list) => { if (list.length && isLive()) withFiles("add", [...list]); };
$("attach").addEventListener("change", ({ target }) => { take(target.files); target.value = ""; });
$("w-message").addEventListener("paste", (event) => {
  if (!event.clipboardData.files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  take(event.clipboardData.files);
});
for (const type of ["dragover", "drop", "dragleave"]) document.addEventListener(type, (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault(); // a file that is dropped beside the talk does not replace the window
  const fits = view === "talk" && isLive();
  $("widget").toggleAttribute("data-over", fits && (type === "dragover" || (type === "dragleave" && event.relatedTarget !== null)));
  if (type === "drop" && fits) take(event.dataTransfer.files);
});

/* The dialog in which an own message is changed; refused, it opens again with the sentence and what was written. */
function change(frame, error) {
  const line = $("thread").querySelector(`[data-seq="${frame.seq}"]`);
  if (line) import("livechat/widget/lines.js").then((module) => module.open({ ...aid, say: (next) => wire.post(next) }, line, error && { text: frame.text, sentence: error.message }))
    .catch(() => { $("alert").textContent = words.failed; });
}

const deeds = {
  change: (button) => change(button.closest("[data-seq]").dataset),
  // the window opens with the click, or browsers block it; the rest comes in its own module
  prefill: (button) => {
    const beside = open(button.dataset.url, "_blank", "popup,width=480,height=720");
    import("livechat/widget/prefill.js").then((module) => module.wait(aid, beside)).catch(() => { $("alert").textContent = words.failed; });
  },
  seen: () => around("turn"),
  attach: () => $("attach").click(),
  again: () => (wire.stopped ? location.reload() : startOver()),
  download: () => kept("download"),
  text: () => kept("text"),
  print: () => print(),
  "by-mail": () => kept("answer", "mail"),
  transcript: () => kept("transcript", "mail"),
  "no-mail": () => { document.querySelector(".mail-ask")?.remove(); focusFirst(); },
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
for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, () => { isCalm = false; shownCame(); });
$("minimise").addEventListener("click", minimise);
$("keeps").addEventListener("click", showKept);
$("back").addEventListener("click", () => show(before === "talk" && !isLive() ? "rate" : before, { focus: true }));
for (const id of ["end", "leave"]) $(id).addEventListener("click", () => wire.ask({ t: "end" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) minimise();
});
document.addEventListener("visibilitychange", look);

// A pair that the server checked; through CSSOM, as the policy allows no style attribute.
for (const [name, value] of [["--brand", boot.brand], ["--on-brand", boot.ink]])
  if (/^#[0-9a-f]{6}$/i.test(value)) document.documentElement.style.setProperty(name, value);
if (boot.pass) { keep(null); isShown = true; }
$("minimise").hidden = window.parent === window;
$("widget").inert = false; // a click before this would be lost, and what was typed with it
wire.start();
