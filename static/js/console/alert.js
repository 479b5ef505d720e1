/* The alarm that cannot be missed: a banner and a sound that repeat until somebody takes the chat, on every console.
   It rings for who accepts chats, has room, and may take one that waits; and for a chat that was given to this operator
   until it is opened. Muting silences what rings now; whoever comes next rings anew. */

import { $, chatUrl, clone, deeds, desk, hear, heads, isMine, mayAccept, myCards, offer, say, shows, span, waitingCards } from "livechat/console/desk.js";
import { beep, notice } from "livechat/console/sound.js";

const words = $("queue-words").dataset;
const banner = $("alarm") ?? clone("t-alarm").firstElementChild; // drawn by the server where somebody waits
const given = new Map(); // chat -> why it was given, until it is on the screen
const muted = new Set(); // what was silenced

const takeable = () => (desk.me.status === "accepting" && myCards().length < desk.me.limit ? waitingCards().filter(mayAccept) : []);
const newlyGiven = () => [...given.keys()].map((id) => desk.cards.get(id)).filter((card) => card?.state === "open" && isMine(card));

/* What rings: first what was given to me, then who waits. */
const ringing = () => [...newlyGiven(), ...takeable()].filter((card) => !muted.has(card.id));

function sentence(mine, waiting) {
  if (mine.length) return words[given.get(mine[0].id) === "passed_on" ? "passedOn" : "given"].replace("%n", () => mine[0].name);
  const text = waiting.length > 1 ? words.waitingMany.replace("%n", waiting.length) : words.waitingOne.replace("%n", () => waiting[0].name);
  return text.replace("%t", span(waiting[0].started));
}

/* Where it is seen: in the list, or on a phone in the conversation that fills the screen. */
function draw() {
  const [mine, waiting] = [newlyGiven(), takeable()];
  for (const id of muted) if (desk.cards.get(id)?.state !== "waiting" && !given.has(id)) muted.delete(id);
  const rings = ringing();
  if (!rings.length) { banner.remove(); return false; }
  const text = sentence(mine, waiting);
  const told = banner.querySelector("[data-f=alarm]");
  if (told.textContent !== text) told.textContent = text;
  const sees = $("queue").checkVisibility(); // there "Accept next" stands below
  const deed = banner.querySelector("[data-do=answer-alarm]");
  deed.hidden = sees && !mine.length;
  deed.textContent = mine.length ? words.open : words.accept;
  const place = (sees ? $("queue") : $("chat")).querySelector("header");
  if (place && banner.previousElementSibling !== place) place.after(banner);
  return true;
}

desk.rings = draw;

hear("given", (frame) => {
  if (frame.chat === desk.chat && !document.hidden) return;
  given.set(frame.chat, frame.reason);
  const card = desk.cards.get(frame.chat);
  beep();
  if (card) notice(words[frame.reason === "passed_on" ? "passedOn" : "given"].replace("%n", () => card.name), chatUrl(card.id));
  draw();
});
hear("board", draw);
hear("set", (frame) => { if ("groups" in frame) { desk.me.groups = frame.groups; draw(); } });
shows.push((id) => { given.delete(id); draw(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) { given.delete(desk.chat); draw(); } });

heads.push((card) => {
  const group = $("chat").querySelector("[data-f=group]");
  if (!card || !group) return;
  group.hidden = !card.group;
  group.textContent = card.group?.name ?? "";
  if (card.mail && card.state === "waiting") $("chat").querySelector("[data-f=with]").textContent = words.byMail;
});

deeds["answer-alarm"] = () => {
  const [first] = newlyGiven();
  if (!first) return deeds.next();
  document.querySelector(`#mine [data-chat="${first.id}"] a`)?.click();
};
deeds.mute = offer(() => {
  for (const card of ringing()) muted.add(card.id);
  draw();
  say("queue-status", words.muted);
}, { label: words.mute, when: () => ringing().length > 0 });
