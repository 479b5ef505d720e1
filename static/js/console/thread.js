/* The conversation on the screen: lines, what is being sent, what the visitor types, older lines. */

import { linkInto } from "livechat/core/links.js";
import { $, chatUrl, clock, clone, desk, say, words } from "livechat/console/desk.js";
import { drawFile } from "livechat/console/files.js";

const LATE = 6000; // ms until a message without an answer is shown as not sent
const pending = new Map(); // id -> {chat, text, at, why}
let seen = 0;

export const pane = () => $("chat");
const thread = () => $("thread");

/* A conversation has come onto the screen. */
export function startThread() {
  seen = Number(pane().dataset.seen ?? 0);
  if (!thread()) return;
  for (const [id, entry] of pending) if (entry.chat === desk.chat && !find(id)) drawPending(id, entry);
  drawPreview();
}

const find = (id) => thread()?.querySelector(`[data-id="${CSS.escape(id)}"]`);

/* Applies one line, in order; an own line that is on the screen already gets its number. */
export function drawLine(line) {
  if (line.of) return changeLine(line);
  if (line.by === "system") {
    const node = clone("t-event").firstElementChild;
    node.firstElementChild.textContent = `${clock(line.at)}. ${sayEvent(line)}`;
    return place(node, line, "system");
  }
  const own = line.by === "operator";
  const known = find(line.id);
  if (known?.dataset.seq) return;
  const node = known ?? clone(own ? "t-own" : "t-visitor").firstElementChild;
  pending.delete(line.id);
  delete node.dataset.state;
  node.dataset.id = line.id;
  fillText(node, line);
  drawFile(node, line.file);
  const who = node.querySelector(".who");
  if (who) {
    who.firstElementChild.textContent = own ? line.who || desk.me.name : pane().dataset.name;
    who.querySelector("time").dateTime = line.at;
    who.querySelector("time").textContent = clock(line.at);
  }
  const face = node.querySelector(".avatar");
  if (face) { face.dataset.hue = pane().dataset.hue; face.textContent = thread().querySelector("#preview .avatar").textContent; }
  place(node, line, own ? `operator ${line.op ?? desk.me.id}` : "visitor");
  if (!own) { desk.typing.delete(desk.chat); drawPreview(); }
  drawUnder();
}

/* What a line says, with its links; "removed" and "edited" stay visible. */
function fillText(node, { text, edited, removed }) {
  const bubble = node.querySelector(".bubble");
  removed ? bubble.replaceChildren(words.removed) : linkInto(bubble, text);
  removed || edited ? node.dataset.changed = removed ? "removed" : "edited" : delete node.dataset.changed;
  node.querySelector(".changed")?.remove();
  if (edited && !removed) bubble.after(Object.assign(document.createElement("p"), { className: "changed", textContent: words.edited }));
}

function changeLine({ of, event, text }) {
  const node = thread()?.querySelector(`.msg[data-seq="${of}"]`);
  if (!node || node.dataset.changed === "removed") return;
  fillText(node, { text, edited: event === "edited", removed: event === "removed" });
  if (event === "removed") drawFile(node, null);
  node.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
}

/* A note of a colleague, after the line that was the newest when it was written; known ones stay where they are. */
export function drawNote(note) {
  if (!thread()) return;
  const known = find(note.id);
  if (known && !known.dataset.state) return;
  const node = known ?? clone("t-note").firstElementChild;
  const first = Number(thread().querySelector("[data-seq]")?.dataset.seq ?? 0);
  if (note.after < first - 1 && thread().querySelector(".older:not([hidden])")) return; // comes with the earlier lines
  pending.delete(note.id);
  delete node.dataset.state;
  fillNote(node, note);
  const next = [...thread().querySelectorAll("[data-seq]")].find((line) => Number(line.dataset.seq) > note.after);
  thread().insertBefore(node, next ?? thread().querySelector(".msg[data-state]") ?? $("preview"));
  drawUnder();
}

function fillNote(node, note) {
  const name = note.by?.name ?? words.nobodyNow;
  node.dataset.id = note.id;
  node.dataset.by = "note";
  node.classList.toggle("msg-whisper", note.kind === "whisper");
  node.querySelector(".who span").textContent = words[note.kind === "whisper" ? "whisperBy" : "noteBy"].replace("%n", () => name);
  node.querySelector("time").dateTime = note.at;
  node.querySelector("time").textContent = clock(note.at);
  linkInto(node.querySelector(".bubble"), note.text);
}

function sayEvent(line) {
  const name = { joined: "evJoined", left: "evLeft", closed: line.who ? "evClosed" : "evClosedByNobody",
    reopened: "evReopened", rated: "evRated", started: "evStarted", passed_on: "evPassedOn",
    returned: line.who ? "evReturned" : "evUnanswered", by_mail: "evByMail" }[line.event];
  return name ? words[name].replace("%n", () => line.who ?? "") : line.event;
}

