/* Working together in a conversation: transfer, take over, open again, and who else has it on the screen. */

import { uuid7 } from "livechat/core/wire.js";
import { toast } from "livechat/core/toast.js";
import { $, chatUrl, clone, deeds, desk, heads, hear, isMine, offer, say, shows } from "livechat/console/desk.js";
import { onKey } from "livechat/console/keys.js";
import { beep, notice } from "livechat/console/sound.js";

const words = $("together-words").dataset;
const REOPENABLE = 60_000;
const dialog = $("transfer");
const form = $("transfer-form");
const around = new Map(); // chat -> colleagues who have it on their screen
let asked = null; // the transfer or take-over that waits for its answer

const card = () => desk.cards.get(desk.chat);
const mayMove = (one) => one?.state === "open" && (isMine(one) || desk.supervises);
const mayTake = (one) => one?.state === "open" && !isMine(one) && desk.supervises;

// ---- transfer --------------------------------------------------------------------------------------------------------

function start() {
  if (!mayMove(card()) || !desk.wire.say({ t: "receivers" })) return false;
  asked = null;
  form.reset();
  fail("");
  $("transfer-name").textContent = card().name;
  $("transfer-to").setAttribute("aria-busy", "true");
  if (!dialog.open) dialog.showModal();
  return true;
}

function offerReceivers({ operators, groups }) {
  $("transfer-to").removeAttribute("aria-busy");
  const holder = card()?.operator?.id;
  const rows = operators.filter((one) => one.id !== holder).sort((a, b) => room(b) - room(a)).map(drawOperator);
  for (const group of groups) rows.push(drawGroup(group));
  $("transfer-list").replaceChildren(...rows);
  $("transfer-none").hidden = rows.length > 0;
  form.elements.to?.[0]?.focus?.() ?? form.elements.to?.focus?.();
}

const room = (one) => (one.status === "accepting" ? 1000 + one.limit - one.open : 0);

function drawOperator(one) {
  const text = words.load.replace("%n", one.open).replace("%l", one.limit);
  const fits = one.status === "accepting" && one.open < one.limit;
  const hint = [one.status === "accepting" ? "" : words[one.status], one.groups.join(", ")].filter(Boolean).join(". ");
  return drawChoice(`o${one.id}`, one.name, text, fits, hint);
}

function drawGroup(one) {
  const hint = (one.accepting === 1 ? words.groupOne : words.groupMany).replace("%n", one.accepting);
  return drawChoice(`g${one.id}`, words.anyone.replace("%n", () => one.name), "", false, hint);
}

function drawChoice(value, name, badge, fits, hint) {
  const label = clone("t-receiver").firstElementChild;
  label.querySelector("input").value = value;
  label.querySelector("[data-f=name]").textContent = name;
  const mark = label.querySelector(".badge");
  mark.textContent = badge;
  mark.hidden = !badge;
  mark.classList.toggle("badge-ok", fits);
  label.querySelector(".hint").textContent = hint;
  return label;
}

function fail(sentence, { anyway = false } = {}) {
  $("transfer-error").hidden = !sentence;
  $("transfer-error").textContent = sentence;
  $("transfer-anyway").hidden = !anyway;
}

function transfer(anyway = false) {
  const to = new FormData(form).get("to");
  if (!to) return fail(words.choose);
  const pk = Number(to.slice(1));
  asked = { t: "transfer", chat: desk.chat, id: uuid7(), note: $("transfer-note").value, anyway, ...(to[0] === "o" ? { to: pk } : { group: pk }) };
  fail("");
  if (!desk.wire.say(asked)) fail(words.lost);
}

form.addEventListener("submit", (event) => { event.preventDefault(); transfer(); });
$("transfer-anyway").addEventListener("click", () => transfer(true));
form.addEventListener("change", () => fail(""));

