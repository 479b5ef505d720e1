"""What a file is, judged by content and not by name; pictures are drawn anew, everything else is left as it is.

This module runs in a child of core/sandbox.py, which knows no settings (SAFETY: attachments, 0.1, 0.2). Nothing is
unpacked: of a zip file only its directory is read.
"""

import base64
import io
import re
import struct
import warnings
import zipfile
from dataclasses import dataclass
from typing import Any

from PIL import Image

from accounts.photos import as_colours, count_gif_frames, find_turn

PICTURES = ("JPEG", "PNG", "WEBP", "GIF")
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 3200  # a larger picture is made smaller: a screenshot stays legible, and drawing it anew takes a second
MOST_FRAMES = 500
MOVING_FRAMES, MOVING_PIXELS = 120, 12_000_000  # an animation of up to so many frames and pixels in all stays one
LARGEST_PNG = 3_000_000  # a drawing is smaller than that; a photo that came as PNG becomes a JPEG
PAPER = (255, 255, 255)
MOST_PARTS = 5_000  # of a zip file
UNPACKED = 1_000_000_000  # bytes that a zip file may say it unpacks to
RATIO = 200  # and how many times larger than it is, above 50 MB

TEXTS = {"txt": "text/plain", "csv": "text/csv", "log": "text/plain"}
OFFICE = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
MACROS = re.compile(r"(^|/)(vba(project|data)[^/]*|macrosheets/.*|activex/.*)$", re.IGNORECASE)
OPEN_MACROS = re.compile(r"^(basic|scripts)/.", re.IGNORECASE)
# what a computer runs when somebody opens it
PROGRAMS = re.compile(
    r"\.(exe|dll|scr|com|pif|cpl|msi|msp|msix|appx|bat|cmd|ps1|psm1|vbs|vbe|js|jse|mjs|wsf|wsh|hta|jar|lnk|scf|reg|"
    r"chm|iso|img|vhdx?|dmg|pkg|app|apk|deb|rpm|sh|command|desktop|docm|dotm|xlsm|xltm|xlsb|xlam|pptm|potm|ppam)$",
    re.IGNORECASE,
)
PROGRAM_BEGINNINGS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# a script, a program to start, or another file inside a PDF, as far as its own text shows it
ACTIVE = re.compile(rb"/S\s*/JavaScript|/JS\s*(\(|\d+\s+\d+\s+R)|/Launch\b|/EmbeddedFile\b")
MARKUP = re.compile(rb"\s*(<!doctype|<html|<head|<body|<svg|<script|<iframe|<\?xml|<\?php|<!--)", re.IGNORECASE)
BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # no text has these; escape stands in the logs of terminals

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked here, for every size


class Fault(Exception):
    """A file that is not taken; the argument is the code of the refusal."""


@dataclass
class Kind:
    """What a file is: the ending of its name, its type, and of a picture the new bytes and the size."""

    ending: str
    content_type: str
    picture: bytes = b""
    width: int = 0
    height: int = 0


def judge(data: bytes, *, ending: str) -> dict[str, Any]:
    """The job: what the bytes are, or {"code": ...}. `ending` is that of the name ("pdf"); it matters for text only."""
    try:
        kind = _judge(data, ending)
    except Fault as fault:
        return {"code": str(fault)}
    except Image.DecompressionBombError:
        return {"code": "too_many_pixels"}
    return {
        "ending": kind.ending, "type": kind.content_type, "w": kind.width, "h": kind.height,
        "picture": base64.b64encode(kind.picture).decode("ascii"),
    }  # fmt: skip


