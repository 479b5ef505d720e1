/* Saved replies: # in the composer opens a list; arrows choose, Enter or Tab puts the text in, Esc closes. The server fills in
   the placeholders for the chat on the screen. */

import { $, clone, deeds, desk, hear, offer, say, shows } from "livechat/console/desk.js";
import { onKey } from "livechat/console/keys.js";

const words = $("tool-words").dataset;
const TOKEN = /(?:^|\s)(#[^\s#]{0,40})$/;
let rows = [];
let closedAt = -1; // the place of a # whose list was closed with Esc
let isPutting = false;

const field = () => $("reply");
const list = () => $("canned");
const isOpen = () => Boolean(list()) && !list().hidden;
const options = () => [...list().children];
const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

/* The # before the caret with what was typed behind it. */
function token() {
  const found = TOKEN.exec(field().value.slice(0, field().selectionStart));
  return found ? { from: field().selectionStart - found[1].length, text: found[1].slice(1) } : null;
}

function close() {
  if (!list()) return;
  list().hidden = true;
  field().removeAttribute("aria-activedescendant");
}

function look() {
  if (isPutting || field().readOnly) return;
  const now = token();
  if (!now || now.from === closedAt) { if (!now) closedAt = -1; return close(); }
  desk.wire.say({ t: "replies", chat: desk.chat, q: now.text });
}

function draw(frame) {
  const now = field() && document.activeElement === field() ? token() : null;
  if (!now || now.text !== frame.q || now.from === closedAt) return;
  rows = frame.rows;
  list().replaceChildren(...rows.map((row, at) => {
    const option = clone("t-canned").firstElementChild;
    option.id = `canned-${at}`;
    option.querySelector("b").textContent = `#${row.shortcut}${row.group ? ` (${row.group})` : ""}`;
    option.querySelector(".sub").textContent = row.text;
    return option;
  }));
  const nothing = now.text ? words.cannedNone : words.cannedEmpty;
  if (!rows.length && !now.text) { // nothing is saved at all: the list says where that is done
    const hint = clone("t-canned").firstElementChild;
    hint.setAttribute("aria-disabled", "true");
    hint.textContent = nothing;
    list().append(hint);
  }
  list().hidden = list().children.length === 0;
  choose(rows.length ? options()[0] : null);
  say("chat-status", rows.length > 1 ? words.cannedMany.replace("%n", rows.length) : rows.length ? words.cannedOne : nothing);
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return field().removeAttribute("aria-activedescendant");
  option.scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-activedescendant", option.id);
}

function put(row) {
  const now = token();
  close();
  if (!row || !now) return;
  isPutting = true;
  field().setRangeText(row.text, now.from, field().selectionStart, "end");
  field().dispatchEvent(new Event("input", { bubbles: true })); // drafts and "is typing" hear of it
  isPutting = false;
  field().focus();
  desk.wire.say({ t: "used", reply: row.id });
}

/* The button, the key and the palette: a # at the caret, as if it were typed. */
function start() {
  if (!field() || field().readOnly || $("composer").hidden) return false;
  field().focus();
  closedAt = -1;
  if (!token()) {
    const before = field().value.slice(0, field().selectionStart);
    field().setRangeText(before && !/\s$/.test(before) ? " #" : "#", field().selectionStart, field().selectionEnd, "end");
  }
  look();
  return true;
}

/* The palette found a saved reply: its shortcut is typed, and the list shows it. */
deeds.saved = (shortcut) => {
  if (!start()) return false;
  const now = token();
  field().setRangeText(`#${shortcut}`, now.from, field().selectionStart, "end");
  look();
  return true;
};
deeds.canned = offer(start, { label: words.canned, key: "#", when: () => Boolean(desk.chat) && !field()?.readOnly });
onKey("#", start);
hear("replies", draw);
shows.push(() => { closedAt = -1; close(); });

document.addEventListener("input", (event) => { if (event.target === field()) look(); });
document.addEventListener("focusout", (event) => { if (event.target === field()) close(); });
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.("#canned, [data-do=canned]")) event.preventDefault(); // the field keeps the focus
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#canned [role=option]");
  if (option) put(rows[options().indexOf(option)]);
});
// before the composer, which sends with Enter and leaves with Esc
document.addEventListener("keydown", (event) => {
  if (event.target !== field() || !isOpen() || !rows.length || event.isComposing) return;
  const found = options();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    choose(found.at((chosen() + (event.key === "ArrowDown" ? 1 : -1)) % found.length));
  } else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) put(rows[chosen()]);
  else if (event.key === "Escape") { closedAt = token()?.from ?? -1; close(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