hear("receivers", offerReceivers);
hear("ack", (frame) => {
  if (frame.id !== asked?.id) return;
  asked = null;
  dialog.close();
  toast(words.moved);
});
hear("err", (frame) => {
  if (!asked || frame.id !== asked.id) return;
  const mayInsist = ["away", "nobody"].includes(frame.code) || (frame.code === "limit" && desk.supervises);
  if (asked.t === "transfer") fail(frame.message, { anyway: mayInsist });
  else toast(frame.message, { danger: true, action: mayInsist ? { label: words.takeAnyway, run: () => takeOver(true) } : null });
  asked = null;
});

// ---- take over, open again ------------------------------------------------------------------------------------------

function takeOver(anyway) {
  if (!mayTake(card())) return false;
  asked = { t: "take_over", chat: desk.chat, id: uuid7(), anyway: anyway === true };
  return desk.wire.say(asked);
}

function canReopen(chat) {
  return !desk.cards.has(chat) && Date.now() - (desk.closed.get(chat) ?? 0) < REOPENABLE;
}

function drawReopen() {
  const button = $("chat-over")?.querySelector("[data-do=reopen]");
  if (!button) return;
  button.hidden = !canReopen(desk.chat);
  if (!button.hidden) setTimeout(drawReopen, REOPENABLE - (Date.now() - desk.closed.get(desk.chat)) + 100);
}

function handed({ chat, how, by, name, note }) {
  const sentence = words[how === "transfer" ? "handed" : "taken"].replace("%n", () => by.name).replace("%v", () => name);
  const told = note ? `${sentence} ${note.slice(0, 200)}` : sentence;
  toast(told, { action: { label: words.open, run: () => desk.open(chat) } });
  if (how !== "transfer") return;
  beep(true);
  notice(told, chatUrl(chat));
}

// ---- who else is here -------------------------------------------------------------------------------------------------

function look() {
  desk.wire?.say({ t: "look", chat: document.hidden ? null : desk.chat });
}

function looking({ chat, operators }) {
  const before = around.get(chat) ?? [];
  const others = operators.filter((one) => one.id !== desk.me.id);
  around.set(chat, others);
  if (chat !== desk.chat) return;
  drawAround();
  const writes = others.find((one) => one.typing && !before.some((old) => old.id === one.id && old.typing));
  if (writes) say("chat-status", words.writes.replace("%n", () => writes.name)); // said once
}

function drawAround() {
  const line = $("looking");
  if (!line) return;
  const others = around.get(desk.chat) ?? [];
  const writing = others.filter((one) => one.typing).map((one) => one.name);
  const names = new Intl.ListFormat(document.documentElement.lang || "en").format(writing.length ? writing : others.map((one) => one.name));
  line.hidden = others.length === 0;
  line.querySelector("span").textContent = others.length
    ? words[writing.length ? (writing.length > 1 ? "writeMany" : "writes") : others.length > 1 ? "hereMany" : "here"].replace("%n", () => names) : "";
}

function drawActions(one) {
  const actions = document.querySelector("#chat .chat-actions");
  if (!actions) return;
  for (const button of actions.querySelectorAll("[data-do=transfer]")) button.hidden = !mayMove(one) || ("own" in button.dataset && !isMine(one));
  for (const button of actions.querySelectorAll("[data-do=take]")) button.hidden = !mayTake(one);
  actions.querySelector(".menu").hidden = !mayMove(one) && !mayTake(one);
  drawReopen();
}

hear("handed", handed);
hear("looking", looking);
hear("ready", (frame) => { desk.operators = frame.operators; look(); });
heads.push(drawActions);
shows.push(() => { around.clear(); drawAround(); look(); });
document.addEventListener("visibilitychange", look);

deeds.transfer = offer(start, { label: words.transfer, key: "T", when: () => mayMove(card()) });
deeds.take = offer(() => takeOver(), { label: words.take, when: () => mayTake(card()) });
deeds.reopen = offer(() => desk.wire.ask({ t: "reopen", chat: desk.chat }), { label: words.reopen, when: () => canReopen(desk.chat) });
onKey("t", start);
