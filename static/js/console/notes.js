/* Notes between operators: the composer's other side, colleagues named with @, and what is heard of them. */

import { uuid7 } from "livechat/core/wire.js";
import { toast } from "livechat/core/toast.js";
import { $, chatUrl, clone, deeds, desk, heads, hear, isMine, offer, say, sents, shows } from "livechat/console/desk.js";
import { onKey } from "livechat/console/keys.js";
import { mode, modes, setMode } from "livechat/console/composer.js";
import { drawLists } from "livechat/console/lists.js";
import { beep, notice } from "livechat/console/sound.js";
import { drawNote, drawPending } from "livechat/console/thread.js";

const words = $("together-words").dataset;
const TOKEN = /(?:^|\s)@([^\s@]{0,30}(?: [^\s@]{1,30}){0,2})$/u;
const SHOWN = 8;
const named = new Map(); // name as it stands in the text -> id, of those chosen here
let closedAt = -1; // the place of an @ whose list was closed with Esc

// ---- writing ----------------------------------------------------------------------------------------------------------

function send(kind) {
  return (text) => {
    const mentions = [...named].filter(([name]) => text.includes(`@${name}`)).map(([, id]) => id);
    const frame = { t: "note", chat: desk.chat, id: uuid7(), kind, text, mentions };
    $("reply").value = "";
    named.clear();
    drawPending(frame.id, { chat: desk.chat, text, frame, at: Date.now() });
    desk.wire.post(frame);
  };
}

modes.note = { send: send("note"), may: () => true, hint: words.noteHint, placeholder: words.notePlaceholder };
modes.whisper = { send: send("whisper"), may: () => true, hint: words.whisperHint, placeholder: words.whisperPlaceholder };
sents.note = (id, frame) => {
  if (frame.chat === desk.chat) drawNote({ ...frame, by: desk.me, at: new Date().toISOString(), after: Infinity });
};

function begin(name) {
  if (!$("composer") || $("composer").hidden) return false;
  setMode(name);
  $("reply").focus();
  return true;
}

deeds.mode = (button) => begin(button.dataset.modeOf);
deeds.note = offer(() => begin("note"), { label: words.note, key: "M", when: () => Boolean(desk.chat) && !$("composer")?.hidden });
onKey("m", () => begin("note"));

/* Whispering is for who supervises a colleague's chat; who looks at one that cannot be answered begins with a note. */
heads.push((card) => {
  const button = document.querySelector("#composer [data-mode-of=whisper]");
  if (!button) return;
  button.hidden = !(card?.state === "open" && !isMine(card) && desk.supervises);
  if (button.hidden && mode() === "whisper") setMode("note");
});

// ---- @ ------------------------------------------------------------------------------------------------------------------

const field = () => $("reply");
const list = () => $("mention-list");
const isOpen = () => Boolean(list()) && !list().hidden;
const options = () => [...list().children];
const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

function token() {
  const found = TOKEN.exec(field().value.slice(0, field().selectionStart));
  return found ? { from: field().selectionStart - found[1].length, text: found[1].toLowerCase() } : null;
}

function close() {
  if (!list() || list().hidden) return;
  list().hidden = true;
  field().removeAttribute("aria-activedescendant");
  field().setAttribute("aria-controls", "canned");
}

function draw() {
  const now = mode() === "note" || mode() === "whisper" ? token() : null;
  if (!now || now.from === closedAt) { if (!now) closedAt = -1; return close(); }
  const found = desk.operators.filter((one) => one.id !== desk.me.id
    && (one.name.toLowerCase().startsWith(now.text) || one.name.toLowerCase().includes(` ${now.text}`))).slice(0, SHOWN);
  if (!found.length) return close();
  list().replaceChildren(...found.map((one) => {
    const option = clone("t-mention").firstElementChild;
    option.id = `mention-${one.id}`;
    option.dataset.id = one.id;
    option.textContent = one.name;
    return option;
  }));
  list().hidden = false;
  field().setAttribute("aria-controls", "mention-list");
  choose(options()[0]);
  say("chat-status", words.mentionMany.replace("%n", found.length));
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option.scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-activedescendant", option.id);
}

function put(option) {
  const now = token();
  close();
  if (!option || !now) return;
  named.set(option.textContent, Number(option.dataset.id));
  field().setRangeText(`${option.textContent} `, now.from, field().selectionStart, "end");
  field().focus();
}

document.addEventListener("input", (event) => { if (event.target === field()) draw(); });
document.addEventListener("focusout", (event) => { if (event.target === field()) close(); });
document.addEventListener("pointerdown", (event) => { if (event.target.closest?.("#mention-list")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#mention-list [role=option]");
  if (option) put(option);
});
// before the composer, which sends with Enter and leaves with Esc
document.addEventListener("keydown", (event) => {
  if (event.target !== field() || !isOpen() || event.isComposing) return;
  const found = options();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    choose(found.at((chosen() + (event.key === "ArrowDown" ? 1 : -1)) % found.length));
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) put(found[chosen()]);
  else if (event.key === "Escape") { closedAt = token()?.from ?? -1; close(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// ---- hearing --------------------------------------------------------------------------------------------------------------

function heard({ chat, name, note, late }) {
  if (chat === desk.chat && !late) drawNote(note);
  const isForMe = note.mentions.includes(desk.me.id) && note.by?.id !== desk.me.id;
  const isWhisper = note.kind === "whisper" && desk.cards.has(chat) && isMine(desk.cards.get(chat)) && note.by?.id !== desk.me.id;
  if (!isForMe && !isWhisper) return;
  const isSeen = chat === desk.chat && !document.hidden;
  const sentence = words[isForMe ? "named" : "whispered"].replace("%n", () => note.by?.name ?? "").replace("%v", () => name);
  if (isSeen) return say("chat-status", sentence);
  desk.named.add(chat);
  drawLists();
  beep(true);
  notice(sentence, chatUrl(chat));
  toast(`${sentence}: ${note.text.slice(0, 160)}`, { action: { label: words.open, run: () => desk.open(chat) } });
}

function ask() {
  named.clear();
  closedAt = -1;
  if (!desk.chat) return;
  desk.wire?.say({ t: "notes", chat: desk.chat });
  if (desk.named.delete(desk.chat)) drawLists();
}

hear("note", heard);
hear("notes", ({ chat, notes }) => { if (chat === desk.chat) notes.forEach(drawNote); });
hear("ready", () => {
  ask();
  desk.wire.say({ t: "mentions" }); // what colleagues wrote while nobody was here
  for (const { frame } of desk.wire.outbox.values()) {
    if (frame.t === "note" && !document.querySelector(`[data-id="${frame.id}"]`)) {
      drawPending(frame.id, { chat: frame.chat, text: frame.text, frame, at: Date.now() });
    }
  }
});
shows.push(ask);
document.addEventListener("visibilitychange", () => { if (!document.hidden && desk.named.delete(desk.chat)) drawLists(); });
