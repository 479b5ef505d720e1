/* Replies that are not acknowledged yet, kept over a reload in IndexedDB "livechat-outbox" (declared storage).
   A reply leaves it with its acknowledgement; those of another person or of yesterday are thrown away. */

const DAY = 24 * 3600 * 1000;

function ask(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

export function openOutbox(owner) {
  let opened;
  const store = async (mode) => {
    opened ??= (() => {
      const request = indexedDB.open("livechat-outbox", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("replies", { keyPath: "id" });
      return ask(request);
    })();
    return (await opened).transaction("replies", mode).objectStore("replies");
  };
  return {
    async load() {
      const replies = await store("readwrite");
      const kept = [];
      for (const reply of await ask(replies.getAll())) {
        if (reply.owner === owner && Date.now() - reply.at < DAY) kept.push(reply);
        else replies.delete(reply.id);
      }
      return kept.sort((a, b) => (a.id < b.id ? -1 : 1)).map((reply) => reply.frame);
    },
    async put(frame) { await ask((await store("readwrite")).put({ id: frame.id, owner, at: Date.now(), frame })); },
    async drop(id) { await ask((await store("readwrite")).delete(id)); },
  };
}
