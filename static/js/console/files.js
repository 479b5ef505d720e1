/* Files of replies: by picker, drag and paste, looked at before they are sent; a tray for each conversation. */

import { uuid7 } from "livechat/core/wire.js";
import { Tray, fillLink, filesIn, makePicture, placeFile, takeDrops } from "livechat/core/attach.js";
import { toast } from "livechat/core/toast.js";
import { $, deeds, desk, say, shows } from "livechat/console/desk.js";
import { focusReply, post } from "livechat/console/composer.js";

const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const trays = new Map(); // chat -> Tray

const mayAttach = () => Boolean($("attach-button") && !$("attach-button").disabled && $("composer").dataset.mode !== "note");

function trayOf(chat) {
  let tray = trays.get(chat);
  if (!tray && $("files")) {
    tray = new Tray($("files"), {
      upload: (file) => ({ url: desk.urls.files, fields: { chat }, headers: { "X-CSRFToken": token } }),
      say: (text) => say("chat-status", text),
    });
    tray.again = () => sendFiles(chat, "");
    trays.set(chat, tray);
  }
  return tray;
}

/* The conversation on the screen has a fresh tray element: its files come into it. */
function show(chat) {
  for (const [other, tray] of trays) if (!tray.items.length && other !== chat) trays.delete(other);
  const tray = chat && trays.get(chat);
  if (!tray || !$("files")) return;
  tray.box = $("files");
  tray.list = tray.box.querySelector("ul");
  tray.draw();
}
shows.push(show);

function add(files) {
  if (!files.length || !mayAttach()) return;
  const tray = trayOf(desk.chat);
  if (!tray.add(files)) toast(tray.words.tooMany, { danger: true });
  focusReply();
}

export const hasFiles = (chat) => Boolean(trays.get(chat)?.isFull());

/* The text goes with the first file that arrives; when none does it goes alone, and the files say why they stayed. */
export async function sendFiles(chat, text) {
  let rest = text;
  await trayOf(chat).send((file) => {
    post(uuid7(), chat, rest, file);
    rest = "";
  });
  if (rest) post(uuid7(), chat, rest);
}

/* A file in a line of the thread; one that is not stored yet shows what this browser has. */
export function drawFile(node, file) {
  placeFile(node, file, (box) => {
    const link = Object.assign(document.createElement("a"), { href: file.preview || `${desk.urls.files}${file.id}/` });
    if (file.w > 0) {
      Object.assign(link, { className: "file-pic", target: "_blank", rel: "noopener" });
      link.append(makePicture(file, link.href));
    } else {
      link.download = file.name;
      if (file.preview) link.removeAttribute("href");
      fillLink(link, file);
    }
    box.append(link);
  });
}

deeds.attach = () => { if (mayAttach()) $("attach").click(); };

document.addEventListener("change", (event) => {
  if (event.target.id !== "attach") return;
  add([...event.target.files]);
  event.target.value = "";
});

document.addEventListener("paste", (event) => {
  if (event.target.id !== "reply") return;
  const files = filesIn(event.clipboardData);
  if (!files.length || event.clipboardData.types.includes("text/plain")) return; // a cell of a sheet is text and picture
  event.preventDefault();
  add(files);
});

takeDrops("#chat", mayAttach, add);

addEventListener("beforeunload", (event) => {
  if ([...trays.values()].some((tray) => tray.isFull())) event.preventDefault(); // chosen files live in memory only
});
