// Saves a switch the moment it is turned; without script there is a button.
const status = document.querySelector("[data-switch-status]");
const failed = document.getElementById("switches-script").dataset.failed;

async function save(form, turned) {
  status.textContent = "";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.message);
    status.textContent = said.saved;
    const since = form.querySelector("[data-since]");
    if (since && said.since) since.textContent = said.since;
  } catch (error) {
    turned.checked = !turned.checked; // show what the server still has
    status.textContent = error instanceof TypeError || error instanceof SyntaxError ? failed : error.message || failed;
  }
}

for (const form of document.querySelectorAll("form[data-switch]")) {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.addEventListener("change", () => save(form, field));
  }
}
