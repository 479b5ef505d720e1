/* A field for Markdown (templates/text/composer.html): marks by button and key, the preview of the server, how much room is
   left, drafts, quoting a post, Ctrl+Enter. Without this module the form has all of it but the comfort. */

const NEAR = 500; // characters left from which on the count is shown
const DRAFT_AFTER = 2_000; // ms without a key
const WRAPS = { bold: "**", italic: "_" };
const PREFIXES = { quote: "> ", list: "- " };
const KEYS = { b: "bold", i: "italic", k: "link", e: "code" };

/* Puts a text in the place of [from, to); the browser's own undo knows it. */
function put(field, from, to, text) {
  field.focus();
  field.setSelectionRange(from, to);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done && from + text.length !== to) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/* Around the words that are chosen; a second time it takes the marks away. `words` stands for none. */
function wrap(field, mark, words) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const inner = value.slice(from, to);
  const size = mark.length;
  if (value.slice(from - size, from) === mark && value.slice(to, to + size) === mark) {
    put(field, from - size, to + size, inner);
    return field.setSelectionRange(from - size, to - size);
  }
  put(field, from, to, mark + (inner || words) + mark);
  field.setSelectionRange(from + size, from + size + (inner || words).length);
}

/* Before each line that is chosen; where all have it, it goes. */
function prefix(field, sign) {
  const { selectionStart, selectionEnd, value } = field;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", selectionEnd);
  const to = end < 0 ? value.length : end;
  const lines = value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(sign));
  const text = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n");
  put(field, from, to, text);
  if (selectionStart !== selectionEnd) field.setSelectionRange(from, from + text.length);
}

function link(field, words) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const inner = value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/i.test(inner);
  const [label, address] = isAddress ? [words, inner] : [inner || words, "https://"];
  put(field, from, to, `[${label}](${address})`);
  const at = isAddress ? from + 1 : from + label.length + 3;
  field.setSelectionRange(at, at + (isAddress ? label : address).length);
}

function code(field, words) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const inner = value.slice(from, to);
  if (!inner.includes("\n")) return wrap(field, "`", words);
  const before = from && value[from - 1] !== "\n" ? "\n" : "";
  put(field, from, to, `${before}\`\`\`\n${inner.replace(/\n$/, "")}\n\`\`\`\n`);
}