/* Numbered lines stand before what is still being sent, and everything before the preview. */
function place(node, line, author) {
  node.dataset.by = author;
  if (line.seq) node.dataset.seq = line.seq;
  const first = line.seq ? thread().querySelector(".msg[data-state]") : null;
  thread().insertBefore(node, first === node ? node.nextSibling : (first ?? $("preview")));
  if (!node.classList.contains("msg")) return;
  const isFirst = node.previousElementSibling?.dataset.by !== author;
  node.classList.toggle("msg-first", isFirst);
  if (!isFirst) {
    node.querySelector(".who")?.remove();
    node.querySelector(".avatar")?.remove();
    node.classList.toggle("msg-cont", author === "visitor");
  }
  if (!first) thread().parentElement.scrollTop = 0; // column-reverse: 0 is the newest
}

export function drawPending(id, entry) {
  pending.set(id, entry);
  if (entry.chat !== desk.chat || !thread()) return;
  if (entry.frame?.t === "note") return drawPendingNote(id, entry);
  const node = clone("t-own").firstElementChild;
  node.dataset.id = id;
  node.dataset.state = "sending";
  node.querySelector(".bubble").textContent = entry.text;
  drawFile(node, entry.file);
  node.querySelector(".who span").textContent = desk.me.name;
  node.querySelector("time").textContent = clock(new Date());
  place(node, {}, `operator ${desk.me.id}`);
  drawUnder();
}

function drawPendingNote(id, { frame, at }) {
  const node = clone("t-note").firstElementChild;
  fillNote(node, { id, kind: frame.kind, text: frame.text, by: desk.me, at: new Date(at).toISOString() });
  node.dataset.state = "sending";
  thread().insertBefore(node, $("preview"));
  drawUnder();
}

export function mark(id, state, why = "") {
  const entry = pending.get(id);
  if (!entry) return;
  entry.why = why;
  const node = find(id);
  if (!node || node.dataset.state === state) return;
  node.dataset.state = state;
  drawUnder();
  if (state === "unsent") say("chat-alert", why || words.unsentAlert);
}

export const pendingText = (id) => pending.get(id)?.text;
export const pendingFrame = (id) => pending.get(id)?.frame;
export const pendingFile = (id) => pending.get(id)?.file;
export function again(id) { const entry = pending.get(id); if (entry) entry.at = Date.now(); mark(id, "sending"); }
export function checkPending() {
  for (const [id, entry] of pending) if (Date.now() - entry.at > LATE) mark(id, "unsent", entry.why);
}

export function setSeen(seq) { seen = Math.max(seen, seq); drawUnder(); }

function drawUnder() {
  if (!thread()) return;
  const own = [...thread().querySelectorAll(".msg-own")];
  const last = own.filter((node) => node.dataset.seq && Number(node.dataset.seq) <= seen).at(-1);
  for (const node of own) {
    const under = node.querySelector(".under");
    const state = node.dataset.state ?? (node === last ? "seen" : "");
    if (under.dataset.shows === state) continue;
    under.dataset.shows = state;
    under.hidden = !state;
    under.className = state === "unsent" ? "under under-danger" : "under";
    if (state === "seen") under.replaceChildren(clone("t-seen"));
    else if (state === "unsent") {
      under.replaceChildren(clone("t-unsent"));
      under.querySelector("span").textContent = pending.get(node.dataset.id)?.why || words.unsent;
    } else under.textContent = state ? words.sending : "";
  }
}

/* What the visitor types: shown, never kept, never read out letter by letter (P14). */
let saidTyping = "";
export function drawPreview() {
  const box = $("preview");
  if (!box) return;
  const typed = desk.typing.get(desk.chat);
  box.hidden = !(typed?.on && typed.text);
  box.querySelector(".bubble").textContent = typed?.text ?? "";
  if (typed?.on && saidTyping !== desk.chat) {
    saidTyping = desk.chat;
    say("chat-status", words.isTyping.replace("%n", () => pane().dataset.name));
  } else if (!typed?.on) saidTyping = "";
}

/* Older lines, above those on the screen; what one reads keeps its place. */
export async function showOlder(button) {
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${chatUrl(desk.chat)}?before=${button.dataset.before}`, { headers: { "X-Part": "lines" } });
    if (!answer.ok) return;
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    const next = part.content.querySelector("template[data-older]");
    const scroller = thread().parentElement;
    const from = scroller.scrollTop;
    const line = button.closest(".older");
    line.after(...[...part.content.children].filter((node) => node !== next));
    line.hidden = !next;
    if (next) button.dataset.before = next.dataset.older;
    scroller.scrollTop = from;
    if (!next) scroller.focus();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
