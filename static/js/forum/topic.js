// Copies the address of a topic. Without it the address stands in a field, and everything works.
for (const button of document.querySelectorAll("[data-copy]")) offerCopy(button);

function offerCopy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(field.value);
    field.select();
  });
}
