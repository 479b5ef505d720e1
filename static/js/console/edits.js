/* Own lines: edit and remove, and what a line said before. With a mouse at the line; with keys: arrow up in an empty field goes to
   the last own line, arrows move, Enter edits, Delete removes, Esc goes back. */

import { uuid7 } from "livechat/core/wire.js";
import { toast } from "livechat/core/toast.js";
import { $, clock, desk, hear, sents, shows, unsents } from "livechat/console/desk.js";
import { linkInto } from "livechat/core/links.js";
import { mode, modes, setMode } from "livechat/console/composer.js";

const words = $("together-words").dataset;
const tools = $("line-tools");
let line = null; // the one that the tools stand at
let editing = 0; // its number
let removing = 0;

const isOwn = (node) => node.dataset.by === `operator ${desk.me.id}`;
const canChange = (node) => Boolean(node.dataset.seq) && isOwn(node) && desk.cards.has(desk.chat) && node.dataset.changed !== "removed";
const hasHistory = (node) => Boolean(node.dataset.changed);
const ownLines = () => [...document.querySelectorAll("#thread .msg[data-seq]")].filter((node) => canChange(node) || (isOwn(node) && hasHistory(node)));

// ---- the tools -----------------------------------------------------------------------------------------------------------

function showTools(node) {
  if (!node.dataset.seq || node.classList.contains("msg-note") || (!canChange(node) && !hasHistory(node))) return hideTools();
  line = node;
  for (const button of tools.querySelectorAll("button")) {
    button.hidden = button.dataset.line === "history" ? !hasHistory(node) : !canChange(node);
  }
  tools.hidden = false;
  const [box, size] = [node.querySelector(".bubble").getBoundingClientRect(), tools.getBoundingClientRect()];
  const top = Math.max(8, box.top - size.height + 4);
  const left = Math.min(innerWidth - size.width - 8, Math.max(8, box.right - size.width));
  tools.style.top = `${top}px`;
  tools.style.left = `${left}px`;
}

function hideTools() { line = null; tools.hidden = true; }

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const node = event.target.closest?.("#thread .msg");
  if (node) showTools(node);
  else if (!event.target.closest?.("#line-tools") && !tools.contains(document.activeElement) && !document.activeElement.closest(".bubble")) hideTools();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#line-tools button");
  if (button) return run(button.dataset.line);
  const bubble = event.target.closest?.("#thread .bubble");
  if (bubble && !event.target.closest("a") && !String(getSelection())) showTools(bubble.parentElement);
});
document.addEventListener("scroll", (event) => { if (event.target.classList?.contains("thread-scroll")) hideTools(); }, true);
document.addEventListener("changed", (event) => { if (event.target === line) hideTools(); });
shows.push(() => { hideTools(); editing = 0; });

function run(name) {
  const node = line;
  hideTools();
  if (name === "edit") edit(node);
  else if (name === "remove") askRemove(node);
  else desk.wire.say({ t: "history", chat: desk.chat, seq: Number(node.dataset.seq) });
}

// ---- edit, remove ----------------------------------------------------------------------------------------------------------

modes.edit = {
  send(text) {
    const seq = editing;
    finish();
    desk.wire.post({ t: "edit", chat: desk.chat, id: uuid7(), seq, text });
  },
  may: () => true,
  hint: words.editHint,
  placeholder: "",
};

function edit(node) {
  setMode("");
  editing = Number(node.dataset.seq);
  setMode("edit", node.querySelector(".bubble").textContent);
  $("reply").focus();
}

function finish() {
  editing = 0;
  setMode("");
}

function askRemove(node) {
  removing = Number(node.dataset.seq);
  $("ask-remove").showModal();
}

$("remove-now").addEventListener("click", () => {
  $("ask-remove").close();
  desk.wire.post({ t: "remove", chat: desk.chat, id: uuid7(), seq: removing });
  $("reply")?.focus();
});

sents.edit = sents.remove = () => {};
unsents.edit = (id, frame, error) => {
  toast(error.message, { danger: true });
  if (frame.chat !== desk.chat || mode()) return;
  editing = frame.seq;
  setMode("edit", frame.text); // nothing that was written is lost
};
unsents.remove = (id, frame, error) => toast(error.message, { danger: true });

/* The list on the left follows when the newest line was changed. */
hear("msg", ({ chat, line: change }) => {
  const card = desk.cards.get(chat);
  if (card && change.newest) card.last = { ...card.last, text: change.event === "removed" ? words.removedLine : change.text.slice(0, 200) };
});

// ---- history ----------------------------------------------------------------------------------------------------------------

hear("history", ({ chat, versions }) => {
  if (chat !== desk.chat) return;
  $("history-list").replaceChildren(...versions.map(({ text, at }) => {
    const row = document.createElement("li");
    const [when, said] = [document.createElement("p"), document.createElement("p")];
    when.className = "t1 faint";
    when.textContent = words.until.replace("%t", clock(at));
    said.className = "said";
    linkInto(said, text);
    row.append(when, said);
    return row;
  }));
  $("history").showModal();
});

// ---- with keys ---------------------------------------------------------------------------------------------------------------

function goTo(node) {
  const bubble = node.querySelector(".bubble");
  bubble.tabIndex = -1;
  bubble.focus();
  bubble.scrollIntoView({ block: "nearest" });
  showTools(node);
}

const back = () => { hideTools(); $("reply").focus(); };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.id === "reply") return atField(event);
  const bubble = event.target.closest?.("#thread .bubble");
  if (bubble) return atLine(event, bubble.parentElement);
  if (tools.contains(event.target)) atTools(event);
}, true);

function atField(event) {
  if (event.key === "Escape" && mode() === "edit" && $("canned").hidden) finish();
  else if (event.key === "ArrowUp" && !mode() && event.target.value === "" && ownLines().length) goTo(ownLines().at(-1));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function atLine(event, node) {
  const [all, at] = [ownLines(), ownLines().indexOf(node)];
  if (event.key === "ArrowUp") goTo(all[Math.max(0, at - 1)] ?? node);
  else if (event.key === "ArrowDown") at + 1 < all.length ? goTo(all[at + 1]) : back();
  else if (event.key === "ArrowRight") tools.querySelector("button:not([hidden])")?.focus();
  else if (event.key === "Enter" && canChange(node)) { hideTools(); edit(node); }
  else if (event.key === "Delete" && canChange(node)) { hideTools(); askRemove(node); }
  else if (event.key === "Escape") back();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function atTools(event) {
  const all = [...tools.querySelectorAll("button:not([hidden])")];
  const at = all.indexOf(document.activeElement);
  if (event.key === "ArrowRight") all[(at + 1) % all.length].focus();
  else if (event.key === "ArrowLeft") at > 0 ? all[at - 1].focus() : goTo(line);
  else if (event.key === "Escape") back();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
