// Finds the number with which SHA-256 of "challenge:number" begins with as many zero bits as the challenge asks for.
const K = new Uint32Array(64);
const START = new Uint32Array(8);
fill();

addEventListener("message", ({ data }) => {
  const bits = Number.parseInt(data, 10);
  const encoder = new TextEncoder();
  for (let number = 0; ; number += 1) {
    if (zeroBits(digest(encoder.encode(`${data}:${number}`))) >= bits) {
      postMessage(String(number));
      return;
    }
  }
});

// The constants are the first 32 bits of the fractions of the cube and square roots of the first primes (FIPS 180-4).
function fill() {
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  for (let found = 0, next = 2; found < 64; next += 1) {
    let prime = true;
    for (let by = 2; by * by <= next; by += 1) if (next % by === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(next));
    K[found] = fraction(Math.cbrt(next));
    found += 1;
  }
}

function digest(bytes) {
  const padded = new Uint8Array(((bytes.length + 8) >> 6 << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) round(state, words, view, at);
  return state;
}

function round(state, words, view, at) {
  for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15];
    const b = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

function zeroBits(state) {
  let bits = 0;
  for (const word of state) {
    if (word) return bits + Math.clz32(word);
    bits += 32;
  }
  return bits;
}