def _judge(data: bytes, ending: str) -> Kind:
    if data.startswith(BEGINNINGS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return _draw_safely(data)
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK"):
        return _zip(data)
    if data.startswith(PROGRAM_BEGINNINGS) or PROGRAMS.search(f".{ending}"):
        raise Fault("program")
    if data.startswith(OLD_OFFICE):
        raise Fault("old_office")
    if ending in TEXTS:
        return _text(data, ending)
    raise Fault("disguise" if ending in KNOWN_ENDINGS else "unknown_kind")


KNOWN_ENDINGS = {"jpg", "jpeg", "png", "gif", "webp", "pdf", "zip", "docx", "xlsx", "pptx", "odt", "ods", *TEXTS}


# ---- text, PDF, zip -------------------------------------------------------------------------------------------
def _text(data: bytes, ending: str) -> Kind:
    """Text in any usual encoding; a page or a picture in words is none."""
    body = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            body = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise Fault("disguise") from None
    if BINARY.search(body) or MARKUP.match(body):
        raise Fault("disguise")
    return Kind(ending, TEXTS[ending])


def _pdf(data: bytes) -> Kind:
    """A PDF from its first byte to its last mark, and nothing else at the same time."""
    if b"%%EOF" not in data[-2048:]:
        raise Fault("corrupt_file")
    if zipfile.is_zipfile(io.BytesIO(data)) or ACTIVE.search(data):
        raise Fault("active_pdf")
    return Kind("pdf", "application/pdf")


def _zip(data: bytes) -> Kind:
    """An office document or a plain zip file, by its directory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            _check_parts(data, parts)
            names = [part.filename.replace("\\", "/") for part in parts]
            return _document(packed, names) or _plain_zip(names)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError, OSError, RuntimeError):
        raise Fault("corrupt_file") from None


def _check_parts(data: bytes, parts: list[zipfile.ZipInfo]) -> None:
    if not parts or len(parts) > MOST_PARTS:
        raise Fault("corrupt_file" if not parts else "too_much_inside")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED or (unpacked > 50_000_000 and unpacked > RATIO * len(data)):
        raise Fault("too_much_inside")
    if min(part.header_offset for part in parts) != 0 or _end_of_zip(data) != len(data):
        raise Fault("disguise")  # something stands before or behind the zip file: it is two files in one
    places = sorted((part.header_offset, part.compress_size) for part in parts)
    if any(place + size > following for (place, size), (following, _) in zip(places, places[1:], strict=False)):
        raise Fault("too_much_inside")  # parts that lie over each other: a bomb


def _end_of_zip(data: bytes) -> int:
    """Where the last record of a zip file ends, with its comment; 0 when there is none."""
    place = data.rfind(b"PK\x05\x06")
    if place < 0 or place + 22 > len(data):
        return 0
    return place + 22 + int(struct.unpack_from("<H", data, place + 20)[0])


def _document(packed: zipfile.ZipFile, names: list[str]) -> Kind | None:
    """The office document that this is; None for none."""
    if "[Content_Types].xml" in names:
        with packed.open("[Content_Types].xml") as file:
            types = file.read(1_000_000)
        if b"macroEnabled" in types or b"ms-office.vbaProject" in types or any(map(MACROS.search, names)):
            raise Fault("macros")
        for folder, (ending, content_type) in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return Kind(ending, content_type)
    if names[0] == "mimetype":
        with packed.open("mimetype") as file:
            word = file.read(200)
        ending = OPEN_DOCUMENTS.get(word.strip(), "")
        if not ending:
            raise Fault("unknown_kind")
        if any(map(OPEN_MACROS.search, names)):
            raise Fault("macros")
        return Kind(ending, word.strip().decode("ascii"))
    return None


def _plain_zip(names: list[str]) -> Kind:
    if any(PROGRAMS.search(name.rstrip(". ")) for name in names):
        raise Fault("program")
    return Kind("zip", "application/zip")


# ---- pictures -------------------------------------------------------------------------------------------------
def _draw_safely(data: bytes) -> Kind:
    try:
        return _draw(data)
    except Image.DecompressionBombError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error):
        raise Fault("corrupt_image") from None  # what Pillow says of broken files differs from decoder to decoder


def _draw(data: bytes) -> Kind:
    """The picture drawn anew on a fresh sheet: no byte and no note of the file that was sent."""
    if data.startswith(b"GIF") and count_gif_frames(data, MOST_FRAMES + 1) > MOST_FRAMES:
        raise Fault("too_many_frames")
    source = Image.open(io.BytesIO(data), formats=PICTURES)
    width, height = source.size
    if width * height > MOST_PIXELS:
        raise Fault("too_many_pixels")
    frames = getattr(source, "n_frames", 1)
    if 1 < frames <= MOVING_FRAMES and frames * width * height <= MOVING_PIXELS:
        return _draw_moving(source, frames)
    source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    source.load()
    kind = source.format
    colours = as_colours(source)
    if max(colours.size) > LONGEST_SIDE:
        colours.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    turn = find_turn(source)
    if turn is not None:
        colours = colours.transpose(turn)
    return _encode(colours, as_photo=kind in ("JPEG", "WEBP"))


def _encode(colours: Image.Image, *, as_photo: bool) -> Kind:
    if colours.mode == "RGBA" or not as_photo:
        sheet = Image.new(colours.mode, colours.size)
        sheet.paste(colours)
        out = io.BytesIO()
        sheet.save(out, "PNG", compress_level=4)
        if out.tell() <= LARGEST_PNG:
            return Kind("png", "image/png", out.getvalue(), *sheet.size)
    out = io.BytesIO()
    _on_paper(colours).save(out, "JPEG", quality=88)
    return Kind("jpg", "image/jpeg", out.getvalue(), *colours.size)


def _draw_moving(source: Image.Image, frames: int) -> Kind:
    """An animation, frame by frame, as GIF."""
    pictures, times = [], []
    for number in range(frames):
        source.seek(number)
        times.append(min(10_000, max(20, int(source.info.get("duration", 100) or 100))))
        pictures.append(_on_paper(as_colours(source)))
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0)
    return Kind("gif", "image/gif", out.getvalue(), *pictures[0].size)


def _on_paper(colours: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", colours.size, PAPER)
    sheet.paste(colours, (0, 0), colours if colours.mode == "RGBA" else None)
    return sheet
