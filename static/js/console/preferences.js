// Saves a switch of the preferences page the moment it is turned; without script there is a button.
const status = document.querySelector("[data-choice-status]");
const failed = document.getElementById("preferences-script").dataset.failed;

async function save(form, turned) {
  status.textContent = "";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    status.textContent = (await answer.json()).saved;
  } catch {
    turned.checked = !turned.checked; // show what the server still has
    status.textContent = failed;
  }
}

for (const form of document.querySelectorAll("form[data-choice]")) {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.addEventListener("change", () => save(form, field));
  }
}
