/* The sound of a waiting visitor: generated, so nothing is fetched. Its visible twins are the count, the title and the
   marigold row. Browsers allow it after the first key or click on the page. */

import { $, desk, words } from "livechat/console/desk.js";

const EVERY = 5_000; // while somebody waits
const KEY = "livechat.console.sound"; // declared storage: "off", or nothing
let audio = null;
let playedAt = 0;
let on = true;

try { on = localStorage.getItem(KEY) !== "off"; } catch { /* storage is refused: on for this page */ }

for (const event of ["pointerdown", "keydown"]) {
  addEventListener(event, () => { audio ??= new AudioContext(); audio.resume(); }, { once: true, capture: true });
}

export function beep(high = false) {
  playedAt = Date.now();
  document.documentElement.dataset.beeps = Number(document.documentElement.dataset.beeps ?? 0) + 1;
  if (!on || audio?.state !== "running") return;
  for (const [tone, at] of high ? [[880, 0]] : [[660, 0], [880, 0.16]]) {
    const [wave, volume] = [audio.createOscillator(), audio.createGain()];
    const start = audio.currentTime + at;
    wave.frequency.value = tone;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.18, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.15);
    wave.connect(volume).connect(audio.destination);
    wave.start(start);
    wave.stop(start + 0.16);
  }
}

/* Repeats until the visitor is taken, or the chat that was given is opened. */
export function ring() {
  if (!desk.rings?.()) return; // alert.js knows what rings
  if (Date.now() - playedAt >= EVERY) beep();
}

export function toggleSound() {
  on = !on;
  try { on || document.documentElement.dataset.keep ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, "off"); } catch { /* for this page only */ }
  drawSound();
}

export function drawSound() {
  const button = document.querySelector("[data-do=sound]");
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("[data-f=sound]").textContent = on ? words.soundOn : words.soundOff;
  document.querySelector("[data-do=notify]").hidden = !("Notification" in window) || Notification.permission !== "default";
}

/* Asks the browser only on this click. */
export async function askForNotices() {
  await Notification.requestPermission();
  drawSound();
}

export function notice(text, url) {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(text, { tag: url, icon: document.querySelector("link[rel=icon]").href });
  shown.onclick = () => { focus(); shown.close(); };
}
