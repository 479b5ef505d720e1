// Tabs that do not fit scroll sideways: the current one is brought into sight.
for (const strip of document.querySelectorAll(".tabs, .with-subnav > .subnav")) {
  const current = strip.querySelector("[aria-current], [aria-selected='true']");
  if (!current || strip.scrollWidth <= strip.clientWidth) continue;
  const room = strip.clientWidth - current.offsetWidth;
  strip.scrollLeft = current.offsetLeft - strip.offsetLeft - room / 2;
}
