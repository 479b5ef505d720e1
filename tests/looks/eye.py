"""What the tests of looks see: axe, classes, width, and pictures for people to compare."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

PICTURES = Path(__file__).resolve().parents[2] / "build" / "looks"
THEMES = ("light", "dark")
OPEN_DISCLOSURES = "document.querySelectorAll('details:not([name=menu])').forEach(one => { one.open = true; })"
# each of these opens alone; it is judged alone and closed again
# (the menus and dialogs of a table's rows are built alike: the first two of each build speak for all)
LAYERS = """() => { const alike = {}; return [...document.querySelectorAll('dialog, [popover], details[name=menu]')]
  .map((one, at) => { one.dataset.layer = at; return one; })
  .filter(one => { const build = one.localName + one.className + [...one.querySelectorAll('*')]
    .map(part => part.localName + '.' + part.className).join();
    alike[build] = (alike[build] || 0) + 1; return alike[build] < 3; })
  .map(one => [Number(one.dataset.layer), one.localName]); }"""
OPEN = """([at]) => { const one = document.querySelector(`[data-layer="${at}"]`);
  if (one.localName === 'details') { one.open = true; return one.checkVisibility(); }
  if (one.localName === 'dialog') { if (!one.open) one.showModal(); return true; }
  one.showPopover(); return true; }"""
CLOSE = """([at]) => { const one = document.querySelector(`[data-layer="${at}"]`);
  if (one.localName === 'details') one.open = false;
  else if (one.localName === 'dialog') one.close(); else one.hidePopover(); }"""
CLASSES = "[...document.querySelectorAll('[class]')].flatMap(one => [...one.classList])"
TOO_WIDE = """() => { const root = document.documentElement;
  return root.scrollWidth <= root.clientWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 5)
    .map(one => one.outerHTML.slice(0, 120)); }"""


# in a modal dialog the page behind is inert, so its banner and that of the dialog are never there together
RUN_AXE = """async (context) => { document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 1e6)
  .forEach(one => one.finish());  // a dialog that is still fading in has no contrast yet
  return (await axe.run(context || document, { resultTypes: ["violations"],
    rules: context ? { "landmark-no-duplicate-banner": { enabled: false } } : {} })).violations
  .flatMap(rule => rule.nodes.map(node => [rule.id, node.html, node.failureSummary])); }"""


def judge(page: Any, where: str, context: Any = None) -> list[str]:
    """What axe finds, one line per element."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{where}: {rule}: {html[:160]} ({summary.splitlines()[-1].strip()[:200]})"
        for rule, html, summary in page.evaluate(RUN_AXE, context)
    ]


def judge_layers(page: Any, where: str) -> list[str]:
    """What axe finds in each dialog, sheet and menu, opened one after the other."""
    found = []
    for at, kind in page.evaluate(LAYERS):
        if page.evaluate(OPEN, [at]):
            found += judge(page, f"{where}, {kind} {at}", f'[data-layer="{at}"]')
        page.evaluate(CLOSE, [at])
    return found


def take_picture(page: Any, name: str, width: int, theme: str) -> None:
    """Writes build/looks/<name>-<width>-<theme>.png, for people to look at; nobody looks at them in CI, where they
    are made with LIVECHAT_PICTURES=1 only."""
    if os.environ.get("CI") and not os.environ.get("LIVECHAT_PICTURES"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)


def take_mockup(browser: Any, name: str, width: int, theme: str) -> None:
    """Where LIVECHAT_MOCKUPS names the folder of mockups: the same picture of the mockup, to lie beside ours."""
    folder = os.environ.get("LIVECHAT_MOCKUPS")
    picture = PICTURES / f"{name}-{width}-{theme}-mockup.png"
    if not folder or picture.exists():
        return
    window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page = window.new_page()
    page.goto((Path(folder) / f"{name}.html").resolve().as_uri())
    page.screenshot(path=picture, full_page=True)
    window.close()
