// Keeps the days that are left of a trial true on a page that stays open. The words come from the browser's own language data.
const DAY = 86400000;
const lang = document.documentElement.lang || "en";
const boxes = [...document.querySelectorAll("[data-countdown]")].map((box) => ({ box, shown: daysLeft(box) }));

function daysLeft(box) {
  return Math.max(0, Math.ceil((Date.parse(box.dataset.countdown) - Date.now()) / DAY));
}

function tick() {
  for (const entry of boxes) {
    const days = daysLeft(entry.box);
    if (days === entry.shown) continue; // the server's words stay until the number is another one
    entry.shown = days;
    entry.box.textContent = new Intl.RelativeTimeFormat(lang, { numeric: "always" }).format(days, "day");
    const meter = entry.box.closest(".countdown")?.querySelector("meter");
    if (meter) meter.value = meter.max - days;
  }
}

setInterval(tick, 60000);
