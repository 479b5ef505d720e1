/* The window of a service beside the chat: gets the key from the form that opened it, and says when something is chosen.
   Both only between pages of our own: another page that opens this window is never answered, and gives no key. */

const OFTEN = 300, LONGEST = 20_000; // ms: until the form's own module is there to hear
const form = document.getElementById("prefill");
const done = document.querySelector("[data-done]");
const page = crypto.getRandomValues(new Uint32Array(4)).join("-"); // who comes back to this page needs another key
const say = (t) => { if (window.opener) window.opener.postMessage({ livechat: 1, t, page }, location.origin); };

if (form) {
  const again = setInterval(() => say("beside"), OFTEN);
  setTimeout(() => clearInterval(again), LONGEST);
  addEventListener("message", ({ data, origin, source }) => {
    if (origin !== location.origin || source === null || source !== window.opener || data?.livechat !== 1 || data.t !== "key") return;
    if (typeof data.key !== "string" || typeof data.site !== "string" || form.elements.key.value) return;
    clearInterval(again);
    form.elements.key.value = data.key;
    form.elements.site.value = data.site;
    form.submit();
  });
  say("beside");
}
if (done) {
  say("chosen");
  if (done.dataset.done === "close") window.close();
}
