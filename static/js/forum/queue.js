// The queue by keyboard: J and K walk, A publishes or keeps, H hides, D deletes, X ticks, O opens, M shows more. The page works without it.
const list = document.querySelector("[data-queue]");
const items = list ? [...list.querySelectorAll("[data-item]")] : [];
const bulk = document.getElementById("bulk");
let here = 0;

function go(to) {
  if (!items.length) return;
  items[here].removeAttribute("aria-current");
  here = Math.min(items.length - 1, Math.max(0, to));
  items[here].setAttribute("aria-current", "true");
  items[here].focus({ preventScroll: true });
  items[here].scrollIntoView({ block: "nearest" });
}

const deeds = {
  j: () => go(here + 1),
  k: () => go(here - 1),
  x: () => items[here].querySelector("[data-tick]")?.click(),
  o: () => items[here].querySelector("[data-open]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !items.length) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const deed = deeds[key] ?? (/^[ahdm]$/.test(key) ? () => items[here].querySelector(`[data-key="${key}"]`)?.click() : null);
  if (!deed) return;
  event.preventDefault();
  deed();
});

items.forEach((item, place) => item.addEventListener("focusin", () => { if (place !== here) { items[here].removeAttribute("aria-current"); here = place; item.setAttribute("aria-current", "true"); } }));

// publishing many at once has a reason of its own; nothing ticked: nothing is sent
bulk?.addEventListener("submit", (event) => {
  const reason = event.submitter?.dataset.reason;
  if (reason) bulk.elements.reason.value = reason;
  if (!document.querySelector("[data-tick]:checked")) {
    event.preventDefault();
    document.querySelector("[data-tick]")?.focus();
  }
});
