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
let savedAt = 0;
let later = 0;

const mayWrite = (chat) => { const card = desk.cards.get(chat); return card?.state === "open" && (isMine(card) || desk.supervises); };

function note() {
  if (!desk.chat || mode() || !mayWrite(desk.chat)) return;
  unsaved.set(desk.chat, $("reply").value);
  const wait = savedAt + EVERY - Date.now();
  clearTimeout(later);
  wait > 0 ? later = setTimeout(save, wait) : save();
}

/* One after the other; what is not answered is said again when the socket is back. */
function save() {
  clearTimeout(later);
  const [chat, text] = unsaved.entries().next().value ?? [];
  if (chat === undefined || sent) return;
  const frame = { t: "draft", chat, text, id: uuid7() };
  if (!desk.wire?.say(frame)) return;
  sent = frame;
  savedAt = Date.now();
}

hear("draft", (frame) => {
  if (frame.id !== sent?.id) return;
  if (unsaved.get(sent.chat) === sent.text) unsaved.delete(sent.chat);
  sent = null;
  if (unsaved.size) later = setTimeout(save, EVERY);
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

let begun = false; // something stands in the field
let crossed = 0; // when a line of somebody else came while it was written; 0: none
let askedAt = 0;

const isOther = (line) => line.by === "visitor" || (line.by === "operator" && line.op !== desk.me.id);

function wrote() {
  const text = $("reply").value.trim();
  if (!text || !begun) { crossed = 0; hide(); }
  begun = text !== "";
  if (crossed && !document.hidden && Date.now() - crossed > SEEN) { crossed = 0; hide(); }
}

function hide() {
  askedAt = 0;
  if ($("crossing")) $("crossing").hidden = true;
}

hear("msg", ({ chat, line }) => {
  if (chat === desk.chat && isOther(line) && !mode() && $("reply")?.value.trim()) crossed ||= Date.now();
});

guards.push(() => {
  const isSure = askedAt && Date.now() - askedAt > AGAIN;
  if (!crossed || isSure) return true;
  if (!askedAt) {
    askedAt = Date.now();
    $("crossing").hidden = false;
  }
  return false;
});

document.addEventListener("sent", (event) => {
  if (event.target.id !== "composer") return;
  begun = false;
  crossed = 0;
  hide();
  unsaved.set(desk.chat, ""); // the draft is no draft any more
  save();
});

deeds["send-anyway"] = () => { askedAt = 1; $("composer").requestSubmit(); };
deeds["keep-writing"] = () => { crossed = 0; hide(); $("reply").focus(); };

shows.push(() => {
  begun = Boolean($("reply")?.value.trim());
  crossed = 0;
  hide();
  save();
});
