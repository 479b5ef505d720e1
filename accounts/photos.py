"""Photos of people: judged by content, drawn anew upright and small, without a byte of the file that was sent.

This module runs in a child of core/sandbox.py, which knows no settings; only another job of such a child imports it
(SAFETY 0.2).
"""

import base64
import io
import struct
import warnings
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
MOST_PIXELS = 25_000_000
LEAST_SIDE = 16
MOST_ASPECT = 10
MOST_FRAMES = 500
LARGE, SMALL = 512, 96  # the longer side of the whole picture; both sides of the face beside a name
GAP = 1.8  # a JPEG is decoded at the smallest scale that is still so many times the wanted size
PAPER = (255, 255, 255)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked here, for every size


class Fault(Exception):
    """A picture that is not taken; the argument is the code of the refusal."""


def clean(data: bytes) -> dict[str, Any]:
    """The job: {"large": ..., "small": ...} as JPEG in base64, or {"code": ...} for what is not taken."""
    try:
        picture = judge(data)
        large = draw(picture)
    except Fault as fault:
        return {"code": str(fault)}
    except Image.DecompressionBombError:
        return {"code": "too_many_pixels"}
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error):
        return {"code": "corrupt_image"}  # what Pillow says of broken files differs from decoder to decoder
    small = ImageOps.fit(large, (min(SMALL, *large.size),) * 2, Image.Resampling.LANCZOS)
    return {"large": _jpeg(large), "small": _jpeg(small)}


def judge(data: bytes) -> Image.Image:
    """The opened picture, of which only the header was read. Raises Fault."""
    known = data.startswith(BEGINNINGS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    if not known:
        raise Fault("unsupported_image")
    if data.startswith(b"GIF") and count_gif_frames(data, MOST_FRAMES + 1) > MOST_FRAMES:
        raise Fault("too_many_frames")
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise Fault("too_many_pixels")
    if min(width, height) < LEAST_SIDE:
        raise Fault("too_small")
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise Fault("bad_aspect")
    if not data.startswith(b"GIF") and getattr(picture, "n_frames", 1) > MOST_FRAMES:
        raise Fault("too_many_frames")
    return picture


def draw(picture: Image.Image) -> Image.Image:
    """The first frame, upright, at most LARGE on each side, on a fresh white sheet."""
    width, height = picture.size
    scale = max(1.0, max(width, height) / (LARGE * GAP))
    picture.draft("RGB", (int(width / scale), int(height / scale)))  # a JPEG is decoded at 1/2, 1/4 or 1/8
    picture.load()
    colours = as_colours(picture)
    colours.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    turn = find_turn(picture)
    if turn is not None:
        colours = colours.transpose(turn)
    sheet = Image.new("RGB", colours.size, PAPER)
    sheet.paste(colours, (0, 0), colours if colours.mode == "RGBA" else None)
    return sheet


def count_gif_frames(data: bytes, most: int) -> int:
    """The frames of a GIF by its blocks, counted up to `most`; nothing is decoded. A file that ends early just ends."""
    place, frames = 13 + _table_size(data[10] if len(data) > 10 else 0), 0
    while frames < most and place < len(data):
        mark = data[place]
        if mark == 0x2C and place + 9 < len(data):  # a frame: its place and size, colours, then its blocks
            frames += 1
            place = _skip_blocks(data, place + 11 + _table_size(data[place + 9]))
        elif mark == 0x21:  # an extension
            place = _skip_blocks(data, place + 2)
        elif mark == 0x3B:
            break
        else:
            place += 1
    return frames


def _table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, place: int) -> int:
    while place < len(data) and data[place]:
        place += data[place] + 1
    return place + 1


def as_colours(picture: Image.Image) -> Image.Image:
    """The picture as RGB, or RGBA where something shines through."""
    if picture.mode.startswith(("I", "F")):  # 16 bits a pixel
        return picture.point(lambda value: value / 256).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def find_turn(picture: Image.Image) -> Image.Transpose | None:
    """How the camera was held; broken camera data says nothing."""
    try:
        return TURNS.get(picture.getexif().get(0x0112, 1))
    except Exception:  # whatever a broken EXIF block raises, the picture itself is fine
        return None


def _jpeg(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")
