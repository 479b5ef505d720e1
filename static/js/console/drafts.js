/* Drafts on the server, and a question before a reply would cross a line that came while it was written. */

import { uuid7 } from "livechat/core/wire.js";
import { $, deeds, desk, hear, isMine, shows } from "livechat/console/desk.js";
import { guards, mode } from "livechat/console/composer.js";

const EVERY = 3_000; // at most one save in so many ms
const SEEN = 3_000; // who goes on writing so long after a line came has seen it
const AGAIN = 400; // a second Enter sooner than this is the first one bouncing

// ---- drafts -------------------------------------------------------------------------------------------------------------

const unsaved = new Map(); // chat -> text that the server does not have
let sent = null; // the frame that waits for its answer
const kept = new Set(); // chats of which the server has, or may have, a draft
let later = 0;

const mayWrite = (chat) => { const card = desk.cards.get(chat); return card?.state === "open" && (isMine(card) || desk.supervises); };

function note() {
  if (!desk.chat || mode() || !mayWrite(desk.chat)) return;
  unsaved.set(desk.chat, $("reply").value);
  later ||= setTimeout(save, EVERY); // a short reply is sent sooner, and costs nothing
}

/* One after the other; what is not answered is said again when the socket is back. */
function save() {
  clearTimeout(later);
  later = 0;
  const [chat, text] = unsaved.entries().next().value ?? [];
  if (chat === undefined || sent) return;
  const frame = { t: "draft", chat, text, id: uuid7() };
  if (!desk.wire?.say(frame)) return;
  sent = frame;
  text ? kept.add(chat) : kept.delete(chat);
}

hear("draft", (frame) => {
  if (frame.id !== sent?.id) return;
  if (unsaved.get(sent.chat) === sent.text) unsaved.delete(sent.chat);
  sent = null;
  if (unsaved.size) later ||= setTimeout(save, EVERY);
});
hear("err", (frame) => { // the chat went to somebody else or ended: there is nothing to keep
  if (sent && frame.id === sent.id) { unsaved.delete(sent.chat); sent = null; }
});
hear("ready", () => { sent = null; save(); });

document.addEventListener("input", (event) => { if (event.target.id === "reply") { note(); wrote(); } });
document.addEventListener("focusout", (event) => { if (event.target.id === "reply") save(); });
addEventListener("pagehide", save);
addEventListener("beforeunload", (event) => {
  save();
  if ([...unsaved.values()].some((text) => text.trim())) event.preventDefault(); // the server does not have it yet
});

// ---- a send that would cross ----------------------------------------------------------------------------------------------

let base = -1; // the newest line of somebody else when the writing began, or that was seen since; -1: nothing is written
let noticed = 0; // a newer one, at the first key after it came
let noticedAt = 0;
let askedAt = 0;

/* The number of the newest line that somebody else wrote, as it stands on the screen, however it came there. */
function newestOther() {
  const others = [...document.querySelectorAll("#thread .msg[data-seq]")].filter((node) => node.dataset.by !== `operator ${desk.me.id}`);
  return Number(others.at(-1)?.dataset.seq ?? 0);
}

function wrote() {
  if (mode()) return;
  const newest = newestOther();
  if (!$("reply").value.trim()) { base = -1; hide(); }
  else if (base < 0) base = newest;
  else if (newest > base && noticed !== newest) [noticed, noticedAt] = [newest, Date.now()];
  else if (newest > base && !document.hidden && Date.now() - noticedAt > SEEN) { base = newest; hide(); }
}

function hide() {
  askedAt = 0;
  if ($("crossing")) $("crossing").hidden = true;
}

guards.push(() => {
  if (base < 0 || newestOther() <= base || (askedAt && Date.now() - askedAt > AGAIN)) return true;
  askedAt ||= Date.now();
  $("crossing").hidden = false;
  return false;
});

document.addEventListener("sent", (event) => {
  if (event.target.id !== "composer") return;
  base = -1;
  hide();
  kept.has(desk.chat) ? unsaved.set(desk.chat, "") : unsaved.delete(desk.chat); // the draft is no draft any more
  save();
});

deeds["send-anyway"] = () => { askedAt = 1; $("composer").requestSubmit(); };
deeds["keep-writing"] = () => { base = newestOther(); hide(); $("reply").focus(); };

shows.push(() => {
  if ($("reply")?.defaultValue) kept.add(desk.chat);
  base = $("reply")?.value.trim() ? newestOther() : -1;
  hide();
  save();
});
