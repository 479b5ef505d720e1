/* The board of operators: the server draws it; a frame of the socket, or ten seconds, ask for it again. Silent, with
   Pause, and never while the keyboard stands in it. */

import { Wire } from "livechat/core/wire.js";
import "livechat/console/places.js";

const $ = (id) => document.getElementById(id);
const words = $("board-words").dataset;
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const GAP = 1500, EVERY = 10_000;
let paused = false, later = null, asked = 0;

const wire = new Wire({
  async ticket() {
    const answer = await fetch(words.ticket, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if ([401, 403, 404].includes(answer.status)) throw Object.assign(new Error("closed"), { stop: "closed" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  },
  hello: () => ({ cursor: 0 }),
  state: drawState,
  frame(frame) { if (frame.t === "board" || frame.t === "set") soon(); },
});

function drawState() {
  const live = wire.isReady() && !paused;
  $("live-dot").className = live ? "dot dot-on" : "dot";
  if (paused || live || wire.attempt > 0) $("live-text").textContent = paused ? words.paused : live ? words.live : words.lost;
}

function soon() {
  if (later === null) later = setTimeout(refresh, Math.max(0, asked + GAP - Date.now()));
}

async function refresh() {
  later = null;
  if (paused || document.hidden || $("board").contains(document.activeElement)) return;
  asked = Date.now();
  try {
    const answer = await fetch(location.pathname, { headers: { "X-Part": "board", Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.innerHTML.trim() !== $("board").innerHTML.trim()) $("board").replaceChildren(...page.body.children);
  } catch { /* no connection: it stays as it is, the next try comes by itself */ }
}

$("pause").removeAttribute("data-later");
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  drawState();
  if (!paused) soon();
});
document.addEventListener("visibilitychange", soon);
setInterval(soon, EVERY);
wire.start();
