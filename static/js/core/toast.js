// Short messages in the corner. A toast stays 8 s; the clock stands still while a pointer or the focus is on it.
const STAYS_MS = 8000;
const region = document.querySelector("[data-toasts]");

// Shows `text`; `action` is {label, run} for Undo or the next step, else the button closes.
export function toast(text, { action = null, danger = false } = {}) {
  if (!region) return null;
  const box = document.createElement("div");
  box.className = danger ? "toast toast-danger" : "toast";
  box.setAttribute("role", danger ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.dataset.toastClose = "";
  button.textContent = action ? action.label : region.dataset.close;
  if (action) button.addEventListener("click", action.run, { once: true });
  box.append(words, button);
  region.append(box);
  live(box);
  return box;
}

function live(box) {
  let left = STAYS_MS;
  let since = 0;
  let timer = 0;
  const run = () => {
    since = Date.now();
    timer = setTimeout(() => box.remove(), left);
  };
  const hold = () => {
    clearTimeout(timer);
    left = Math.max(1000, left - (Date.now() - since));
  };
  const goOn = () => {
    if (!box.matches(":hover, :focus-within")) run();
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", goOn);
  box.addEventListener("focusout", () => setTimeout(goOn));
  const button = box.querySelector("[data-toast-close]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => box.remove());
  }
  run();
}

for (const box of region?.querySelectorAll(".toast") ?? []) live(box);
