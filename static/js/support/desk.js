// The agents' desk by keyboard: J and K walk, Enter opens, X ticks, A takes, / searches; in a request R writes and U goes back.
import { onKey } from "livechat/console/keys.js";

const rows = [...document.querySelectorAll("#desk tbody tr")];
let at = -1;

function walk(step) {
  if (!rows.length) return false;
  rows[at]?.classList.remove("is-at");
  at = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[at].classList.add("is-at");
  rows[at].querySelector("th a").focus();
  return true;
}

function take() {
  const button = rows[at]?.querySelector("[data-take]");
  if (button) { button.click(); return true; }
  const form = document.getElementById("changes");
  if (!form) return false;
  form.querySelector("[name=assignee]").value = "me";
  form.requestSubmit();
  return true;
}

function focus(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  return Boolean(field);
}

onKey("j", () => walk(1));
onKey("k", () => walk(-1));
onKey("x", () => { rows[at]?.querySelector("[name=number]").click(); return at >= 0; });
onKey("a", take);
onKey("/", () => focus("#q"));
onKey("r", () => focus("#composer textarea"));
onKey("u", () => { document.querySelector("[data-back]")?.click(); });
