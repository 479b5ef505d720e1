/* Search or jump to: a combobox over the commands of the page, the places, and the chats at hand. */

const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const group = document.getElementById("palette-chats");
const none = document.getElementById("palette-none");
let deeds = {};
let listChats = () => [];

/* `runs` is {name: deed}; `chats()` answers [{id, name, line, run}]. */
export function setUpPalette(runs, chats) {
  deeds = runs;
  listChats = chats;
}

const options = () => [...palette.querySelectorAll("[role=option]")].filter((option) => !option.hidden && !option.closest("[hidden]"));

function draw() {
  const wanted = field.value.trim().toLowerCase();
  for (const old of group.querySelectorAll("[role=option]")) old.remove();
  for (const chat of listChats()) {
    const option = document.createElement("div");
    option.id = `pal-chat-${chat.id}`;
    option.setAttribute("role", "option");
    option.textContent = `${chat.name}: ${chat.line}`;
    option.run = chat.run;
    group.append(option);
  }
  for (const option of palette.querySelectorAll("[role=option]")) {
    const mute = option.dataset.run && !deeds[option.dataset.run];
    option.hidden = Boolean(mute) || !option.textContent.toLowerCase().includes(wanted);
  }
  for (const part of palette.querySelectorAll("[role=group]")) {
    part.hidden = ![...part.querySelectorAll("[role=option]")].some((option) => !option.hidden);
  }
  choose(options()[0]);
  none.hidden = options().length > 0;
  field.setAttribute("aria-expanded", String(options().length > 0));
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

if (palette) {
  field.addEventListener("input", draw);
  field.addEventListener("keydown", (event) => {
    const found = options();
    const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(found.at((at + (event.key === "ArrowDown" ? 1 : -1)) % found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[at]);
    }
  });
  palette.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(option);
  });
  new MutationObserver(() => { if (palette.open) { field.value = ""; draw(); field.focus(); } })
    .observe(palette, { attributeFilter: ["open"] });
}