class Writer {
  constructor(box) {
    Object.assign(this, { box, words: box.dataset, field: box.querySelector("textarea"), head: box.querySelector(".writer-head") });
    this.form = this.field.form;
    this.pane = box.querySelector(".writer-preview");
    this.tabs = [...box.querySelectorAll("[role=tab]")];
    this.tools = [...box.querySelectorAll("[data-mark]")];
    [this.count, this.draft, this.live] = ["[data-count]", "[data-draft]", "[role=status]"].map((one) => box.querySelector(one));
    for (const tab of this.tabs) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => this.show(tab));
    }
    this.head.hidden = false;
    this.head.addEventListener("keydown", (event) => this.walk(event));
    for (const tool of this.tools) tool.addEventListener("click", () => this.mark(tool.dataset.mark));
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.changed());
    this.form?.addEventListener("submit", (event) => this.leave(event));
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save());
    this.changed(false);
  }

  mark(kind) {
    this.show(this.tabs[0]);
    if (WRAPS[kind]) wrap(this.field, WRAPS[kind], this.words.words);
    else if (PREFIXES[kind]) prefix(this.field, PREFIXES[kind]);
    else (kind === "link" ? link : code)(this.field, this.words.words);
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    const kind = KEYS[event.key.toLowerCase()];
    if (kind) this.mark(kind);
    else if (event.key === "Enter") this.form?.requestSubmit(this.form.querySelector("[type=submit]:not([name=preview])"));
    else return;
    event.preventDefault();
  }

  /* Arrows walk inside the tabs, and inside the tools; each group is one stop of the Tab key. */
  walk(event) {
    const group = [this.tabs, this.tools].find((one) => one.includes(event.target));
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] * (getComputedStyle(this.box).direction === "rtl" ? -1 : 1);
    const at = event.key === "Home" ? 0 : event.key === "End" ? group?.length - 1 : group?.indexOf(event.target) + step;
    if (!group || Number.isNaN(at)) return;
    const next = group.at(at % group.length);
    for (const one of group) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    if (group === this.tabs) this.show(next);
    event.preventDefault();
  }

  show(tab) {
    if (tab.getAttribute("aria-selected") === "true") return;
    for (const one of this.tabs) {
      one.setAttribute("aria-selected", one === tab);
      one.tabIndex = one === tab ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = one !== tab;
    }
    const isPreview = tab === this.tabs[1];
    this.head.querySelector("[role=toolbar]").hidden = isPreview;
    if (isPreview) this.preview();
  }

  async preview() {
    const round = (this.round = {});
    const text = this.field.value;
    if (!text.trim()) return this.tell(this.words.nothing);
    this.tell(this.words.waiting);
    try {
      const answer = await fetch(this.words.previewUrl, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text }) });
      const told = await answer.json();
      if (round !== this.round) return;
      if (!answer.ok) return this.tell(told.message);
      this.pane.innerHTML = told.html; // of core.text, which cleans it
    } catch { if (round === this.round) this.tell(this.words.failed); }
  }

  tell(sentence) {
    this.pane.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: sentence }));
    this.live.textContent = sentence;
  }

  changed(byHand = true) {
    const left = Number(this.words.most) - [...this.field.value].length;
    this.count.hidden = left > NEAR;
    this.count.toggleAttribute("data-over", left < 0);
    this.count.textContent = `${left < 0 ? this.words.over : this.words.left} ${Math.abs(left).toLocaleString(document.documentElement.lang || undefined)}`;
    const step = left < 0 ? "over" : left > NEAR ? "" : left > 100 ? "near" : "close";
    if (step && step !== this.step) this.live.textContent = this.count.textContent; // not at every key
    this.step = step;
    if (!byHand || !this.words.draftUrl || !this.form) return;
    this.unsaved = true;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.save(), DRAFT_AFTER);
  }

  async save() {
    clearTimeout(this.later);
    if (!this.unsaved) return;
    this.unsaved = false;
    const fields = [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
    const body = new URLSearchParams([...fields, ["draft", this.words.draftKey]]);
    this.saving = new AbortController();
    try {
      const answer = await fetch(this.words.draftUrl, { method: "POST", body, keepalive: String(body).length < 60_000, signal: this.saving.signal });
      this.unsaved ||= !answer.ok;
      this.draft.textContent = answer.ok ? this.words.saved : this.words.unsaved;
      this.draft.hidden = false;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.unsaved = true;
      this.draft.textContent = this.words.unsaved;
      this.draft.hidden = false;
    }
  }

  leave(event) {
    if (event.submitter?.name === "preview") {
      event.preventDefault();
      this.show(this.tabs[1]);
      return this.tabs[1].focus();
    }
    clearTimeout(this.later);
    this.unsaved = false;
    this.saving?.abort(); // what is posted is no draft any more
  }

  quote(text) {
    this.show(this.tabs[0]);
    const lines = text.replace(/\n{3,}/g, "\n\n").trim().split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
    const { value } = this.field;
    const before = value && !value.endsWith("\n\n") ? (value.endsWith("\n") ? "\n" : "\n\n") : "";
    put(this.field, value.length, value.length, `${before}${lines}\n\n`);
    this.box.scrollIntoView({ block: "center" });
  }
}

const writers = [...document.querySelectorAll("[data-writer]")].map((box) => new Writer(box));

/* A button or link with data-quote="<id of the post>": what is chosen in its words, else all of them. */
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-quote]");
  const post = button && document.getElementById(button.dataset.quote);
  const words = post?.querySelector(".prose");
  const writer = writers.at(-1);
  if (!words || !writer) return;
  const chosen = getSelection();
  const isInside = chosen.rangeCount && !chosen.isCollapsed && words.contains(chosen.getRangeAt(0).commonAncestorContainer);
  writer.quote(isInside ? String(chosen) : words.innerText);
  event.preventDefault();
});
