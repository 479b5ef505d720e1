/* What this chat keeps: the receipt, the download, the deletion. Fetched when the visitor asks for one of them. */

export async function draw({ $, words, word, lang, clock, day, post, recall }) {
  const kept = await post("/widget/data/", { secret: recall() });
  $("kept-about").textContent = kept.started
    ? word("about", "", { "%d": `${day(kept.started)}, ${clock(kept.started)}` }) : words.aboutNone;
  $("kept-seen").textContent = kept.seen_by.length
    ? word("seenBy", new Intl.ListFormat(lang).format(kept.seen_by)) : words.seenByNone;
  if (kept.policy && $("kept-policy")) $("kept-policy").href = kept.policy.url;
  $("kept-rows").replaceChildren(...kept.rows.map((row) => drawRow(row, word, day)));
}

function drawRow(row, word, day) {
  const pair = document.createElement("div");
  const [what, until] = [document.createElement("dt"), document.createElement("dd")];
  what.textContent = row.count === null ? row.what : `${row.what}, ${row.count}`;
  until.textContent = row.until ? word("until", day(row.until)) : row.never;
  if (!row.until) until.className = "none";
  pair.append(what, until);
  return pair;
}

/* JSON, or a zip file with it and the files of the chats. */
export async function download({ recall }) {
  const answer = await fetch("/widget/download/", { method: "POST", credentials: "omit", body: JSON.stringify({ secret: recall() }),
    headers: { "Content-Type": "application/json", Accept: "application/json" } });
  if (!answer.ok) throw new Error("download");
  save(await answer.blob(), answer.headers.get("Content-Type").startsWith("application/zip") ? "chat.zip" : "chat.json");
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/* The conversation to read: plain text, in the visitor's own time. */
export async function text({ post, recall }) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { name, text } = await post("/widget/text/", { secret: recall(), zone });
  save(new Blob([text], { type: "text/plain" }), name);
}

/* Answers whether everything is gone. */
export async function erase({ post, recall }) {
  return (await post("/widget/delete/", { secret: recall() })).deleted;
}
