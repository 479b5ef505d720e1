/* Pages beside the console: the keyboard, the palette, and buttons that only work with script. */

import "livechat/console/keys.js";
import { setUpPalette } from "livechat/console/palette.js";

const keys = document.getElementById("keys");
setUpPalette({ keys: () => keys.showModal() }, () => []);

const deeds = {
  print: () => print(),
  async copy(button) {
    const field = document.getElementById(button.dataset.copyFrom ?? "");
    await navigator.clipboard.writeText(field ? field.value : button.dataset.copy);
    const status = document.getElementById("copied");
    if (status) status.textContent = button.dataset.done ?? "✓";
  },
};

function arm() {
  for (const button of document.querySelectorAll("[data-do][hidden]")) {
    if (!deeds[button.dataset.do]) continue;
    button.hidden = false;
    button.addEventListener("click", () => deeds[button.dataset.do](button));
  }
}

/* What changes while the page is looked at: asked for every five seconds, put in place only when it is another. */
for (const place of document.querySelectorAll("[data-fresh]")) {
  setInterval(async () => {
    if (document.hidden || place.contains(document.activeElement)) return;
    const answer = await fetch(place.dataset.fresh, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (fresh.innerHTML.trim() !== place.innerHTML.trim()) place.replaceChildren(...fresh.children);
  }, 5000);
}

arm();
document.addEventListener("htmx:afterSwap", arm); // what was swapped in has its own buttons
document.addEventListener("htmx:oobAfterSwap", arm);
document.getElementById("tag")?.addEventListener("focus", (event) => event.target.select());
