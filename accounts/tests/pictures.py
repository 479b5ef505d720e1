"""Pictures for tests: a phone's photo with a place in it, and files that should not be taken."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

SECRET = b"needle-in-the-comment"


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The bytes of a picture."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(size: tuple[int, int] = (64, 48), kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture of one colour."""
    return encoded(Image.new(mode, size), kind, **options)


def phone_photo() -> bytes:
    """12 megapixels, taken with the phone turned (orientation 6), with place, maker, comment and thumbnail.

    As the eye should see it, it stands upright: 3000 x 4000, red above, blue below.
    """
    upright = Image.new("RGB", (3000, 4000), "blue")
    upright.paste("red", (0, 0, 3000, 2000))
    stored = upright.transpose(Image.Transpose.ROTATE_90)  # so that turning it 270 degrees sets it right
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "NeedlePhone"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (52.0, 13.0, 48.0)
    place[3], place[4] = "E", (21.0, 0.0, 30.0)
    return encoded(stored, exif=exif, comment=SECRET, quality=90)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def gif_of(frames: int) -> bytes:
    """A GIF with that many frames, each different from the one before."""
    pictures = []
    for number in range(frames):
        picture = Image.new("P", (32, 32), 0)
        picture.putpixel((number % 32, number // 32), 5)
        pictures.append(picture)
    return encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], comment=SECRET)


def tiff() -> bytes:
    """A picture of a kind that we do not take."""
    return plain(kind="TIFF")


def bad_pictures() -> dict[str, tuple[str, bytes]]:
    """By name: the code of the refusal, and the bytes."""
    good = plain((400, 300))
    return {
        "nothing": ("empty_file", b""),
        "text": ("unsupported_image", b"hello, I am no picture"),
        "svg": ("unsupported_image", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        "tiff": ("unsupported_image", tiff()),
        "bmp": ("unsupported_image", plain(kind="BMP")),
        "eps": ("unsupported_image", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"),
        "pdf": ("unsupported_image", b"%PDF-1.7\n"),
        "cut": ("corrupt_image", good[: len(good) // 2]),
        "beginning of a jpeg only": ("corrupt_image", b"\xff\xd8\xff\xe0" + b"\0" * 60),
        "beginning of a webp only": ("corrupt_image", b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 30),
        "png without pixels": ("corrupt_image", png_header(2000, 2000)),
        "gif header only": ("corrupt_image", b"GIF89a" + b"\x20\0\x20\0\0\0\0"),
        "one dot": ("too_small", plain((1, 1), "PNG")),
        "15 high": ("too_small", plain((100, 15), "PNG")),
        "a strip": ("bad_aspect", plain((400, 36), "PNG")),
        "a pole": ("bad_aspect", plain((36, 400), "PNG")),
        "bomb of 90 megapixels": ("too_many_pixels", encoded(Image.new("L", (10000, 9000)), "PNG")),
        "claims 4 gigapixels": ("too_many_pixels", png_header(65000, 65000)),
        "just over 25 megapixels": ("too_many_pixels", png_header(5001, 5000)),
        "501 frames": ("too_many_frames", gif_of(501)),
        "over 10 MiB": ("too_large", good + b"\0" * (10 * 1024 * 1024)),
    }
