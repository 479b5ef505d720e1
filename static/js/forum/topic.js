// Keeps what somebody types in the forum as a draft, and copies the address of a topic. Without it everything works.
const PAUSE = 3000; // after the last key

for (const form of document.querySelectorAll("form[data-draft]")) keepDrafts(form);
for (const button of document.querySelectorAll("[data-copy]")) offerCopy(button);

function keepDrafts(form) {
  const state = form.querySelector("[data-draft-state]");
  let timer = 0;
  let posted = false;

  async function save() {
    if (posted) return;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      const { draft } = await answer.json();
      const field = form.querySelector("[name=draft]");
      if (field) field.value = draft ?? "";
      if (state) state.textContent = draft ? state.dataset.draftState : "";
    } catch {
      // no connection: the next key tries again, and the text is still in the field
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    posted = true;
    clearTimeout(timer);
  });
}

function offerCopy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(field.value);
    field.select();
  });
}
