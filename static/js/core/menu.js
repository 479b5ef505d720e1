// Menus made of <details class="menu">: Esc and a click outside close, arrows walk, focus returns to the button.
const OPEN = "details.menu[open]";
const ITEMS = ".menu-list :is(a[href], button:not(:disabled))";

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary")?.focus();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN)) {
    const chosen = event.target.closest?.(".menu-list :is(a, button)");
    if (!menu.contains(event.target) || (chosen && !chosen.closest("[data-menu-stays]"))) close(menu);
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (!menu.contains(event.target)) close(menu);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    close(menu, { refocus: true });
    event.stopPropagation();
    return;
  }
  if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  if (event.target.matches("input, textarea, select")) return;
  const summary = event.target.closest("summary");
  if (summary && event.key === "ArrowDown") menu.open = true;
  if (!menu.open) return;
  const items = [...menu.querySelectorAll(ITEMS)].filter((item) => item.checkVisibility());
  if (!items.length) return;
  const here = items.indexOf(document.activeElement);
  const next = {
    ArrowDown: (here + 1) % items.length,
    ArrowUp: (here <= 0 ? items.length : here) - 1,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  items[next].focus();
  event.preventDefault();
});
