// Keeps the table of operators fresh while it is looked at: state, open chats, who was last here. Silent, no focus lost.
const EVERY = 15_000;
const table = document.querySelector("#operators tbody");

async function refresh() {
  if (!table || document.hidden || table.querySelector("details[open]") || table.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#operators tbody");
    if (fresh && fresh.innerHTML !== table.innerHTML) table.replaceChildren(...fresh.children);
  } catch {
    // no connection: the page stays as it is, the next try comes by itself
  }
}

if (table && document.querySelector("#operators[data-live]")) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
