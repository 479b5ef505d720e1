// Loads the small modules that this page has a use for. Each can be missing: the page works without it.
const uses = {
  "[data-keep]": "comfort",
  "[data-theme-choice]": "theme",
  "dialog": "dialog",
  "details.menu, .menu-list": "menu",
  "[data-toasts]": "toast",
  "[data-countdown]": "countdown",
  "time[data-moment]": "moments",
  ".tabs, .with-subnav > .subnav": "tabs-scroll",
  ".drop": "drop",
  "[data-writer]": "composer",
};

for (const [selector, name] of Object.entries(uses)) {
  if (document.querySelector(selector)) {
    import(`livechat/core/${name}.js`).catch(() => {}); // the page is complete without it
  }
}
