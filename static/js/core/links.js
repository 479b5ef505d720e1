/* Addresses in a text as links: http and https only; nothing is loaded, and the other side learns nothing of the page.
   chat/desk/linking.py does the same on the server. */

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
const PAIRS = { ")": "(", "]": "[", "}": "{" };
const count = (text, mark) => text.split(mark).length - 1;

/* Without what ends the sentence around it; a closing bracket stays where the address opened one. */
function trimmed(address) {
  const left = {};
  for (const mark of "()[]{}") left[mark] = count(address, mark);
  let end = address.length;
  for (; end; end--) {
    const last = address[end - 1];
    if (!".,;:!?…”’»".includes(last) && !(PAIRS[last] && left[last] > left[PAIRS[last]])) break;
    if (PAIRS[last]) left[last]--;
  }
  return address.slice(0, end);
}

function isPlain(address) {
  try {
    const url = new URL(address);
    return address.length <= 2000 && Boolean(url.hostname) && !url.username && !url.password && !address.slice(0, address.indexOf("/", 8) + 1 || undefined).includes("@");
  } catch { return false; }
}

/* Puts the text into the node, with links that show the address itself. */
export function linkInto(node, text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = trimmed(found[0]);
    if (!isPlain(address)) continue;
    parts.push(text.slice(at, found.index), Object.assign(document.createElement("a"),
      { href: address, target: "_blank", rel: "noopener noreferrer nofollow ugc", textContent: address }));
    at = found.index + address.length;
  }
  node.replaceChildren(...parts, text.slice(at));
}
