// Keeps "12 min ago" true on a page that stays open; after a day the date of the server stays as it is.
const lang = document.documentElement.lang || "en";
const short = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
const long = new Intl.RelativeTimeFormat(lang, { numeric: "always" });
const MINUTE = 60000;

// The words for an instant in the past, or "" when it is longer ago than a day or younger than a minute.
export function ago(instant, now = Date.now()) {
  const minutes = Math.floor((now - instant) / MINUTE);
  if (minutes < 1 || minutes >= 1440) return "";
  if (minutes < 60) return short.format(-minutes, "minute").replace(". ", " "); // "12 min ago", as the server writes it
  return long.format(-Math.floor(minutes / 60), "hour");
}

function tick() {
  for (const time of document.querySelectorAll("time[data-moment]")) {
    const text = ago(Date.parse(time.dateTime));
    if (text && time.textContent !== text) time.textContent = text;
  }
}

setInterval(tick, MINUTE);
