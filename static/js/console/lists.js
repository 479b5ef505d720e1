/* The three lists on the left: rows keep their nodes, so focus and scrolling stay where they are. */

import { $, chatUrl, clock, clone, desk, hue, initials, isLate, isMine, mailCards, mayAccept, myCards, otherCards, say, span, waitingCards, words } from "livechat/console/desk.js";

const ANNOUNCE_EVERY = 20_000;
let announcedAt = 0;
let announced = "";

export function drawLists() {
  const [waiting, mine, others] = [waitingCards(), myCards(), otherCards()];
  drawList($("waiting"), waiting);
  drawList($("mine"), mine);
  drawList($("others"), others);
  const byMail = mailCards();
  drawList($("by-mail"), byMail);
  $("by-mail-part").hidden = byMail.length === 0;
  $("by-mail-n").textContent = byMail.length;
  $("waiting-n").textContent = waiting.length;
  $("waiting-n").classList.toggle("count-wait", waiting.length > 0);
  $("waiting-empty").hidden = waiting.length > 0;
  $("mine-empty").hidden = mine.length > 0;
  $("mine-n").textContent = words.of.replace("%n", mine.length).replace("%l", desk.me.limit);
  $("others-n").textContent = others.length;
  document.querySelector("[data-do=next]").hidden = !waiting.some(mayAccept);
  drawTitle(waiting.length);
}

function drawList(list, cards) {
  const rows = new Map([...list.children].map((row) => [row.dataset.chat, row]));
  let at = list.firstElementChild;
  for (const card of cards) {
    let row = rows.get(card.id);
    if (row) rows.delete(card.id);
    else row = document.querySelector(`[data-chat="${card.id}"]:is(li)`) ?? clone("t-row").firstElementChild;
    fill(row, card);
    if (row !== at) list.insertBefore(row, at);
    else at = at.nextElementSibling;
  }
  for (const row of rows.values()) if (row.parentElement === list) row.remove();
}

function fill(row, card) {
  const link = row.firstElementChild;
  const waits = card.state === "waiting";
  const typing = desk.typing.get(card.id)?.on && isMine(card);
  const isSeen = card.id === desk.chat && !document.hidden;
  const unread = isMine(card) && card.state === "open" && !isSeen ? card.unread : 0;
  row.dataset.chat = card.id;
  put(link, "href", chatUrl(card.id));
  card.id === desk.chat ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  const isNamed = desk.named.has(card.id);
  link.toggleAttribute("data-unread", unread > 0 || isNamed);
  link.querySelector(".avatar").dataset.hue = hue(card.visitor);
  text(link.querySelector("[data-f=initials]"), initials(card.name));
  const dot = link.querySelector(".dot");
  dot.hidden = waits;
  dot.classList.toggle("dot-on", card.online);
  text(link.querySelector(".name"), card.name);
  const when = link.querySelector(".when");
  text(when, waits && !card.mail ? span(card.started) : typing ? words.typing : clock(card.last.at));
  when.classList.toggle("when-late", waits && !card.mail && isLate(card.started));
  text(link.querySelector(".line"), (waits && card.group ? `${card.group.name} · ` : "") + lineOf(card, typing));
  const tags = link.querySelector("[data-f=tags]");
  tags.hidden = !card.tags?.length;
  text(tags, (card.tags ?? []).join(" · "));
  const count = link.querySelector(".count");
  count.hidden = unread === 0 && !isNamed;
  text(count.querySelector("[data-f=unread]"), isNamed ? `@${unread || ""}` : String(unread));
}

function lineOf(card, typing) {
  if (card.state === "open" && !isMine(card)) return words.with.replace("%n", () => card.operator?.name ?? "");
  if (typing && desk.typing.get(card.id).text) return desk.typing.get(card.id).text;
  return card.state === "open" && card.last.mine ? words.you.replace("%t", () => card.last.text) : card.last.text;
}

const text = (node, value) => { if (node.textContent !== value) node.textContent = value; };
const put = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };

/* The title leads with who waits, and the sidebar's count says the same. */
function drawTitle(n) {
  document.title = `${n ? words.titleWaiting.replace("%n", n) : words.title} · ${words.site}`;
  const place = document.querySelector("[data-place=chats]");
  if (!place) return;
  let count = place.querySelector(".count");
  if (!count && n) {
    count = document.createElement("span");
    count.className = "count count-wait";
    place.append(count);
  }
  if (!count) return;
  count.hidden = n === 0;
  if (count.firstChild?.textContent !== String(n)) count.replaceChildren(String(n));
}

/* Waiting times once a second; the spoken summary at most every 20 s and only when it changed. */
export function tick() {
  for (const row of $("waiting").children) {
    const card = desk.cards.get(row.dataset.chat);
    if (!card) continue;
    text(row.querySelector(".when"), span(card.started));
    row.querySelector(".when").classList.toggle("when-late", isLate(card.started));
  }
  for (const node of document.querySelectorAll("[data-since]")) {
    text(node, span(node.dataset.since, node.dataset.until ? Date.parse(node.dataset.until) : undefined));
  }
  const waiting = waitingCards();
  const key = waiting.map((card) => card.id).join();
  if (key === announced || Date.now() - announcedAt < ANNOUNCE_EVERY) return;
  announced = key;
  announcedAt = Date.now();
  say("queue-status", waiting.length
    ? words.queueOne.replace("%n", waiting.length).replace("%t", span(waiting[0].started)) : words.queueNone);
}
