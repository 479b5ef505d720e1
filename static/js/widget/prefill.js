/* Name and e-mail from a service: the visitor chooses them in a window of ours beside the chat, they come into the form,
   stay editable, and are sent only with it (S92). Fetched with the first click. */

const EVERY = 3000, QUIET = 6000, LONGEST = 600_000; // ms; the window may live on where a service cut it off from us
let turn = 0, last = null;

const newKey = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/* `beside` is the window that the click opened, null where the browser or the website did not let it. */
export async function wait(aid, beside) {
  const { $, host, post, put, waits } = aid;
  const mine = ++turn, until = Date.now() + LONGEST;
  const says = (name) => { $("prefill-says").textContent = name ? $("prefill").dataset[name] : ""; };
  last?.close();
  last = beside;
  if (!beside) return says("blocked");
  says("waiting");
  let key = "", met = "", wake = () => {}; // `met`: the page of that window which has the key
  const hear = ({ data, origin, source }) => {
    if (source !== beside || origin !== location.origin || data?.livechat !== 1) return;
    if (data.t === "beside" && typeof data.page === "string") {
      if (data.page !== met) { met = data.page; key = newKey(); }
      beside.postMessage({ livechat: 1, t: "key", key, site: host() ?? "" }, origin);
    }
    if (data.t === "chosen") wake();
  };
  addEventListener("message", hear);
  let closed = false;
  while (mine === turn && waits() && Date.now() < until) {
    await Promise.race([new Promise((done) => { wake = done; }), sleep(beside, closed ? QUIET : EVERY)]);
    if (mine !== turn || !waits()) break;
    const answer = key ? await post("/widget/prefill/", { key }).catch(() => null) : null; // an error: the next time
    if (mine !== turn) break;
    if (answer && !answer.waiting) { says(put(answer.chosen) ? "filled" : "nothing"); break; }
    if (!closed && beside.closed) {
      closed = true;
      says("closed");
      if (!key) break; // it was closed before it could go anywhere
    }
  }
  removeEventListener("message", hear);
  if (mine === turn && (!waits() || Date.now() >= until)) says("");
}

/* Waits some time, less when the window closes meanwhile. */
function sleep(beside, time) {
  const was = beside.closed;
  return new Promise((done) => {
    const end = Date.now() + time;
    const look = setInterval(() => {
      if (Date.now() < end && beside.closed === was) return;
      clearInterval(look);
      done();
    }, 250);
  });
}
