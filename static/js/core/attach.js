/* Files on their way: a tray in which they are looked at before they are sent, and the upload with its progress.
   Nothing leaves the browser before the person presses Send. Shared by the console and the chat window. */

const MOST = 5;

/* "84 kB", "2.3 MB"; the server says it the same way. */
export const sizeWords = (bytes) =>
  bytes < 999_500 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/* The files of a paste, a drop or a picker; a picture from the clipboard has no name of its own. */
export function filesIn(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.size > 0 || file.type);
}

export class Tray {
  /* box: the element of templates/chat/_file_tray.html; upload(file) -> {url, fields, headers}; say(text) to a screen
     reader; changed() when the number of files is another one. */
  constructor(box, { upload, say, changed = () => {} }) {
    Object.assign(this, { box, upload, say, changed });
    this.words = box.dataset;
    this.list = box.querySelector("ul");
    this.items = []; // {file, preview, state: chosen | up | bad, why, mayRetry, request, percent}
  }

  /* Whether something here would go with the next message. */
  isFull() { return this.items.some((item) => item.state === "chosen" || (item.state === "bad" && item.mayRetry)); }

  add(files) {
    const room = MOST - this.items.filter((item) => item.state !== "bad").length;
    for (const file of files.slice(0, Math.max(0, room))) {
      const item = { file, state: "chosen", preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" };
      if (file.size > Number(this.words.largest)) Object.assign(item, { state: "bad", why: this.words.tooLarge });
      else if (!file.size) Object.assign(item, { state: "bad", why: this.words.empty });
      this.items.push(item);
    }
    this.draw();
    this.say(files.length > room ? this.words.tooMany : this.words.ready.replace("%n", this.items.length));
    return files.length <= room;
  }

  remove(item) {
    item.request?.abort();
    if (item.preview) URL.revokeObjectURL(item.preview);
    this.items = this.items.filter((other) => other !== item);
    this.draw();
  }

  clear() { for (const item of [...this.items]) this.remove(item); }

  /* Sends what is here, one after the other; `sent(file, item)` for each that arrived. Answers how many did. */
  async send(sent) {
    const going = this.items.filter((item) => item.state === "chosen" || (item.state === "bad" && item.mayRetry));
    for (const item of going) Object.assign(item, { state: "up", why: "", percent: 0 });
    this.draw();
    let arrived = 0;
    for (const item of going) {
      if (!this.items.includes(item)) continue; // taken out meanwhile
      try {
        const file = await this.put(item);
        if (!this.items.includes(item)) continue;
        sent({ ...file, preview: item.preview });
        item.preview = ""; // the message shows it from now on
        arrived += 1;
        this.remove(item);
      } catch (problem) {
        if (problem.message === "abort") continue;
        Object.assign(item, { state: "bad", why: problem.message, mayRetry: problem.mayRetry, request: null });
        this.say(`${item.file.name}: ${problem.message}`);
        this.draw();
      }
    }
    return arrived;
  }

  put(item) {
    const { url, fields, headers = {} } = this.upload(item.file);
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("file", item.file, item.file.name || "file");
    return new Promise((done, failed) => {
      const request = (item.request = new XMLHttpRequest());
      const fail = (why, mayRetry) => failed(Object.assign(new Error(why), { mayRetry }));
      request.open("POST", url);
      request.responseType = "json";
      request.setRequestHeader("Accept", "application/json");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        if (!event.lengthComputable) return;
        item.percent = Math.round((event.loaded / event.total) * 100);
        this.progress(item);
      };
      request.onload = () => {
        if (request.status === 201) return done(request.response);
        const says = request.response?.message;
        if (request.status === 413) return fail(says || this.words.tooLarge, false);
        fail(says || this.words.refused, request.status >= 429 || request.status === 408);
      };
      request.onerror = () => fail(this.words.failed, true);
      request.onabort = () => fail("abort", false);
      request.send(body);
    });
  }

  draw() {
    const known = new Map([...this.list.children].map((row) => [row.item, row]));
    const rows = this.items.map((item) => known.get(item) ?? this.make(item));
    const held = this.list.contains(document.activeElement);
    this.list.replaceChildren(...rows);
    for (const item of this.items) this.fill(item);
    this.box.hidden = rows.length === 0;
    if (held && !this.list.contains(document.activeElement)) this.list.querySelector("button:not([hidden])")?.focus();
    this.changed();
  }

  make(item) {
    const row = document.getElementById("t-file").content.cloneNode(true).firstElementChild;
    row.item = item;
    row.querySelector("[data-f=name]").textContent = item.file.name;
    row.querySelector("[data-f=size]").textContent = sizeWords(item.file.size);
    if (item.preview) {
      const picture = Object.assign(new Image(), { alt: "", src: item.preview });
      picture.onload = () => row.querySelector(".file-face").replaceChildren(picture);
    }
    row.querySelector("[data-f=drop]").onclick = () => this.remove(item);
    row.querySelector("[data-f=again]").onclick = () => this.again?.();
    return row;
  }

  fill(item) {
    const row = [...this.list.children].find((other) => other.item === item);
    if (!row) return;
    const isUp = item.state === "up";
    item.state === "bad" ? (row.dataset.state = "error") : delete row.dataset.state;
    const why = row.querySelector("[data-f=why]");
    why.hidden = item.state !== "bad";
    why.textContent = item.why ?? "";
    row.querySelector("[data-f=again]").hidden = !(item.state === "bad" && item.mayRetry);
    const drop = row.querySelector("[data-f=drop]");
    drop.setAttribute("aria-label", (isUp ? this.words.cancel : this.words.remove).replace("%n", () => item.file.name));
    const bar = row.querySelector("progress");
    bar.hidden = !isUp;
    bar.setAttribute("aria-label", this.words.uploading.replace("%n", () => item.file.name));
    this.progress(item);
  }

  progress(item) {
    const row = [...this.list.children].find((other) => other.item === item);
    if (row) row.querySelector("progress").value = item.percent ?? 0;
  }
}

/* Files that are dragged over `zone` and dropped there; `may()` says whether they are taken now. */
export function takeDrops(zone, may, take) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (on) => document.querySelector(zone)?.toggleAttribute("data-over", on);
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // a file that misses the zone does not replace the page
    const fits = Boolean(event.target.closest?.(zone)) && may();
    event.dataTransfer.dropEffect = fits ? "copy" : "none";
    over(fits);
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(false);
    if (event.target.closest?.(zone) && may()) take(filesIn(event.dataTransfer));
  });
}

/* The bubble of a file below the text of a message; `face(box, file)` fills it. */
export function placeFile(node, file, face) {
  node.querySelector(".bubble-file")?.remove();
  if (!file?.name) return;
  const box = document.createElement("div");
  box.className = "bubble bubble-file";
  node.querySelector(".bubble").after(box);
  face(box, file);
}

export function fillLink(link, file) {
  link.className = "file-link";
  link.append(document.getElementById("t-file-link").content.cloneNode(true));
  link.querySelector("[data-f=name]").textContent = file.name;
  link.querySelector("[data-f=size]").textContent = sizeWords(file.size);
  return link;
}

export function makePicture(file, src) {
  return Object.assign(new Image(file.w, file.h), { alt: file.name, decoding: "async", src });
}
