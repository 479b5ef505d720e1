/* Blocking the visitor of the chat on the screen: a dialog that says for how long and why; lifting is one click. */

import { $, chatUrl, deeds, desk, hear, offer, words as desks } from "livechat/console/desk.js";
import { toast } from "livechat/core/toast.js";

const words = $("tool-words").dataset;
const dialog = $("blocker");
const form = $("blocker-form");

function ask() {
  if (!desk.chat || !$("blocks")) return false;
  form.reset();
  complain("");
  dialog.showModal();
  return true;
}

function complain(sentence) {
  $("blocker-error").hidden = !sentence;
  $("blocker-error").textContent = sentence;
}

/* The section is drawn by the server; the same page gives it. */
async function refresh(chat) {
  const answer = await fetch(chatUrl(chat), { headers: { "X-Part": "chat" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || chat !== desk.chat) return;
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  const fresh = part.content.querySelector("#blocks");
  if (fresh && chat === desk.chat) $("blocks")?.replaceWith(fresh);
}

deeds.block = offer(ask, { label: words.block, when: () => Boolean(desk.chat) });
deeds.unblock = (button) => desk.wire.ask({ t: "unblock", chat: desk.chat, block: button.dataset.block });

let isLifting = false;
hear("blocks", async (frame) => {
  if (frame.chat !== desk.chat) return;
  if (frame.done) {
    toast(dialog.open ? words.blocked : words.lifted);
    dialog.close();
  }
  if (isLifting) return;
  isLifting = true; // the answer and the word to everybody come together
  await refresh(frame.chat).finally(() => { isLifting = false; });
});
hear("err", (frame) => { if (dialog.open && frame.chat === desk.chat) complain(frame.message); });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = new FormData(form);
  const isSent = desk.wire.say({ t: "block", chat: desk.chat, what: wanted.get("what"), hours: Number(wanted.get("hours")), reason: wanted.get("reason") });
  complain(isSent ? "" : desks.lost);
});
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-block-ask]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask();
});
