/* The archive: J and K walk through the results, and a chat that was swapped in gets the focus as a new page would. */

import { onKey } from "livechat/console/keys.js";

const narrow = matchMedia("(max-width: 67.99rem)");

function step(where) {
  const current = document.querySelector("#results [aria-current]");
  const next = current ? document.querySelector(`[data-step=${where}]`) : document.querySelector("#results .cover");
  if (!next) return false;
  next.click();
}

onKey("j", () => step("older"));
onKey("k", () => step("newer"));

/* The place of the page is kept: "#chat" in the address is for browsers without this script. */
document.addEventListener("htmx:beforeSwap", (event) => { event.detail.pathInfo.anchor = undefined; });

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "split" && event.detail.elt?.id !== "split") return;
  const heading = document.getElementById("log-h");
  const asked = event.detail.requestConfig?.elt;
  if (!heading || !asked?.matches?.(".cover, [data-step]")) return;
  if (narrow.matches) scrollTo(0, 0);
  heading.focus({ preventScroll: true });
  document.querySelector("#results [aria-current]")?.scrollIntoView({ block: "nearest" });
});
