"""Files for tests: one of each kind that is taken, and disguises that are not."""

import io
import zipfile

from PIL import Image, ImageSequence

from accounts.tests.pictures import SECRET, encoded, gif_of, phone_photo, plain, png_header
from chat.testing import PDF

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
WORD = f"{OFFICE}.wordprocessingml.document.main+xml"
HOSTILE_NAME = "../../\u202egpj.<img src=x onerror=alert(1)>\u0000'\"{{7*7}} \u2066exe.pdf"


def packed(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    """A zip file with these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def office(folder: str, kind: str = WORD, **more: bytes) -> bytes:
    """A document of Word ("word"), Excel ("xl") or PowerPoint ("ppt"), as far as its directory goes."""
    types = f'<Types><Override PartName="/{folder}/main.xml" ContentType="{kind}"/></Types>'.encode()
    return packed({"[Content_Types].xml": types, f"{folder}/main.xml": b"<main/>", **more})


def open_document(kind: str, **more: bytes) -> bytes:
    """A document of LibreOffice."""
    parts = {"mimetype": f"{OPEN}.{kind}".encode(), "content.xml": b"<content/>", **more}
    return packed(parts, stored=True)


def moving(frames: int = 12) -> bytes:
    """An animation: a red square that goes to the right."""
    pictures = []
    for number in range(frames):
        picture = Image.new("RGB", (80, 60), "white")
        picture.paste("red", (number * 4, 10, number * 4 + 20, 30))
        pictures.append(picture)
    return encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=80, loop=0, comment=SECRET)


def screenshot() -> bytes:
    """A PNG with a comment in it that must not go on."""
    return plain((1200, 800), "PNG", "RGB")


# name -> bytes, the name that is kept, its type
GOOD = {
    "scan.PDF": (PDF, "scan.pdf", "application/pdf"),
    "notes.txt": ("Grüße\nzwei".encode(), "notes.txt", "text/plain"),
    "old.txt": ("Grüße".encode("cp1252"), "old.txt", "text/plain"),
    "wide.txt": ("Grüße".encode("utf-16"), "wide.txt", "text/plain"),
    "list.csv": (b"name;price\nsaddle;20\n", "list.csv", "text/csv"),
    "app.log": (b"\x1b[31mERROR\x1b[0m <html> is not the first word\n", "app.log", "text/plain"),
    "offer.docx": (office("word"), "offer.docx", f"{OFFICE}.wordprocessingml.document"),
    "sums.xlsx": (office("xl"), "sums.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    "talk.pptx": (office("ppt"), "talk.pptx", f"{OFFICE}.presentationml.presentation"),
    "letter.odt": (open_document("text"), "letter.odt", f"{OPEN}.text"),
    "table.ods": (open_document("spreadsheet"), "table.ods", f"{OPEN}.spreadsheet"),
    "all.zip": (packed({"a/b.txt": b"hello", "Basic/x.txt": b"y"}), "all.zip", "application/zip"),
    "IMG_0042.JPG": (phone_photo(), "IMG_0042.jpg", "image/jpeg"),
    "photo.jpeg": (plain((40, 30)), "photo.jpg", "image/jpeg"),
    "shot.png": (screenshot(), "shot.png", "image/png"),
    "icon.png": (plain((8, 8), "PNG", "RGBA"), "icon.png", "image/png"),
    "web.webp": (plain((64, 48), "WEBP"), "web.jpg", "image/jpeg"),
    "still.gif": (plain((64, 48), "GIF", "P"), "still.png", "image/png"),
    "moves.gif": (moving(), "moves.gif", "image/gif"),
    "program.pdf.exe": (PDF, "program.pdf", "application/pdf"),
    "picture.exe": (plain((40, 30), "PNG"), "picture.png", "image/png"),
}  # fmt: skip
_script = b"<script>alert(1)</script>"
_drawing = b"<svg xmlns='x'>" + _script + b"</svg>"
_opens = PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S /JavaScript/JS(x)>>")
_starts = PDF.replace(b"/Catalog", b"/Catalog/AA<</S/Launch>>")
_macros = office("word", **{"word/vbaProject.bin": b"x"})
_says_macros = office("xl", "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
_basic = open_document("text", **{"Basic/Standard/x.xml": b"x"})
_bomb = packed({f"{n}.txt": b"\0" * 30_000_000 for n in range(3)})
# what it is -> name, bytes, the code of the refusal
BAD = {
    "nothing": ("empty.txt", b"", "empty_file"),
    "a page that calls itself a picture": ("cat.png", b"<!doctype html>" + _script, "disguise"),
    "a drawing with a script that calls itself a picture": ("cat.png", _drawing, "disguise"),
    "a drawing": ("cat.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_kind"),
    "a page": ("page.html", b"<!doctype html>", "unknown_kind"),
    "a page that calls itself text": ("page.txt", b"\xef\xbb\xbf\n <HTML>" + _script, "disguise"),
    "a page in wide letters": ("page.txt", ("<html>" + _script.decode()).encode("utf-16"), "disguise"),
    "a script": ("run.js", b"alert(1)", "program"),
    "a script that calls itself a picture": ("run.png", b"alert(1)//\x89PNG", "disguise"),
    "a shell script": ("notes.txt", b"#!/bin/sh\nrm -rf ~", "program"),
    "a program": ("setup.exe", b"MZ\x90\x00" + b"\0" * 60, "program"),
    "a program that calls itself a PDF": ("bill.pdf", b"MZ\x90\x00" + b"\0" * 60, "program"),
    "a program for Linux": ("bill.txt", b"\x7fELF" + b"\0" * 60, "program"),
    "bytes that call themselves text": ("a.csv", b"a,b\0c", "disguise"),
    "a picture cut off": ("cut.jpg", plain((400, 300))[:200], "corrupt_image"),
    "a picture that claims 4 gigapixels": ("big.png", png_header(65000, 65000), "too_many_pixels"),
    "an animation without end": ("long.gif", gif_of(501), "too_many_frames"),
    "a PDF cut off": ("cut.pdf", PDF[:40], "corrupt_file"),
    "a PDF with a script": ("js.pdf", _opens, "active_pdf"),
    "a PDF that starts a program": ("go.pdf", _starts, "active_pdf"),
    "a PDF that is a zip file too": ("two.pdf", PDF + packed({"a.txt": b"a"}) + b"%%EOF", "active_pdf"),
    "a zip file with something before it": ("two.zip", b"PK\x03\x04pad" + packed({"a.txt": b"a"}), "disguise"),
    "a zip file with something behind it": ("two.zip", packed({"a.txt": b"a"}) + _script, "disguise"),
    "a zip file with a program": ("tools.zip", packed({"a/Setup.EXE ": b"MZ"}), "program"),
    "a zip file cut off": ("cut.zip", packed({"a.txt": b"a" * 100})[:60], "corrupt_file"),
    "a zip file with nothing": ("none.zip", packed({}), "corrupt_file"),
    "a bomb": ("bomb.zip", _bomb, "too_much_inside"),
    "a bomb that calls itself a document": ("bomb.docx", _bomb, "too_much_inside"),
    "a document with macros": ("m.docx", _macros, "macros"),
    "a document that says it has macros": ("m.xlsx", _says_macros, "macros"),
    "a document of LibreOffice with macros": ("m.odt", _basic, "macros"),
    "a presentation of LibreOffice": ("p.odp", open_document("presentation"), "unknown_kind"),
    "an old Word file": ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60, "old_office"),
    "a film": ("film.mp4", b"\0\0\0\x20ftypisom", "unknown_kind"),
    "a file without a name's end": ("README", b"hello", "unknown_kind"),
}  # fmt: skip


def frames_of(data: bytes) -> int:
    return len(list(ImageSequence.Iterator(Image.open(io.BytesIO(data)))))
