/* Writing: drafts per chat (drafts.js keeps them on the server), Enter sends, the visitor is told that somebody types. */

import { uuid7 } from "livechat/core/wire.js";
import { $, desk, isMine, words } from "livechat/console/desk.js";
import { again, drawPending, pendingFile, pendingFrame, pendingText } from "livechat/console/thread.js";
import { hasFiles, sendFiles } from "livechat/console/files.js";

const TYPING_GAP = 2000;
const drafts = new Map();
let typedAt = 0;

/* Other ways to write in the composer ("note", "edit"): name -> {send(text), may(card), hint, placeholder}. */
export const modes = {};
export const guards = []; // functions that are asked before a reply is sent; one that answers false stops it
export const mode = () => $("composer")?.dataset.mode ?? "";
const laid = new Map(); // mode -> what was being written in it on this screen

export function setMode(name, text = laid.get(name) ?? "") {
  const form = $("composer");
  if (!form || mode() === name) return;
  laid.set(mode(), $("reply").value);
  laid.delete(name);
  name ? form.dataset.mode = name : delete form.dataset.mode;
  $("reply").value = text;
  for (const button of form.querySelectorAll("[data-mode-of]")) {
    button.setAttribute("aria-pressed", String(button.dataset.modeOf === name));
  }
  drawComposer();
}

/* Puts away what was being written before another conversation comes onto the screen. */
export function stowDraft() {
  if (!desk.chat || !$("reply")) return;
  setMode("");
  const text = $("reply").value;
  text.trim() ? drafts.set(desk.chat, text) : drafts.delete(desk.chat);
}

export const draftCount = () => { stowDraft(); return drafts.size; };

export function startComposer() {
  laid.clear();
  if ($("reply")) $("reply").value = drafts.get(desk.chat) ?? $("reply").defaultValue;
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
  const other = modes[mode()];
  const may = other ? other.may(card) : card.state === "open" && (isMine(card) || desk.supervises);
  $("composer-note").textContent = other ? other.hint : card.state === "waiting" ? words.acceptFirst
    : isMine(card) ? "" : words.notMine.replace("%n", () => card.operator?.name ?? "");
  $("reply").readOnly = !may;
  $("composer").querySelector("[type=submit]").disabled = !may;
  $("attach-button").disabled = !may || Boolean(other);
  $("reply").placeholder = other ? other.placeholder : $("reply").dataset.placeholder ??= $("reply").placeholder;
}

export function focusReply() {
  if (!$("reply") || $("composer").hidden) return false;
  $("reply").focus();
  return true;
}

function send() {
  const text = $("reply").value.trim();
  const other = modes[mode()];
  if (other) {
    if (text && !$("reply").readOnly) other.send(text);
    return;
  }
  const files = hasFiles(desk.chat);
  if ((!text && !files) || $("reply").readOnly) return;
  if (guards.some((guard) => guard(text) === false)) return;
  $("reply").value = "";
  drafts.delete(desk.chat);
  typedAt = 0;
  $("composer").dispatchEvent(new CustomEvent("sent", { bubbles: true }));
  files ? sendFiles(desk.chat, text) : post(uuid7(), desk.chat, text);
}

/* `file` is one that the server holds for this message. */
export function post(id, chat, text, file = null) {
  drawPending(id, { chat, text, file, at: Date.now() });
  desk.wire.post({ t: "msg", chat, id, text, ...(file && { file: file.id }) });
}

export function sendAgain(id) {
  const text = pendingText(id);
  if (text === undefined) return;
  again(id);
  desk.wire.retry();
  const frame = pendingFrame(id);
  if (frame) return desk.wire.post(frame);
  const file = pendingFile(id);
  desk.wire.post({ t: "msg", chat: desk.chat, id, text, ...(file && { file: file.id }) });
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
  if (event.target.id !== "reply" || mode()) return; // a note is nothing that the visitor hears of
  const on = event.target.value !== "";
  if (on && Date.now() - typedAt < TYPING_GAP) return;
  typedAt = on ? Date.now() : 0;
  desk.wire.say({ t: "typing", chat: desk.chat, on });
});
