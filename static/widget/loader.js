/* livechat: the bubble on a customer's page. One classic script and one tag:
   <script src="https://SITE/widget/KEY.js" async></script>
   That door (chat/views/loader.py) shrinks this file and puts the website's settings after its last mark. The older tag,
   https://SITE/static/widget/loader.js with data-key, runs the file as it is and reads data attributes.
   Before the visitor opens the chat nothing is stored, set or sent (P9). No style attribute and no markup string is
   parsed, so a strict policy or Trusted Types on the page cannot break it. At most 5 KB compressed (G12). */
(function (config, tag) {
  "use strict";
  if (window.livechatLoader || !config) return;
  window.livechatLoader = true;
  var site = config.site, page = document.documentElement, data = tag ? tag.dataset : {};
  var lang = config.lang || data.lang || page.lang || "";
  var words = config.words[lang.toLowerCase().slice(0, 2)] || config.words.en;
  var host, button, count, mark, panel, card, text, deeds, frame, failed, timer, dismissed, kept, live, quiet;
  var ready = false, shown = false, unread = 0, lastUrl = "", lastPath, since, last = 0, done, later = [], heard = {}, had = {};

  /* The words stand in this order in chat/views/loader.py. */
  var OPEN = words[0], CLOSE = words[1], UNREAD = words[2], TITLE = words[3], FAILED = words[4], DISMISS = words[5];
  var ASK = words[6], YES = words[7], NO = words[8];
  var CHAT = "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z";
  var side = "inset-inline-" + config.side + ":1rem", corner = "px;border-end-" + config.side + "-radius:";
  var place = "position:fixed;inset-block-end:5.75rem;" + side;
  var plain = ";background:Canvas;color:CanvasText;box-shadow:0 8px 24px -6px rgb(10 25 30/.35)}";
  var css =
    ":host{all:initial!important;position:fixed!important;inset-block-end:1rem!important;" + side + "!important;" +
    "z-index:2147483000!important;inline-size:3.75rem!important;block-size:3.75rem!important;color-scheme:light dark!important}" +
    "[hidden]{display:none!important}" +
    "button{box-sizing:border-box;min-block-size:2.75rem;padding:0 1rem;border:1px solid;border-radius:6px;" +
    "background:none;color:inherit;font:inherit;cursor:pointer}" +
    "button:focus-visible{outline:3px solid " + config.colour + ";outline-offset:3px}" +
    "#b{display:grid;place-items:center;inline-size:3.75rem;block-size:3.75rem;padding:0;" +
    "border:1px solid transparent;border-radius:30" + corner + "6px;box-shadow:0 8px 24px -6px rgb(10 25 30/.35);" +
    "background:" + config.colour + ";color:" + config.ink + "}" +
    "svg{inline-size:1.75rem;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}" +
    "span{position:absolute;inset-block-start:-.15rem;inset-inline-end:-.15rem;min-inline-size:1.5em;padding:0 .4em;" +
    "box-sizing:border-box;border-radius:30px;background:#f5b21e;color:#241800;font:650 .75rem/1.5 system-ui;text-align:center}" +
    "#p{" + place + ";inline-size:min(380px,calc(100vw - 2rem));block-size:min(640px,calc(100dvh - 7rem));" +
    "border-radius:16px;overflow:hidden" + plain +
    "iframe{display:block;inline-size:100%;block-size:100%;border:0;color-scheme:light dark}" +
    "p{margin:0;padding:.75rem 1rem;font:1rem/1.5 system-ui;overflow-wrap:anywhere}" +
    "#c{" + place + ";inline-size:max-content;max-inline-size:min(19rem,calc(100vw - 2rem));border:1px solid GrayText;" +
    "border-radius:16" + corner + "4px;font:.875rem/1.45 system-ui" + plain +
    "#c p{padding-inline-end:3rem;font:inherit}" +
    "#d{display:flex;gap:.5rem;padding:0 1rem .75rem}" +
    "#x{position:absolute;inset-block-start:0;inset-inline-end:0;border:0;font-size:1.25rem}" +
    "@media(max-width:30rem),(max-height:30rem){#p{inset:0;inline-size:auto;block-size:auto;border-radius:0}" +
    "#b[aria-expanded=true]{display:none}}" +
    "@media print{:host{display:none!important}}";

  function make(name, parent, attributes) {
    var node = document.createElement(name);
    for (var at in attributes) node.setAttribute(at, attributes[at]);
    return parent.appendChild(node);
  }

  function shape(name, parent) { return parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name)); }

  function draw() {
    host = document.createElement("livechat-bubble");
    var root = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    panel = make("div", root, { hidden: "", id: "p" });
    failed = make("p", panel, { role: "alert", hidden: "" });
    card = make("div", root, { hidden: "", id: "c" });
    text = make("p", card, { role: "status" });
    deeds = make("div", card, { id: "d" });
    make("button", card, { id: "x", "aria-label": DISMISS }).textContent = "\u00d7";
    button = make("button", root, { id: "b" });
    var svg = shape("svg", button);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    mark = shape("path", svg);
    count = make("span", button, { "aria-hidden": "true" });
    button.addEventListener("click", function () { shown ? hide() : show(); });
    card.addEventListener("click", function (event) { choose(event.target); });
    root.addEventListener("keydown", function (event) { if (event.key === "Escape") { shown ? hide() : fold(); } });
    label();
    page.appendChild(host);
    if (recall()) { load(); if (kept > 0 && innerWidth > 480) show(true); }
    else watch();
    offer();
  }

  function label() {
    mark.setAttribute("d", shown ? "M5 9l7 7 7-7" : CHAT);
    count.hidden = shown || !unread;
    count.textContent = unread > 99 ? "99+" : unread;
    button.setAttribute("aria-expanded", shown);
    button.setAttribute("aria-label", shown ? CLOSE : OPEN + (unread ? ", " + unread + " " + UNREAD : ""));
  }

  // ---- a card at the bubble: greetings and the question of the board, decided here with no request ----

  /* It takes no focus. `answers` are [word, deed] and `then` hears the deed; "" when it was closed. */
  function ask(sentence, answers, then) {
    card.hidden = false;
    text.textContent = sentence;
    deeds.textContent = "";
    answers.forEach(function (answer) { make("button", deeds, { value: answer[1] }).textContent = answer[0]; });
    dismissed = then;
  }

  function choose(node) {
    if (node.value === "open") show();
    if (node.value === "yes") consent();
    if (node.type) fold(node.value);
  }

  function fold(answer) {
    var then = dismissed;
    dismissed = null;
    if (host.shadowRoot.activeElement && !shown) button.focus();
    card.hidden = true;
    if (then) then(answer);
  }

  /* Whether the visitor came to this page from outside: then it is the first one of the visit. */
  function isFirst() { return document.referrer.indexOf(location.origin + "/") !== 0; }

  function watch() {
    if (config.ask && isFirst()) setTimeout(question, 2000);
    if (config.greetings) setInterval(lookUp, 1000);
  }

  function question() {
    if (card.hidden) { if (!frame) ask(ASK, [[YES, "yes"], [NO, ""]]); }
    else setTimeout(question, 2000);
  }

  function consent() {
    load();
    say({ t: "seen", on: true, lang: lang });
  }

  /* Once a second: which greeting's page and time have come. Closing one ends them for the life of the page. */
  function lookUp() {
    var now = Date.now(), path = location.pathname;
    if (lastPath !== path) { lastPath = path; since = now; }
    if (frame || done || !card.hidden || document.hidden || now - last < 30000) return;
    config.greetings.some(function (rule, at) {
      if (had[at] >= rule.times || rule.first && !isFirst() || now - since < rule.after * 1000 || !RegExp(rule.page).test(path)) return false;
      had[at] = (had[at] || 0) + 1;
      last = now;
      ask(rule.text, [[OPEN, "open"]], function () { done = true; });
      return true;
    });
  }

  // ---- the chat ----

  /* `quietly` on the page after: the chat stands there again and takes no focus. */
  function show(quietly) {
    shown = true;
    quiet = !!quietly;
    panel.hidden = false;
    fold("open");
    load();
    greet();
    label();
    emit("open");
  }

  function greet() {
    if (!ready || !shown) return;
    tell({ t: "shown", quiet: quiet });
    if (!quiet) frame.focus();
  }

  function hide() {
    shown = false;
    panel.hidden = true;
    say({ t: "hidden" });
    label();
    if (host.shadowRoot.activeElement) button.focus();
    emit("close");
  }

  /* The first click: only now the site hears of this visitor. */
  function load() {
    if (frame) return;
    frame = make("iframe", panel, { src: site + "/widget/frame/" + config.key + "/?lang=" + encodeURIComponent(lang),
      title: TITLE, referrerpolicy: "no-referrer" });
    frame.addEventListener("load", function () { ready = false; lastUrl = ""; tellPage(); });
    addEventListener("message", hear);
    setInterval(function () { if (ready) { tellPage(); } }, 1000);
    timer = setTimeout(function () {
      failed.textContent = FAILED;
      failed.hidden = false;
      frame.hidden = true;
    }, 10000);
  }

  function tell(message) {
    message.livechat = 1;
    if (frame.contentWindow) frame.contentWindow.postMessage(message, site);
  }

  /* Waits until the frame listens. */
  function say(message) {
    if (ready) { tell(message); }
    else if (later.length < 40) later.push(message);
  }

  /* The page the visitor looks at; a fragment is left out unless it is a route ("#/cart", "#!cart"). */
  function tellPage() {
    var url = location.origin + location.pathname + location.search + (/^#[!/]/.test(location.hash) ? location.hash : "");
    if (url === lastUrl) return;
    lastUrl = url;
    tell({ t: "page", url: url.slice(0, 500), title: document.title.slice(0, 200), referrer: document.referrer.slice(0, 500), back: !!kept });
  }

  function hear(event) {
    var message = event.data;
    if (event.origin !== site || event.source !== frame.contentWindow || !message || message.livechat !== 1) return;
    if (message.t === "ready") {
      clearTimeout(timer);
      failed.hidden = true;
      frame.hidden = false;
      ready = true;
      greet();
      later.splice(0).forEach(tell);
      emit("ready");
    }
    if (message.t === "minimise" && shown) hide();
    if (message.t === "unread" && message.n >= 0) { unread = +message.n; label(); }
    if (message.t === "message") emit("message");
    if (message.t === "live") { live = message.on; emit("live"); }
    if (message.t === "refused") warn(message.message);
    if (message.t === "invite" && !shown) {
      ask(message.who + ": " + message.text, [[OPEN, "open"]], function (answer) { say({ t: "invited", yes: !!answer }); });
    }
  }

  /* One mark in this tab while there is a chat to come back to on the next page; where storage is refused there is none. */
  function remember() {
    try {
      if (live) sessionStorage.setItem("livechat", +shown);
      else if (live === false) sessionStorage.removeItem("livechat");
    } catch (error) { kept = null; }
  }

  function recall() {
    try { kept = sessionStorage.getItem("livechat"); } catch (error) { kept = null; }
    return kept;
  }

  // ---- livechat("open"): docs/javascript.md ----

  function warn(sentence) { console.warn("livechat: " + sentence); }

  function emit(name) {
    remember();
    (heard[name] || []).forEach(function (listener) { try { listener(); } catch (error) { warn(error); } });
  }

  /* Whether the visitor has just clicked or pressed a key: without that a page cannot open the chat for them. */
  function isAsked() { return frame || !navigator.userActivation || navigator.userActivation.isActive; }

  var api = {
    open: function () {
      if (isAsked()) { show(); }
      else warn("open needs a click or a key of the visitor");
    },
    close: function () { if (shown) { hide(); } },
    on: function (name, listener) { (heard[name] = heard[name] || []).push(listener); }
  };
  ["identify", "questions", "goal", "sale"].forEach(function (name) {
    api[name] = function (value) { say({ t: name, value: JSON.stringify(value) }); };
  });

  function call(given) { try { api[given[0]](given[1], given[2]); } catch (error) { warn(error); } }

  function offer() {
    var name = data.api || "livechat", before = window[name] || { q: [] };
    /* somebody else's: data-api gives ours another name */
    if (!before.q) return;
    window[name] = function () { call(arguments); };
    before.q.forEach(call);
  }

  if (document.body) draw();
  else addEventListener("DOMContentLoaded", draw);
})(/* settings */ (function (tag) {
  "use strict";
  var data = tag && tag.dataset;
  if (!data || !data.key) return null;
  var colour = /^#[0-9a-f]{6}$/i.test(data.colour || "") ? data.colour : "#20524a";

  /* White or near black, whichever reads better on the account's colour. */
  function ink(hex) {
    var light = [1, 3, 5].map(function (at) {
      var part = parseInt(hex.substr(at, 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.183 ? "#141b1e" : "#fff";
  }

  return { key: data.key, site: new URL(tag.src).origin, colour: colour, ink: ink(colour), side: "end",
    words: { en: [data.open || "Open chat", data.close || "Close chat", data.unread || "unread", data.title || "Chat",
      data.failed || "The chat did not load. Try again later.", "Dismiss"] } };
})(document.currentScript), document.currentScript);
