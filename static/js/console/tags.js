/* Tags of the chat on the screen: chips with a remove button, and a field that finds or makes a tag (L). */

import { $, clone, deeds, desk, hear, offer, say } from "livechat/console/desk.js";
import { onKey } from "livechat/console/keys.js";
import { drawLists } from "livechat/console/lists.js";

const words = $("tool-words").dataset;
const dialog = $("tagger");
const field = $("tagger-q");
const list = $("tagger-list");
let all = []; // the account's tags, asked for when the field opens

const own = () => [...document.querySelectorAll("#tag-list [data-tag]")].map((chip) => chip.dataset.tag);
const same = (one, other) => one.toLowerCase() === other.toLowerCase();
const options = () => [...list.children];

function drawChips(names) {
  if (!$("tag-list")) return;
  $("tag-list").replaceChildren(...names.map((name) => {
    const chip = clone("t-tag").firstElementChild;
    chip.dataset.tag = name;
    chip.querySelector("span").textContent = name;
    chip.querySelector("button").setAttribute("aria-label", words.untag.replace("%n", () => name));
    return chip;
  }));
}

function drawOptions() {
  const wanted = field.value.trim();
  const on = own();
  const found = all.filter((name) => name.toLowerCase().includes(wanted.toLowerCase())).slice(0, 30);
  const rows = found.map((name) => row(name, name, on.some((one) => same(one, name)) ? words.on : ""));
  if (wanted && !all.some((name) => same(name, wanted))) rows.push(row(wanted, words.make.replace("%n", () => wanted), ""));
  list.replaceChildren(...rows);
  rows.forEach((option, at) => { option.id = `tagger-${at}`; });
  choose(rows[0]);
  $("tagger-none").hidden = rows.length > 0;
  field.setAttribute("aria-expanded", String(rows.length > 0));
}

function row(name, label, note) {
  const option = document.createElement("div");
  option.setAttribute("role", "option");
  option.dataset.name = name;
  option.append(label);
  if (note) option.append(Object.assign(document.createElement("span"), { className: "keys t2 muted", textContent: note }));
  return option;
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function put(option) {
  if (!option) return;
  const name = option.dataset.name;
  desk.wire.say({ t: "tag", chat: desk.chat, name, on: !own().some((one) => same(one, name)) });
  dialog.close();
}

function open() {
  if (!desk.chat || !$("tags")) return false;
  field.value = "";
  desk.wire.say({ t: "taglist" });
  dialog.showModal();
  drawOptions();
  field.focus();
  return true;
}

deeds.tag = offer(open, { label: words.tag, key: "L", when: () => Boolean(desk.chat) });
deeds.untag = (button) => {
  const chip = button.closest("[data-tag]");
  const next = chip.nextElementSibling?.querySelector("button") ?? document.querySelector("#tags [data-do=tag]");
  desk.wire.say({ t: "tag", chat: desk.chat, name: chip.dataset.tag, on: false });
  next.focus();
};
onKey("l", open);

hear("taglist", (frame) => { all = frame.tags; if (dialog.open) drawOptions(); });
hear("tags", (frame) => {
  const card = desk.cards.get(frame.chat);
  if (card) { card.tags = frame.tags; drawLists(); }
  if (frame.chat !== desk.chat) return;
  const before = own();
  const focused = document.activeElement?.closest?.("[data-tag]")?.dataset.tag;
  drawChips(frame.tags);
  if (focused) document.querySelector(`#tag-list [data-tag="${CSS.escape(focused)}"] button`)?.focus();
  const added = frame.tags.find((name) => !before.includes(name));
  const gone = before.find((name) => !frame.tags.includes(name));
  if (added) say("chat-status", words.tagged.replace("%n", () => added));
  else if (gone) say("chat-status", words.untagged.replace("%n", () => gone));
});

field.addEventListener("input", drawOptions);
field.addEventListener("keydown", (event) => {
  const found = options();
  const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
    event.preventDefault();
    choose(found.at((at + (event.key === "ArrowDown" ? 1 : -1)) % found.length));
  } else if (event.key === "Enter") {
    event.preventDefault();
    put(found[at]);
  }
});
list.addEventListener("click", (event) => put(event.target.closest("[role=option]")));
