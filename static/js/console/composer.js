/* Writing: drafts per chat in memory, Enter sends, the visitor is told that somebody types. */

import { uuid7 } from "livechat/core/wire.js";
import { $, desk, isMine, words } from "livechat/console/desk.js";
import { again, drawPending, pendingText } from "livechat/console/thread.js";

const TYPING_GAP = 2000;
const drafts = new Map();
let typedAt = 0;

/* Puts away what was being written before another conversation comes onto the screen. */
export function stowDraft() {
  if (!desk.chat || !$("reply")) return;
  const text = $("reply").value;
  text.trim() ? drafts.set(desk.chat, text) : drafts.delete(desk.chat);
}

export const draftCount = () => { stowDraft(); return drafts.size; };

export function startComposer() {
  if ($("reply")) $("reply").value = drafts.get(desk.chat) ?? "";
  drawComposer();
}

/* Who may write here: the operator who has the chat, and owners and admins. */
export function drawComposer() {
  const card = desk.cards.get(desk.chat);
  if (!$("composer")) return;
  const over = !card;
  $("composer").hidden = over;
  $("chat-over").hidden = !over;
  if (over) return;
  const may = card.state === "open" && (isMine(card) || desk.supervises);
  $("composer-note").textContent = card.state === "waiting" ? words.acceptFirst
    : isMine(card) ? "" : words.notMine.replace("%n", card.operator?.name ?? "");
  $("reply").readOnly = !may;
  $("composer").querySelector("[type=submit]").disabled = !may;
}

export function focusReply() {
  if (!$("reply") || $("composer").hidden) return false;
  $("reply").focus();
  return true;
}

function send() {
  const text = $("reply").value.trim();
  if (!text || $("reply").readOnly) return;
  $("reply").value = "";
  drafts.delete(desk.chat);
  typedAt = 0;
  post(uuid7(), desk.chat, text);
}

export function post(id, chat, text) {
  drawPending(id, { chat, text, at: Date.now() });
  desk.wire.post({ t: "msg", chat, id, text });
}

export function sendAgain(id) {
  const text = pendingText(id);
  if (text === undefined) return;
  again(id);
  desk.wire.retry();
  desk.wire.post({ t: "msg", chat: desk.chat, id, text });
  focusReply();
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "composer") return;
  event.preventDefault();
  send();
  focusReply();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "reply" || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") {
    event.preventDefault();
    document.querySelector(".thread-scroll").focus();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "reply") return;
  const on = event.target.value !== "";
  if (on && Date.now() - typedAt < TYPING_GAP) return;
  typedAt = on ? Date.now() : 0;
  desk.wire.say({ t: "typing", chat: desk.chat, on });
});

addEventListener("beforeunload", (event) => {
  if (draftCount() > 0) event.preventDefault(); // drafts live in memory only
});
