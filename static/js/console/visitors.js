/* The live table of visitors: snapshots of the socket, at most one a second, silent for screen readers, with Pause. */

import { Wire } from "livechat/core/wire.js";
import "livechat/console/places.js";
import { drawStatus } from "livechat/console/status.js";

const $ = (id) => document.getElementById(id);
const words = $("visitor-words").dataset;
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const cards = new Map(); // live chats: since when they wait, and with whom they are
let isWhole = false;
let rows = null;
let wanted = "";
let paused = false;

const wire = new Wire({
  async ticket() {
    const answer = await fetch(words.ticket, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if ([401, 403, 404].includes(answer.status)) throw Object.assign(new Error("closed"), { stop: "closed" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  },
  hello: () => ({ cursor: 0 }),
  state: drawState,
  frame(frame) {
    if (frame.t === "ready") { isWhole = true; drawStatus(frame.me.status); wire.say({ t: "watch", on: !paused }); }
    if (frame.t === "set" && frame.status) drawStatus(frame.status);
    if (frame.t === "visitors" && !paused) { rows = frame; draw(); }
    if (frame.t === "took") location.assign(`${words.chat}${frame.card.id}/`);
    if (frame.t === "err") refused(frame.message);
    if (frame.t === "invited") { $("invite").close(); $("visitors-status").textContent = words.sent; }
    if (frame.t === "board") {
      if (isWhole) cards.clear();
      isWhole = false;
      for (const card of frame.cards) cards.set(card.id, card);
      for (const id of frame.gone) cards.delete(id);
      drawQueue();
      if (!paused) draw();
    }
  },
});

function drawState() {
  const live = wire.isReady() && !paused;
  $("live-dot").className = live ? "dot dot-on" : "dot";
  if (paused || live || wire.attempt > 0) $("live-text").textContent = paused ? words.paused : live ? words.live : words.lost;
}

const initials = (name) => name.split(/\s+/).filter((part) => /^\p{L}/u.test(part)).slice(0, 2).map((part) => part[0]).join("").toUpperCase() || "V";

function span(from) {
  const seconds = Math.max(0, Math.floor((Date.now() + wire.offset - Date.parse(from)) / 1000));
  if (seconds < 60) return words.s.replace("%s", seconds);
  if (seconds < 3600) return words.m.replace("%m", Math.floor(seconds / 60)).replace("%s", seconds % 60);
  return words.h.replace("%h", Math.floor(seconds / 3600)).replace("%m", Math.floor((seconds % 3600) / 60));
}

const kind = (state) => (state === "waiting" || state === "open" ? state : "browsing");
const ORDER = { waiting: 0, open: 1 };

function draw() {
  if (!rows) return;
  const here = [...rows.rows].sort((a, b) => (ORDER[a.state] ?? 2) - (ORDER[b.state] ?? 2) || (a.since < b.since ? -1 : 1));
  const known = new Map([...$("rows").children].map((row) => [row.dataset.id, row]));
  for (const visitor of here) {
    const row = known.get(visitor.id) ?? $("t-row").content.cloneNode(true).firstElementChild;
    known.delete(visitor.id);
    fill(row, visitor);
    $("rows").append(row);
  }
  for (const row of known.values()) row.remove();
  $("n-total").textContent = rows.total;
  $("n-hidden").textContent = rows.hidden;
  for (const button of document.querySelectorAll("[data-show]")) {
    const show = button.dataset.show;
    button.querySelector(".num").textContent = show ? here.filter((visitor) => kind(visitor.state) === show).length : rows.total;
  }
  $("n-open").textContent = here.filter((visitor) => visitor.state === "open").length;
  $("table").hidden = here.length === 0;
  $("nobody").hidden = here.length > 0;
  filter();
}

function drawQueue() {
  const waiting = [...cards.values()].filter((card) => card.state === "waiting" && !card.mail).map((card) => card.started).sort();
  $("n-waiting").textContent = waiting.length;
  $("longest").textContent = waiting.length ? words.longest.replace("%t", span(waiting[0])) : "";
}

function fill(row, visitor) {
  const part = (name) => row.querySelector(`[data-f=${name}]`);
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  row.dataset.id = visitor.id;
  row.dataset.state = visitor.state;
  set(row.querySelector(".avatar"), initials(visitor.name));
  row.querySelector(".avatar").dataset.hue = (parseInt(visitor.id.slice(0, 4), 16) % 6) + 1;
  set(part("name"), visitor.name);
  const card = cards.get(visitor.chat);
  row.querySelector(".badge-wait").hidden = visitor.state !== "waiting";
  if (visitor.state === "waiting") set(row.querySelector(".badge-wait"), card ? words.waited.replace("%t", span(card.started)) : words.waiting);
  part("calm").hidden = visitor.state === "waiting";
  part("calm").querySelector(".dot").className = visitor.state === "open" ? "dot dot-on" : "dot";
  set(part("state"), visitor.state !== "open" ? { asked: words.invited, no: words.declined }[visitor.invited] ?? words.browsing
    : card?.operator ? words.with.replace("%n", () => card.operator.name) : words.open);
  set(part("page"), visitor.page.title || visitor.page.url);
  if (/^https?:/.test(visitor.page.url)) part("page").href = visitor.page.url;
  set(part("referrer"), visitor.referrer || words.direct);
  set(part("device"), [visitor.browser, visitor.system].filter(Boolean).join(", "));
  part("since").dataset.since = visitor.since;
  set(part("since"), span(visitor.since));
  set(part("visits"), String(visitor.visits));
  const act = part("act");
  act.hidden = !visitor.chat;
  if (visitor.chat) act.href = `${words.chat}${visitor.chat}/`;
  act.classList.toggle("btn-primary", visitor.state === "waiting");
  set(part("deed"), visitor.state === "waiting" ? words.accept : words.see);
  set(part("whom"), ` ${visitor.name}`);
  part("invite").hidden = Boolean(visitor.chat) || visitor.invited !== "";
  set(part("guest"), ` ${visitor.name}`);
}

function filter() {
  const text = $("q").value.trim().toLowerCase();
  for (const row of $("rows").children) {
    row.hidden = (wanted && kind(row.dataset.state) !== wanted) || (text && !row.textContent.toLowerCase().includes(text));
  }
}

$("q").addEventListener("input", filter);
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    wanted = button.dataset.show;
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
    filter();
  });
}
$("status").addEventListener("click", (event) => {
  const status = event.target.closest("[data-status]");
  if (status && !wire.say({ t: "status", value: status.dataset.status })) $("visitors-alert").textContent = words.lost;
});
$("pause").removeAttribute("data-later");
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  wire.say({ t: "watch", on: !paused });
  drawState();
});
// Who waits is accepted at once; without the socket the link still opens the chat.
$("rows").addEventListener("click", (event) => {
  const link = event.target.closest("[data-f=act]");
  const row = link?.closest("tr");
  if (row?.dataset.state !== "waiting" || event.ctrlKey || event.metaKey) return;
  const chat = link.getAttribute("href").split("/").at(-2);
  if (wire.say({ t: "accept", chat })) event.preventDefault();
});
// ---- an invitation: one sentence at the visitor's button ----
let guest = null;
$("rows").addEventListener("click", (event) => {
  const button = event.target.closest("[data-f=invite]");
  if (!button) return;
  const row = button.closest("tr");
  guest = row.dataset.id;
  $("invite-whom").textContent = `${row.querySelector("[data-f=name]").textContent}, ${row.querySelector("[data-f=page]").textContent}`;
  refused("");
  $("invite").showModal();
  $("invite-text").focus();
});
$("invite-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("invite-text").value.trim();
  if (!text) return refused(words.empty);
  if (!wire.say({ t: "invite", visitor: guest, text })) refused(words.lost);
});

function refused(sentence) {
  const asks = $("invite").open;
  $("invite-error").hidden = !sentence;
  $("invite-why").textContent = sentence;
  if (sentence) $("invite-text").setAttribute("aria-invalid", "true"); else $("invite-text").removeAttribute("aria-invalid");
  $("visitors-alert").textContent = asks ? "" : sentence;
  if (asks && sentence) $("invite-text").focus();
}

setInterval(() => {
  if (paused) return;
  for (const cell of document.querySelectorAll("[data-since]")) cell.textContent = span(cell.dataset.since);
  drawQueue();
}, 1000);
wire.start();
