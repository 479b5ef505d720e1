/* What the console knows, and the small words that its modules share. */

export const $ = (id) => document.getElementById(id);
export const words = $("words").dataset;
const boot = JSON.parse($("boot").textContent);
const lang = document.documentElement.lang || "en";

export const desk = {
  me: boot.me,
  urls: boot.urls,
  supervises: boot.supervises,
  cards: new Map(boot.cards.map((card) => [card.id, card])),
  chat: $("chat").dataset.chat ?? null, // the one on the screen
  typing: new Map(), // chat -> {on, text}
  closed: new Map(), // chat -> when this page closed it: it can be opened again for a minute
  named: new Set(), // chats with a note that names us and that was not looked at yet
  operators: [], // colleagues, {id, name, status}
  open: null, // function(chat): puts it onto the screen
  wire: null,
};

const LATE_SECONDS = 120;

/* "48 s", "2 min 40 s", "1 h 5 min" */
export function span(from, until = Date.now() + (desk.wire?.offset ?? 0)) {
  const seconds = Math.max(0, Math.floor((until - Date.parse(from)) / 1000));
  if (seconds < 60) return words.s.replace("%s", seconds);
  if (seconds < 3600) return words.m.replace("%m", Math.floor(seconds / 60)).replace("%s", seconds % 60);
  return words.h.replace("%h", Math.floor(seconds / 3600)).replace("%m", Math.floor((seconds % 3600) / 60));
}

export const isLate = (from) => Date.now() + (desk.wire?.offset ?? 0) - Date.parse(from) > LATE_SECONDS * 1000;
const clockFormat = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: boot.zone });
export const clock = (iso) => clockFormat.format(new Date(iso));
export const hue = (id) => (parseInt(id.slice(0, 4), 16) % 6) + 1;
export const initials = (name) =>
  name.split(/\s+/).filter((word) => /^\p{L}/u.test(word)).slice(0, 2).map((word) => word[0]).join("").toUpperCase() || "V";
export const clone = (id) => $(id).content.cloneNode(true);
export const chatUrl = (id) => `${desk.urls.chats}${id}/`;

export const isMine = (card) => card.operator?.id === desk.me.id;
const byStart = (a, b) => (a.started < b.started ? -1 : 1);
const all = () => [...desk.cards.values()].sort(byStart);
export const waitingCards = () => all().filter((card) => card.state === "waiting" && !card.mail);
export const mailCards = () => all().filter((card) => card.state === "waiting" && card.mail); // answered by e-mail, whenever
export const mayAccept = (card) => !card.group || !desk.me.groups || desk.me.groups.includes(card.group.id);
export const myCards = () => all().filter((card) => card.state === "open" && isMine(card));
export const otherCards = () => all().filter((card) => card.state === "open" && !isMine(card));

/* Says something once to a screen reader; the same words again are said again. */
export function say(id, text) {
  $(id).textContent = "";
  $(id).textContent = text;
}

/* What a feature adds: frames that it hears, deeds of buttons and the palette, and a word when another conversation is on the screen.
   A deed with a label stands in the palette (Ctrl K): deeds.transfer = offer(start, { label: words.transfer, key: "T", when: () => desk.chat }) */
export const hears = new Map(); // type of frame -> functions
export const deeds = {}; // name in data-do or data-run -> function(button)
export const shows = []; // functions called when a conversation has come onto the screen
export const heads = []; // functions called with its card when who has it may have changed
export const sents = {}; // type of a posted frame -> function(id, frame, answer), where that is not a message
export const unsents = {}; // the same for what was refused: function(id, frame, error)
export const hear = (type, deed) => hears.set(type, [...(hears.get(type) ?? []), deed]);
export const offer = (deed, { label, key = "", when = () => true }) => Object.assign(deed, { label, keyName: key, when });
