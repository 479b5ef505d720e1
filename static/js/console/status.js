/* The own state: the menu and every dot that shows it. */

const DOTS = { accepting: "dot dot-on", away: "dot dot-away", offline: "dot" };

export function drawStatus(status) {
  for (const node of document.querySelectorAll("[data-my-dot]")) node.className = DOTS[status];
  document.querySelector("[data-f=status]").textContent = document.querySelector(`[data-status="${status}"]`).textContent.trim();
}
