/* Asks for an address: for an answer by e-mail, or to send the chat. Fetched when the visitor asks for one of them. */

function ask(aid, place, value, send) {
  const { $, clone, invalid } = aid;
  document.querySelector(".mail-ask")?.remove();
  const form = clone("t-mail").firstElementChild;
  place(form);
  const field = $("w-mail");
  field.value = value;
  field.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const email = field.value.trim();
    const isWrong = !email || !field.checkValidity();
    invalid("w-mail", isWrong);
    if (isWrong || form.querySelector("[aria-busy]")) return;
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    try { await send(email, form); } finally { button.removeAttribute("aria-busy"); }
  });
}

/* The waiting visitor would rather have an answer by e-mail. */
export function answer(aid) {
  const { $, me, say } = aid;
  ask(aid, (form) => $("place").append(form), me().email, (email, form) => {
    if (!say({ t: "by_mail", email })) return;
    me().email = email;
    form.remove();
  });
}

/* The chat as a mail, with the link by which it can be rated and gone on with. */
export function transcript(aid) {
  const { $, words, word, me, post, recall } = aid;
  ask(aid, (form) => $("after").append(form), me().email, async (email, form) => {
    try {
      await post("/widget/transcript/", { secret: recall(), email });
      me().email = email;
      form.remove();
      $("after").textContent = word("sentTo", email);
      $("status").textContent = word("sentTo", email);
    } catch { $("alert").textContent = words.failed; form.querySelector(".hint").textContent = words.failed; }
  });
}
