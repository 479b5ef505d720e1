/* Search or jump to: a combobox over the commands of the page and of its features, the places, the chats at hand, and what the
   server finds: visitors, chats of the archive, saved replies. */

const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const group = document.getElementById("palette-chats");
const found = document.getElementById("palette-found");
const none = document.getElementById("palette-none");
const WAIT = 200; // ms after the last letter
const SHORTEST = 2; // letters
let deeds = {};
let listChats = () => [];
let later;
let asked = "";

/* `runs` is {name: deed}, a deed with `label` stands in the list (offer in desk.js); `chats()` answers [{id, name, line, run}]. */
export function setUpPalette(runs, chats) {
  deeds = runs;
  listChats = chats;
}

const options = () => [...palette.querySelectorAll("[role=option]")].filter((option) => !option.hidden && !option.closest("[hidden]"));
const clone = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

function drawChats() {
  for (const old of group.querySelectorAll("[role=option]")) old.remove();
  for (const chat of listChats()) {
    const option = document.createElement("div");
    option.id = `pal-chat-${chat.id}`;
    option.setAttribute("role", "option");
    option.textContent = `${chat.name}: ${chat.line}`;
    option.run = chat.run;
    group.append(option);
  }
}

/* What features of this page offer, in front of the sheet of keys. */
function drawOffers() {
  for (const old of palette.querySelectorAll("[data-offer]")) old.remove();
  const before = document.getElementById("pal-keys");
  for (const [name, deed] of Object.entries(deeds)) {
    if (!deed.label || !deed.when()) continue;
    const option = clone("t-command");
    option.id = `pal-do-${name}`;
    option.dataset.offer = name;
    option.run = () => deed();
    option.querySelector("span").textContent = deed.label;
    option.querySelector(".keys").append(...deed.keyName.split(" ").filter(Boolean).map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
    before.before(option);
  }
}

function fits(option) {
  if (option.closest("#palette-found")) return true; // the server chose it
  if (option.dataset.run && !deeds[option.dataset.run]) return false;
  return option.textContent.toLowerCase().includes(field.value.trim().toLowerCase());
}

function draw() {
  for (const option of palette.querySelectorAll("[role=option]")) option.hidden = !fits(option);
  for (const part of palette.querySelectorAll("[role=group]")) {
    part.hidden = ![...part.querySelectorAll("[role=option]")].some((option) => !option.hidden);
  }
  choose(options()[0]);
  none.hidden = options().length > 0;
  field.setAttribute("aria-expanded", String(options().length > 0));
}

async function find() {
  const text = (asked = field.value.trim());
  if (text.length < SHORTEST) { found.replaceChildren(); return draw(); }
  const answer = await fetch(`${palette.dataset.find}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || text !== asked || !palette.open) return;
  const { groups } = await answer.json();
  if (text !== asked) return;
  const before = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  found.replaceChildren(...groups.map(drawGroup));
  draw();
  if (before > 0) choose(options()[before]);
}

function drawGroup({ key, title, rows }) {
  const part = document.createElement("div");
  part.setAttribute("role", "group");
  part.setAttribute("aria-labelledby", `pg-${key}`);
  const head = Object.assign(document.createElement("span"), { className: "palette-h", id: `pg-${key}`, textContent: title });
  head.setAttribute("role", "presentation");
  part.append(head, ...rows.map((row, at) => {
    const option = clone("t-found");
    option.id = `pal-${key}-${at}`;
    option.dataset.href = row.href;
    if (row.shortcut) option.run = () => deeds.saved?.(row.shortcut) || location.assign(row.href);
    const [label, note] = option.querySelectorAll("span");
    label.textContent = row.label;
    note.textContent = row.note;
    return option;
  }));
  return part;
}

function choose(option) {
  for (const other of palette.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function run(option) {
  palette.close();
  if (!option) return;
  if (option.run) option.run();
  else if (option.dataset.href) location.assign(option.dataset.href);
  else deeds[option.dataset.run]?.();
}

function start() {
  field.value = asked = "";
  found.replaceChildren();
  drawChats();
  drawOffers();
  draw();
  field.focus();
}

if (palette) {
  field.addEventListener("input", () => {
    found.replaceChildren();
    draw();
    clearTimeout(later);
    later = setTimeout(find, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    const shown = options();
    const at = shown.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length) {
      event.preventDefault();
      choose(shown.at((at + (event.key === "ArrowDown" ? 1 : -1)) % shown.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(shown[at]);
    }
  });
  palette.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(option);
  });
  new MutationObserver(() => { if (palette.open) start(); else clearTimeout(later); }).observe(palette, { attributeFilter: ["open"] });
}
