/* Files of the visitor: chosen, dropped or pasted, looked at, sent; and those that come. Fetched with the first of them.
   `aid` is what main.js lends. */

import { Tray, fillLink, makePicture, placeFile } from "livechat/core/attach.js";

let tray = null;

function trayOf({ $, recall }) {
  tray ??= new Tray($("files"), {
    upload: () => ({ url: "/widget/files/", fields: { secret: recall() } }),
    say: (text) => { $("status").textContent = text; },
  });
  return tray;
}

export function add(aid, files) {
  const kept = trayOf(aid);
  kept.again = () => send(aid, "");
  if (!kept.add(files)) { aid.$("alert").textContent = ""; aid.$("alert").textContent = kept.words.tooMany; }
  aid.$("w-message").focus();
}

export const isFull = () => Boolean(tray?.isFull());
export const clear = () => tray?.clear();

/* The text goes with the first file that arrives; when none does it goes alone, and the files say why they stayed. */
export async function send(aid, text) {
  let rest = text;
  await trayOf(aid).send((file) => { aid.send(rest, undefined, file); rest = ""; });
  if (rest) aid.send(rest);
}

/* A file in a line: a picture is shown, anything else saved; addresses are asked for anew, they are good for minutes. */
export function draw(aid, node, file) {
  placeFile(node, file, (box) => {
    const words = aid.$("files").dataset;
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.onclick = () => linkTo(aid, file.id).then((url) => follow(url, file));
    if (file.w > 0) {
      button.className = "file-pic";
      button.setAttribute("aria-label", words.open.replace("%n", () => file.name));
      const picture = makePicture(file, "");
      picture.removeAttribute("src");
      button.append(picture);
      if (file.preview) picture.src = file.preview;
      else linkTo(aid, file.id).then((url) => { picture.src = url; }, () => {});
    } else {
      fillLink(button, file).classList.add("link");
      button.setAttribute("aria-label", words.save.replace("%n", () => file.name));
    }
    box.append(button);
  });
}

function follow(url, file) {
  const link = Object.assign(document.createElement("a"), { href: url });
  if (file.w > 0) Object.assign(link, { target: "_blank", rel: "noopener" });
  else link.download = file.name;
  link.click();
}

/* Lines that come together ask together. */
let asked = null;
function linkTo({ post, recall }, id) {
  asked ??= { ids: new Set(), links: new Promise((done) => setTimeout(done, 30)).then(() => {
    const ids = [...asked.ids];
    asked = null;
    return post("/widget/files/links/", { secret: recall(), ids });
  }) };
  asked.ids.add(id);
  return asked.links.then(({ links }) => links[id] ?? Promise.reject(new Error("gone")));
}
