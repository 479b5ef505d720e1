/* A survey after the chat, when the company asks one: the server draws it, here it is sent. "No thanks" is one click. */

const at = () => document.getElementById("asked");

async function ask(path, body) {
  const answer = await fetch(path, { method: "POST", credentials: "omit", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", Accept: "text/html" } });
  if (!answer.ok) throw new Error(path);
  return answer.status === 204 ? "" : answer.text();
}

function draw(html, { focus = false } = {}) {
  const part = document.createElement("template");
  part.innerHTML = html; // our own page part; what people wrote is escaped in it
  at().replaceChildren(part.content);
  if (focus) (at().querySelector("[aria-invalid=true]") ?? document.getElementById("survey-title"))?.focus();
}

/* Asks whether there is a survey for this visitor, and shows it in front of what follows a chat. */
export async function survey({ recall }) {
  if (!at() || at().childElementCount) return;
  try { draw(await ask("/widget/survey/", { secret: recall() })); } catch { return; }
  const form = at().querySelector("[data-survey]");
  if (!form) return;
  const send = async (body) => {
    if (at().querySelector("[aria-busy]")) return;
    const button = form.isConnected ? form.querySelector("[type=submit]") : at().querySelector("[type=submit]");
    button?.setAttribute("aria-busy", "true");
    try { draw(await ask("/widget/survey/answer/", { secret: recall(), survey: form.dataset.survey, ...body }), { focus: true }); } catch {
      button?.removeAttribute("aria-busy");
      at().querySelector("[data-survey-failed]")?.removeAttribute("hidden");
    }
  };
  at().onclick = (event) => { if (event.target.closest("[data-survey-no]")) send({ no: true }); };
  at().onsubmit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const given = new FormData(event.target);
    send({ answers: Object.fromEntries([...new Set(given.keys())].map((name) => [name, given.getAll(name)])) });
  };
}
