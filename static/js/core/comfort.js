// What a person who said no to Comfort has stored here before is removed; see core/consent.py.
export const KEYS = ["livechat.console.sound", "livechat.console.keys"];

export const mayKeep = () => document.documentElement.dataset.keep !== "needed";

if (!mayKeep()) {
  try { for (const key of KEYS) localStorage.removeItem(key); } catch { /* storage is refused: nothing is there */ }
}
