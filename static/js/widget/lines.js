/* Changing an own message: the dialog, fetched when somebody asks for it. */

import { uuid7 } from "livechat/core/wire.js";

const EDITABLE = 15 * 60_000; // as the server has it
let seq = 0;

/* Opens at the line; `text` and `sentence` come back when the server refused. */
export function open({ $, say, clone }, line, { text = line.querySelector(".bubble").textContent, sentence = "" } = {}) {
  if (!$("change")) {
    document.body.append(clone("t-change"));
    $("change").addEventListener("click", ({ target }) => {
      if (target.dataset.change) choose($, say, target.dataset.change);
    });
    $("change-text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      choose($, say, "edit");
    });
  }
  seq = Number(line.dataset.seq);
  $("change-text").value = text;
  $("change-error").textContent = sentence;
  $("change-error").hidden = !sentence;
  const isLate = Date.now() - Number(line.dataset.at) > EDITABLE;
  $("change").querySelector("[data-change=edit]").hidden = isLate;
  $("change-text").readOnly = isLate;
  $("change").showModal();
}

function choose($, say, name) {
  const text = $("change-text").value.trim();
  if (name === "edit" && !text) return $("change-text").focus();
  if (name !== "keep" && !say({ t: name, id: uuid7(), seq, text })) return;
  $("change").close();
  $("w-message").focus();
}
