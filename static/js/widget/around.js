/* What the page around the window asks for (docs/javascript.md), an operator's invitation, and the switch of being
   seen. Loaded when one of them is used. `desk` are the window's own words and deeds. */

const FACTS = { // what the page says -> the frame for the server; a wrong shape throws, and is told to the page
  identify: (token) => ({ token: text(token, 4096) }),
  goal: (name) => ({ name: text(name, 60) }),
  sale: (sale) => ({ amount: text(sale.amount, 20), currency: text(sale.currency, 3), order: text(sale.order, 120) }),
};
const waiting = []; // said before the socket was ready

function text(value, longest) {
  const found = typeof value === "number" ? String(value) : value;
  if (typeof found !== "string" || !found || found.length > longest) throw new TypeError("bad");
  return found;
}

function say({ wire }, frame) {
  if (wire.say(frame) || waiting.push([wire, frame]) > 1) return;
  const later = setInterval(() => {
    while (waiting.length && waiting[0][0].say(waiting[0][1])) waiting.shift();
    if (!waiting.length) clearInterval(later);
  }, 300);
}

/* A message of the page around; unknown ones are ignored. */
export function hear(desk, message) {
  if (message.t === "seen" && message.on === true) say(desk, { t: "seen", on: true, asked: true, lang: String(message.lang ?? "").slice(0, 35) });
  if (message.t === "invited") say(desk, { t: "invited", yes: message.yes === true });
  if (typeof message.value !== "string") return;
  try {
    const value = JSON.parse(message.value);
    if (message.t === "questions" && value && typeof value === "object") desk.fill(value);
    else if (Object.hasOwn(FACTS, message.t)) say(desk, { t: message.t, ...FACTS[message.t](value) });
  } catch {
    desk.tell({ t: "refused", message: desk.word("badCall", message.t) });
  }
}

/* In the window when it is on the screen, else at the bubble. */
export function invite(desk, frame) {
  desk.$("invited").textContent = `${frame.who}: ${frame.text}`;
  desk.$("invited").hidden = false;
  if (!desk.isShown()) desk.tell({ t: "invite", who: frame.who, text: frame.text });
}

export function turn(desk) {
  say(desk, { t: "seen", on: !desk.allowsSeen() });
}
