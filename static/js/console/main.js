/* The console: the socket, the board, and which conversation is on the screen. The server has drawn the first state. */

import { Wire } from "livechat/core/wire.js";
import { toast } from "livechat/core/toast.js";
import { $, chatUrl, clone, deeds, desk, heads, hears, isMine, mailCards, mayAccept, myCards, otherCards, say, sents, shows, unsents, waitingCards, words } from "livechat/console/desk.js";
import { drawLists, tick } from "livechat/console/lists.js";
import { checkPending, drawLine, drawPending, drawPreview, mark, pane, setSeen, showOlder, startThread } from "livechat/console/thread.js";
import { drawComposer, focusReply, sendAgain, setMode, startComposer, stowDraft } from "livechat/console/composer.js";
import { askForNotices, beep, drawSound, notice, ring, toggleSound } from "livechat/console/sound.js";
import { drawStatus } from "livechat/console/status.js";
import { openOutbox } from "livechat/console/outbox.js";
import { onKey } from "livechat/console/keys.js";
import { setUpPalette } from "livechat/console/palette.js";
import "livechat/console/features.js";

const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
let isWholeBoard = false;

const wire = (desk.wire = new Wire({
  async ticket() {
    const answer = await fetch(desk.urls.ticket, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) throw Object.assign(new Error("signed out"), { stop: "signedOut" });
    if (answer.status === 404) throw Object.assign(new Error("no right"), { stop: "forbidden" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  },
  hello: () => ({ cursor: 0 }), // every live chat: what was missed is seen by comparing
  state: drawConnection,
  line(chat, line) { if (chat === desk.chat) drawLine(line); },
  sent(id, frame, answer) {
    if (frame.t !== "msg") return sents[frame.t]?.(id, frame, answer);
    if (frame.chat === desk.chat) drawLine({ ...answer, by: "operator", text: answer.text ?? frame.text, who: desk.me.name, op: desk.me.id });
    const card = desk.cards.get(frame.chat);
    if (card) card.last = { text: (answer.text ?? frame.text) || answer.file?.name || "", at: answer.at, mine: true };
    drawLists();
  },
  unsent(id, frame, error) { unsents[frame.t] ? unsents[frame.t](id, frame, error) : mark(id, "unsent", error.message); },
  store: openOutbox(desk.me.id),
  frame: take,
}));

let slower = false; // the server processes do not hear each other at the moment

function drawConnection(name) {
  const sentence = name === "ready" && slower ? words.slower : name === "signedOut" ? words.signedOut : name === "forbidden" ? words.forbidden
    : name === "lost" || (name === "connecting" && wire.attempt > 0) ? words.lost : "";
  $("lost").hidden = !sentence;
  if ($("lost").textContent !== sentence) $("lost").textContent = sentence;
}

// ---- what the server says -------------------------------------------------------------------------------------------

function take(frame) {
  const deed = { ready, board, msg: arrived, took: (f) => { put(f.card); openChat(f.card.id, { write: true }); }, err: refused,
    typing: (f) => (f.chats ?? [f]).forEach(typed), read: (f) => { if (f.chat === desk.chat) setSeen(f.seq); },
    peek: (f) => { const card = desk.cards.get(f.chat); if (card) card.peek = f.on; if (!f.on) typed({ chat: f.chat, on: false }); drawHead(); },
    page: (f) => { if (f.chat === desk.chat) drawPage(f.page); },
    set: (f) => {
      if (f.status) { desk.me.status = f.status; drawStatus(desk.me.status); }
      if ("slower" in f) { slower = f.slower; drawConnection(wire.is); }
    },
    beat: (f) => { if (f.cursor > cursor) wire.say({ t: "board", cursor }); } }[frame.t];
  deed?.(frame);
  for (const more of hears.get(frame.t) ?? []) more(frame);
}

let cursor = 0;
function ready(frame) {
  desk.me = frame.me;
  slower = Boolean(frame.slower);
  drawConnection("ready");
  isWholeBoard = true;
  drawStatus(desk.me.status);
  if (desk.chat) follow();
  for (const { frame: reply } of wire.outbox.values()) {
    if (reply.t !== "msg") continue;
    if (!document.querySelector(`[data-id="${reply.id}"]`)) drawPending(reply.id, { chat: reply.chat, text: reply.text, file: reply.file ? { id: reply.file } : null, at: Date.now() });
  }
}

function board(frame) {
  cursor = Math.max(cursor, frame.cursor);
  const before = new Set(waitingCards().map((card) => card.id));
  if (isWholeBoard) desk.cards.clear();
  isWholeBoard = false;
  for (const card of frame.cards) put(card);
  for (const id of frame.gone) drop(id);
  const fresh = waitingCards().filter((card) => !before.has(card.id) && mayAccept(card));
  if (fresh.length && desk.me.status === "accepting") {
    beep();
    notice(words.newVisitor.replace("%n", () => fresh[0].name), chatUrl(fresh[0].id));
  }
  drawLists();
  drawHead();
}

function put(card) {
  if (card.state === "closed") return drop(card.id);
  const known = desk.cards.get(card.id);
  if (known && known.board > card.board) return;
  card.tags ??= known?.tags; // a card says them only when they were read
  desk.cards.set(card.id, card);
  if (card.id === desk.chat) look();
}

function drop(id) {
  desk.cards.delete(id);
  desk.typing.delete(id);
}

function arrived({ chat, line }) {
  const card = desk.cards.get(chat);
  if (!card || line.by === "system") return;
  card.last = { text: (line.text || line.file?.name || "").slice(0, 200), at: line.at, mine: line.by === "operator" };
  if (line.by === "visitor") {
    desk.typing.delete(chat);
    const isSeen = chat === desk.chat && !document.hidden;
    card.unread += 1;
    if (isMine(card) && !isSeen) { beep(true); notice(words.newMessage.replace("%n", () => card.name), chatUrl(chat)); }
  }
  if (chat === desk.chat) { drawPreview(); look(); }
  drawLists();
}

function typed({ chat, on, text }) {
  clearTimeout(desk.typing.get(chat)?.timer);
  if (on) desk.typing.set(chat, { on, text: text ?? "", timer: setTimeout(() => typed({ chat, on: false }), 15_000) });
  else desk.typing.delete(chat);
  if (chat === desk.chat) drawPreview();
  drawLists();
}

function refused(frame) {
  if (frame.id) return;
  if (frame.code === "not_found") return;
  toast(frame.message, { danger: true });
}

// ---- one conversation -----------------------------------------------------------------------------------------------

function follow() {
  wire.follow(desk.chat, Number(pane().dataset.seq));
  wire.resume(desk.chat, "open");
  look();
}

/* What is on the screen is read; only the operator who has the chat moves the mark, once for lines that come together. */
let lookLater;
function look() {
  clearTimeout(lookLater);
  lookLater = setTimeout(() => {
    const card = desk.cards.get(desk.chat);
    if (!card?.unread || document.hidden || !isMine(card)) return;
    const last = Math.max(wire.followed.get(desk.chat) ?? 0, Number(pane().dataset.seq ?? 0));
    if (wire.say({ t: "read", chat: desk.chat, seq: last })) card.unread = 0;
  }, 300);
}

async function openChat(id, { push = true, write = false } = {}) {
  if (id === desk.chat && pane().dataset.chat === id) { if (write) focusReply(); drawHead(); return drawLists(); }
  let text;
  try {
    const answer = await fetch(chatUrl(id), { headers: { "X-Part": "chat" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    text = await answer.text();
  } catch {
    return toast(words.lost, { danger: true });
  }
  const part = document.createElement("template");
  part.innerHTML = text;
  show(id, part.content);
  if (push) history.pushState({}, "", chatUrl(id));
  if (write) focusReply();
  else pane().querySelector("h2").focus({ preventScroll: true });
}

function show(id, part) {
  stowDraft();
  if (desk.chat) {
    wire.say({ t: "leave", chat: desk.chat });
    wire.forget(desk.chat);
  }
  desk.chat = id;
  pane().replaceWith(part.querySelector("#chat"));
  $("details").replaceWith(part.querySelector("#details"));
  $("main").dataset.view = id ? "chat" : "list";
  startThread();
  startComposer();
  if (id && wire.isReady()) follow();
  drawHead();
  drawLists();
  for (const told of shows) told(id);
}

function drawHead() {
  const card = desk.cards.get(desk.chat);
  if (!desk.chat) return;
  const waits = card?.state === "waiting";
  pane().querySelector("[data-do=accept]").hidden = !waits;
  pane().querySelector("[data-do=close]").hidden = !card || waits || !(isMine(card) || desk.supervises);
  const name = pane().dataset.name;
  if (card) {
    pane().querySelector("[data-f=with]").textContent = waits ? words.waits : isMine(card) ? words.yours
      : words.with.replace("%n", () => card.operator?.name ?? "");
    pane().querySelector("[data-f=peek]").textContent = (card.peek ? words.peekOn : words.peekOff).replace("%n", () => name);
  }
  drawComposer();
  for (const told of heads) told(card);
}

/* The page that the visitor looks at now. */
function drawPage(page) {
  if (!/^https?:/.test(page.url)) return;
  const link = Object.assign(document.createElement("a"), { href: page.url, target: "_blank", rel: "noopener noreferrer nofollow", textContent: page.title || page.url });
  $("details").querySelector("[data-f=page]").replaceChildren(link);
}

// ---- deeds ------------------------------------------------------------------------------------------------------------

Object.assign(deeds, {
  next: () => (waitingCards().length ? wire.ask({ t: "accept" }) : say("queue-status", words.queueNone)),
  accept: () => wire.ask({ t: "accept", chat: desk.chat }),
  close: closeChat,
  older: showOlder,
  retry: (button) => sendAgain(button.closest("[data-id]").dataset.id),
  sound: toggleSound,
  notify: askForNotices,
  reply: () => { setMode(""); return focusReply(); },
  keys: () => $("keys").showModal(),
  away: () => wire.ask({ t: "status", value: "away" }),
  accepting: () => wire.ask({ t: "status", value: "accepting" }),
});

/* Closed at once; who closed it can open it again for a minute. */
function closeChat() {
  const card = desk.cards.get(desk.chat);
  if (!card || card.state !== "open" || !(isMine(card) || desk.supervises)) return;
  if (!wire.say({ t: "close", chat: card.id })) return toast(words.lost, { danger: true });
  desk.closed.set(card.id, Date.now());
  toast(words.closed.replace("%n", () => card.name), { action: { label: words.undo, run: () => wire.ask({ t: "reopen", chat: card.id }) } });
}

function step(by) {
  const cards = [...myCards(), ...waitingCards(), ...mailCards(), ...otherCards()];
  if (!cards.length) return;
  const at = cards.findIndex((card) => card.id === desk.chat);
  openChat(cards[(at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by + cards.length) % cards.length].id);
}

const panes = () => [$("queue"), pane(), $("details")].filter((part) => part.checkVisibility());
function nextPane() {
  const found = panes();
  const at = found.findIndex((part) => part.contains(document.activeElement));
  const part = found[(at + 1) % found.length];
  (part.querySelector("#reply:not([readonly]), .scroll") ?? part.querySelector("a, button"))?.focus();
}

onKey("n", deeds.next);
onKey("j", () => step(1));
onKey("k", () => step(-1));
onKey("1", (event) => { const card = myCards()[Number(event.key) - 1]; return card ? openChat(card.id) : false; });
onKey("r", deeds.reply);
onKey("e", closeChat);
onKey("i", () => { location.hash = location.hash === "#details" ? "#chat" : "#details"; $("details").querySelector(".scroll")?.focus(); });
onKey("Shift A", deeds.away);
onKey("F6", nextPane);
setUpPalette(deeds, () => [...waitingCards(), ...mailCards(), ...myCards(), ...otherCards()].map((card) => (
  { id: card.id, name: card.name, line: card.last.text, run: () => openChat(card.id) })));

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const row = event.target.closest("a.chat-row");
  if (row) { event.preventDefault(); return openChat(row.closest("[data-chat]").dataset.chat); }
  const back = event.target.closest("a[data-back]");
  if (back) { event.preventDefault(); history.pushState({}, "", desk.urls.chats); return showNone(); }
  const status = event.target.closest("[data-status]");
  if (status) return wire.ask({ t: "status", value: status.dataset.status });
  const button = event.target.closest("[data-do]");
  if (button) deeds[button.dataset.do]?.(button);
});

function showNone() {
  const from = desk.chat;
  show(null, clone("t-none"));
  document.querySelector(`#queue [data-chat="${from}"] a`)?.focus();
}

addEventListener("popstate", () => {
  const id = location.pathname.slice(desk.urls.chats.length).replace("/", "") || null;
  if (id === desk.chat) return;
  id ? openChat(id, { push: false }) : showNone();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

setInterval(() => { tick(); ring(); checkPending(); }, 1000);
startThread();
startComposer();
drawSound();
drawHead();
for (const told of shows) told(desk.chat);
desk.open = openChat;
$("main").inert = false; // what was drawn by the server can be used from now on
wire.start();
