"""Translation catalogs: reads .po files and writes the .mo files that Django loads, without gettext's programs."""

import ast
import struct
from pathlib import Path

MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """msgid -> msgstr of a catalog; fuzzy and empty translations are left out, the header has the empty msgid.

    Raises ValueError for a line that is not understood (contexts and plurals are not used here).
    """
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    part, is_fuzzy = "", False
    for number, raw in enumerate([*text.splitlines(), ""], start=1):
        line = raw.strip()
        if line.startswith("#"):
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif not line:
            if entry.get("msgstr") and not is_fuzzy:
                found[entry["msgid"]] = entry["msgstr"]
            entry, part, is_fuzzy = {}, "", False
        elif line.startswith('"') and part:
            entry[part] += ast.literal_eval(line)
        else:
            part, _space, quoted = line.partition(" ")
            if part not in ("msgid", "msgstr") or not quoted.startswith('"'):
                raise ValueError(f"line {number} is not understood: {line[:60]}")
            entry[part] = ast.literal_eval(quoted)
    return found


def write_mo(catalog: dict[str, str]) -> bytes:
    """The catalog as GNU gettext's binary format, ids sorted."""
    pairs = sorted((key.encode(), value.encode()) for key, value in catalog.items())
    start = 28 + 16 * len(pairs)
    ids, texts, places = b"", b"", []
    for key, value in pairs:
        places.append((len(key), len(ids), len(value), len(texts)))
        ids += key + b"\0"
        texts += value + b"\0"
    keys = b"".join(struct.pack("<II", length, start + at) for length, at, _length, _at in places)
    values = b"".join(struct.pack("<II", length, start + len(ids) + at) for _length, _at, length, at in places)
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + keys + values + ids + texts


def compile_catalogs(folder: Path) -> list[Path]:
    """Writes the .mo file beside each .po file below `folder`; answers those that changed."""
    changed = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target, content = source.with_suffix(".mo"), write_mo(read_po(source.read_text(encoding="utf-8")))
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
            changed.append(target)
    return changed
