// Opens and closes dialogs where the browser does not know `command` and `commandfor` yet.
// Everywhere: a click on the backdrop closes, and a dialog marked data-open is open from the start.
const knowsCommand = "commandForElement" in HTMLButtonElement.prototype;

if (!knowsCommand) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!(dialog instanceof HTMLDialogElement) || button.disabled) return;
    const command = button.getAttribute("command");
    if (command === "show-modal" && !dialog.open) dialog.showModal();
    if (command === "close" && dialog.open) dialog.close(button.value);
  });
}

document.addEventListener("click", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.detail > 0) dialog.close(); // a click made by a key has no place
});

const asked = document.querySelector("dialog[data-open]");
if (asked) {
  asked.close(); // without script it stands in the page, open; with script it is a real dialog
  asked.showModal();
}
