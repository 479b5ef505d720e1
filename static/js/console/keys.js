/* The keyboard: single keys outside fields (they can be switched off), G then a place, F6, Ctrl K, ?. Works on every page that has
   the palette; the console adds its own deeds. */

const KEY = "livechat.console.keys"; // declared storage: "off", or nothing
const palette = document.getElementById("palette");
const sheet = document.getElementById("keys");
const single = document.getElementById("single-keys");
const deeds = new Map();
let wentAt = 0;

if (single) {
  try { single.checked = localStorage.getItem(KEY) !== "off"; } catch { /* storage is refused: on for this page */ }
  single.addEventListener("change", () => {
    try { single.checked || document.documentElement.dataset.keep ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, "off"); } catch { /* for this page only */ }
  });
}

/* `name` is a key as the sheet shows it; `deed(event)` does it and returns false when it did nothing. */
export function onKey(name, deed) { deeds.set(name, deed); }

const isWriting = (node) => node.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette && !palette.open) palette.showModal();
    return;
  }
  if (event.key === "F6") {
    if (deeds.get("F6")?.(event) !== false && deeds.has("F6")) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (single && !single.checked) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (Date.now() - wentAt < 1500) {
    wentAt = 0;
    const place = palette?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (place) { event.preventDefault(); location.assign(place.dataset.href); }
    return;
  }
  if (key === "g") { wentAt = Date.now(); return; }
  if (key === "?") { event.preventDefault(); sheet?.showModal(); return; }
  const deed = deeds.get(event.shiftKey && key === "a" ? "Shift A" : key) ?? (/^[1-9]$/.test(key) ? deeds.get("1") : null);
  if (!deed || (event.shiftKey && /^[b-z0-9]$/.test(key))) return; // # may need Shift on this keyboard
  if (deed(event) !== false) event.preventDefault();
});
