/* livechat: the bubble on a customer's page. One classic script and one tag:
   <script src="https://SITE/static/widget/loader.js" data-key="KEY" async></script>
   Before the visitor opens the chat nothing is stored, set or sent (P9). No style attribute and no markup string
   is parsed, so a strict Content-Security-Policy or Trusted Types on the page cannot break it. */
(function () {
  "use strict";
  var tag = document.currentScript;
  if (!tag || !tag.dataset.key || window.livechatLoader) return;
  window.livechatLoader = true;
  var site = new URL(tag.src).origin;
  var key = tag.dataset.key;
  var words = { open: tag.dataset.open || "Open chat", close: tag.dataset.close || "Close chat",
    unread: tag.dataset.unread || "unread", failed: tag.dataset.failed || "The chat did not load. Try again later." };
  var host, button, count, mark, panel, frame, failed, timer;
  var ready = false, shown = false, unread = 0, lastUrl = "";

  var CHAT = "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z";
  var DOWN = "M5 9l7 7 7-7";
  var colour = /^#[0-9a-f]{6}$/i.test(tag.dataset.colour || "") ? tag.dataset.colour : "#20524a";
  var css =
    ":host{all:initial!important;position:fixed!important;inset-block-end:1rem!important;inset-inline-end:1rem!important;" +
    "z-index:2147483000!important;display:block!important;inline-size:3.75rem!important;block-size:3.75rem!important;" +
    "color-scheme:light dark}" +
    "[hidden]{display:none!important}" +
    "button{position:relative;display:grid;place-items:center;box-sizing:border-box;inline-size:3.75rem;block-size:3.75rem;" +
    "margin:0;padding:0;border:1px solid transparent;border-radius:50% 50% 6px 50%;background:" + colour + ";color:" + ink(colour) +
    ";box-shadow:0 1px 2px rgb(10 25 30/.08),0 8px 24px -6px rgb(10 25 30/.35);cursor:pointer}" +
    ":host(:dir(rtl)) button{border-radius:50% 50% 50% 6px}" +
    "button:focus-visible{outline:3px solid " + colour + ";outline-offset:3px}" +
    "svg{inline-size:1.75rem;block-size:1.75rem;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}" +
    "span{position:absolute;inset-block-start:-.15rem;inset-inline-end:-.15rem;min-inline-size:1.5em;padding:0 .4em;" +
    "box-sizing:border-box;border-radius:999px;background:#f5b21e;color:#241800;font:650 .75rem/1.5 system-ui,sans-serif;text-align:center}" +
    "div{position:fixed;inset-block-end:5.75rem;inset-inline-end:1rem;inline-size:min(380px,calc(100vw - 2rem));" +
    "block-size:min(640px,calc(100dvh - 7rem));border-radius:16px;overflow:hidden;background:Canvas;color:CanvasText;" +
    "box-shadow:0 2px 6px rgb(10 25 30/.12),0 24px 64px -12px rgb(10 25 30/.38)}" +
    "iframe{display:block;inline-size:100%;block-size:100%;border:0;color-scheme:light dark}" +
    "p{margin:0;padding:1rem;font:1rem/1.5 system-ui,sans-serif}" +
    "@media(max-width:30rem),(max-height:30rem){div{inset:0;inline-size:auto;block-size:auto;border-radius:0}" +
    "button[aria-expanded=true]{display:none}}" +
    "@media print{:host{display:none!important}}";

  /* White or near black, whichever reads better on the account's colour. */
  function ink(hex) {
    var light = [1, 3, 5].map(function (at) {
      var part = parseInt(hex.substr(at, 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.183 ? "#141b1e" : "#fff";
  }

  function make(name, parent, attributes) {
    var node = document.createElement(name);
    for (var at in attributes) node.setAttribute(at, attributes[at]);
    return parent.appendChild(node);
  }

  function draw() {
    host = document.createElement("livechat-bubble");
    var root = host.attachShadow({ mode: "open" });
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    panel = make("div", root, { hidden: "", id: "panel" });
    failed = make("p", panel, { role: "alert", hidden: "" });
    button = make("button", root, { type: "button", "aria-expanded": "false" });
    var svg = button.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    mark = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    count = make("span", button, { "aria-hidden": "true", hidden: "" });
    button.addEventListener("click", function () { shown ? hide() : show(); });
    root.addEventListener("keydown", function (event) { if (event.key === "Escape" && shown) hide(); });
    label();
    document.body.appendChild(host);
  }

  function label() {
    mark.setAttribute("d", shown ? DOWN : CHAT);
    count.hidden = shown || !unread;
    count.textContent = unread > 99 ? "99+" : String(unread);
    button.setAttribute("aria-expanded", String(shown));
    button.setAttribute("aria-label", shown ? words.close : words.open + (unread ? ", " + unread + " " + words.unread : ""));
  }

  function show() {
    shown = true;
    panel.hidden = false;
    if (!frame) load();
    else { tell({ t: "shown" }); frame.focus(); }
    label();
  }

  function hide() {
    shown = false;
    panel.hidden = true;
    tell({ t: "hidden" });
    label();
    button.focus();
  }

  /* The first click: only now the site hears of this visitor. */
  function load() {
    frame = make("iframe", panel, { src: site + "/widget/frame/" + encodeURIComponent(key) + "/", title: tag.dataset.title || "Chat",
      referrerpolicy: "no-referrer" });
    frame.addEventListener("load", function () { lastUrl = ""; page(); if (shown) { tell({ t: "shown" }); frame.focus(); } });
    addEventListener("message", hear);
    addEventListener("popstate", page);
    addEventListener("hashchange", page);
    if (window.navigation) navigation.addEventListener("navigatesuccess", page);
    else setInterval(page, 2000);
    timer = setTimeout(function () {
      if (!ready) { failed.textContent = words.failed; failed.hidden = false; frame.hidden = true; }
    }, 12000);
  }

  function tell(message) {
    if (!frame || !frame.contentWindow) return;
    message.livechat = 1;
    frame.contentWindow.postMessage(message, site);
  }

  /* The page the visitor looks at; a fragment is left out unless it is a route ("#/cart", "#!cart"). */
  function page() {
    var url = location.origin + location.pathname + location.search + (/^#[!/]/.test(location.hash) ? location.hash : "");
    if (url === lastUrl) return;
    lastUrl = url;
    tell({ t: "page", url: url.slice(0, 500), title: document.title.slice(0, 200), referrer: document.referrer.slice(0, 500) });
  }

  function hear(event) {
    var message = event.data;
    if (event.origin !== site || !frame || event.source !== frame.contentWindow) return;
    if (!message || message.livechat !== 1) return;
    if (message.t === "ready") { ready = true; clearTimeout(timer); failed.hidden = true; frame.hidden = false; }
    else if (message.t === "minimise") { if (shown) hide(); }
    else if (message.t === "unread" && Number.isInteger(message.n) && message.n >= 0) { unread = message.n; label(); }
  }

  if (document.body) draw();
  else addEventListener("DOMContentLoaded", draw);
})();
