"""The gate before openpyxl: what kind of file these bytes are, and an .xlsx rebuilt from the few parts that we read.

Nothing here trusts a name or a declared size: kinds are told by content, parts are unpacked under a counted limit, and
a document type declaration in any encoding is refused (SAFETY: spreadsheet, section 0.1).
"""

import contextlib
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

MIB = 1024 * 1024
MOST_PEOPLE = 100
LARGEST_FILE = 10 * MIB
LARGEST_PART = 20 * MIB  # of XML that we read: the sheet, the table of texts
LARGEST_PLAN = 1 * MIB  # workbook.xml and its relations
LARGEST_SUM = 128 * MIB  # all parts together, as declared
LARGEST_LOOK = 64 * MIB  # all XML that is looked at for document types, as counted
MOST_PARTS = 2000
MANY_ROWS = 1000  # a sheet with so many filled rows is refused from its first bytes
FIRST_BYTES = 256 * 1024

BIFF_BEGINS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")  # .xls of before 1997, without a container
BIFF_LENGTHS = (b"\x04\0", b"\x06\0", b"\x08\0", b"\x10\0")
XML_NAMES = (".xml", ".rels", ".vml")
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCTYPES = re.compile(
    b"|".join(
        re.escape(word.encode(encoding))
        for word in ("<!DOCTYPE", "<!ENTITY")
        for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    )
)
ODD_ENCODINGS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "cp500", "utf-7")


class FileProblem(Exception):
    """The file is refused. `code` is the word for programs; `fact` picks or fills the sentence."""

    def __init__(self, code: str, fact: str = "") -> None:
        super().__init__(code, fact)
        self.code = code
        self.fact = fact


@dataclass(frozen=True)
class Part:
    """One member of the archive under its plain name."""

    name: str
    info: zipfile.ZipInfo


# ---- What kind of file -------------------------------------------------------------------------------------
def check_kind(data: bytes, name: str = "") -> None:
    """Raises FileProblem unless the bytes begin as a zip archive; `name` only helps to call plain text a .csv."""
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise FileProblem("empty_file")
    if len(data) > LARGEST_FILE:
        raise FileProblem("too_large", "bytes")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _ole_problem(data)
    if data[:2] in BIFF_BEGINS and data[2:4] in BIFF_LENGTHS:
        raise FileProblem("unsupported_format", "xls")
    raise _text_problem(data, name)


def _ole_problem(data: bytes) -> FileProblem:
    """A compound file: an encrypted .xlsx, an old .xls, or a document of another program."""

    def has(word: str) -> bool:
        return word.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        return FileProblem("encrypted")
    if has("WordDocument") or has("PowerPoint Document") or has("__substg1.0") or has("__properties_version1.0"):
        return FileProblem("not_a_spreadsheet")
    return FileProblem("unsupported_format", "xls")


def _text_problem(data: bytes, name: str) -> FileProblem:
    text = _as_text(data[:65536])
    if text is None:
        return FileProblem("not_a_spreadsheet")
    start = text.lstrip()[:4096].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in start:
        return FileProblem("unsupported_format", "xml")
    if "urn:oasis:names:tc:opendocument" in start and "spreadsheet" in start:
        return FileProblem("unsupported_format", "ods")
    if start.startswith(("<", "{\\rtf", "%pdf", "%!ps")):
        is_table = "<table" in text.lower()
        return FileProblem("unsupported_format", "html") if is_table else FileProblem("not_a_spreadsheet")
    if name.lower().endswith((".csv", ".tsv", ".txt")) or _looks_separated(text):
        return FileProblem("unsupported_format", "csv")
    return FileProblem("not_a_spreadsheet")


def _as_text(data: bytes) -> str | None:
    """The start of a text file, or None for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[: len(data) // 2 * 2].decode("utf-16", "replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # a letter was cut in two
            return data[: error.start].decode("utf-8-sig")
    text = data.decode("cp1252", "replace")
    strange = sum(char < " " and char not in "\t\r\n\f" for char in text)
    return text if strange == 0 else None


def _looks_separated(text: str) -> bool:
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    for mark in (";", "\t", ",", "|"):
        counts = {line.count(mark) for line in lines}
        if 0 not in counts and len(counts) <= 2:
            return True
    return bool(lines) and all("@" in line for line in lines[1:]) and "@" in lines[-1]


# ---- The archive -------------------------------------------------------------------------------------------
class Container:
    """An .xlsx archive of which the directory was judged; parts are unpacked one by one under a counted limit."""

    def __init__(self, data: bytes) -> None:
        """Raises FileProblem where the directory alone says that the file must not be opened."""
        self.data = data
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
            infos = self.archive.infolist()
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError, zlib.error, OSError):
            raise FileProblem("corrupt") from None
        if len(infos) > MOST_PARTS:
            raise FileProblem("too_large", "parts")
        self.parts = self._named(infos)
        self._check_kind()
        self._check_directory(infos)

    def _named(self, infos: list[zipfile.ZipInfo]) -> dict[str, Part]:
        """Parts by name in lower case, as the format compares them. A name twice, or one that climbs, is refused."""
        parts: dict[str, Part] = {}
        for info in infos:
            name = info.filename.replace("\\", "/").lstrip("/").lower()
            if ".." in name.split("/") or ":" in name or "\0" in name:
                raise FileProblem("unsafe_content", "names")
            if name.endswith("/"):
                continue
            if name in parts:
                raise FileProblem("unsafe_content", "names")
            parts[name] = Part(name, info)
        return parts

    def _check_kind(self) -> None:
        names = self.parts.keys()
        if "mimetype" in names:
            kind = self.unpack("mimetype", 200)
            if b"opendocument.spreadsheet" in kind:
                raise FileProblem("unsupported_format", "ods")
            raise FileProblem("not_a_spreadsheet")
        if any(name.endswith(".iwa") for name in names):
            raise FileProblem("unsupported_format", "numbers")
        if any(part.info.flag_bits & 0x1 for part in self.parts.values()):
            raise FileProblem("encrypted")
        if "xl/workbook.bin" in names:
            raise FileProblem("unsupported_format", "xlsb")
        if "[content_types].xml" not in names or not self._has_workbook():
            raise FileProblem("not_a_spreadsheet" if not any(n.startswith("xl/") for n in names) else "corrupt")

    def _has_workbook(self) -> bool:
        types = self.unpack("[content_types].xml", LARGEST_PLAN)
        if _has_doctype(types):
            raise FileProblem("unsafe_content", "doctype")
        plain = types.replace(b"\0", b"").lower()
        if (
            b"macroenabled" in plain
            or b"vbaproject" in plain
            or b"intlmacrosheet" in plain
            or b"macrosheet+xml" in plain
        ):
            raise FileProblem("unsafe_content", "macros")
        return b"sheet.main+xml" in plain or b"template.main+xml" in plain

    def _check_directory(self, infos: list[zipfile.ZipInfo]) -> None:
        if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in self.parts):
            raise FileProblem("unsafe_content", "macros")
        if sum(info.file_size for info in infos) > LARGEST_SUM:
            raise FileProblem("too_large", "unpacked")
        for part in self.parts.values():
            if part.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise FileProblem("corrupt")
        end = 0  # parts that lie on each other unpack to more than the file can hold
        for info in sorted(infos, key=lambda one: one.header_offset):
            if info.header_offset < end:
                raise FileProblem("unsafe_content", "overlap")
            end = info.header_offset + 30 + info.compress_size

    def unpack(self, name: str, most: int) -> bytes:
        """One whole part, of at most `most` bytes; what its header says of its size is not believed."""
        return b"".join(self.stream(name, most))

    def stream(self, name: str, most: int, *, enough: int = 0) -> Iterator[bytes]:
        """A part piece by piece. More than `most` bytes is `too_large`; with `enough` it stops there without a word."""
        part = self.parts.get(name)
        if part is None:
            raise FileProblem("corrupt")
        if part.info.file_size > most and not enough:
            raise FileProblem("too_large", "unpacked")
        packed, info = self._packed(part.info), part.info
        inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        total, crc = 0, 0
        while True:
            try:
                piece = inflate.decompress(packed, 1 << 18) if inflate else packed[: 1 << 18]
            except zlib.error:
                raise FileProblem("corrupt") from None
            packed = inflate.unconsumed_tail if inflate else packed[1 << 18 :]
            total += len(piece)
            crc = zlib.crc32(piece, crc)
            if total > most and not enough:
                raise FileProblem("too_large", "unpacked")
            yield piece
            if enough and total >= enough:
                return
            if not piece and (not packed or inflate is None or inflate.eof):
                break
        if (inflate and not inflate.eof) or total != info.file_size or crc != info.CRC:
            raise FileProblem("corrupt")

    def _packed(self, info: zipfile.ZipInfo) -> bytes:
        head = self.data[info.header_offset : info.header_offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise FileProblem("corrupt")
        start = info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        packed = self.data[start : start + info.compress_size]
        if len(packed) != info.compress_size:
            raise FileProblem("corrupt")
        return packed

    # ---- Finding the sheet ----
    def find_sheet(self) -> str:
        """The name of the part with the first visible worksheet. `no_rows` where every sheet is hidden."""
        relations = self._relations("_rels/.rels", "")
        book = next((target for kind, target in relations.values() if kind.endswith("/officedocument")), "")
        if book not in self.parts:
            book = "xl/workbook.xml"
        sheets = _elements(self._plan(book), "sheet")
        folder, base = posixpath.split(book)
        related = self._relations(f"{folder}/_rels/{base}.rels".lstrip("/"), folder)
        for sheet in sheets:
            ident = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id" and ":" in key), "")
            kind, target = related.get(ident, ("", ""))
            if sheet.get("state", "visible").lower() in ("hidden", "veryhidden"):
                continue
            if kind.endswith("/worksheet"):
                if target not in self.parts:
                    raise FileProblem("corrupt")
                return target
        if not sheets or not any(kind.endswith("/worksheet") for kind, _ in related.values()):
            raise FileProblem("corrupt")
        raise FileProblem("no_rows", "hidden")

    def find_texts(self) -> str:
        """The name of the part with the shared texts, "" where there is none."""
        return next((name for name in self.parts if posixpath.basename(name) == "sharedstrings.xml"), "")

    def _plan(self, name: str) -> bytes:
        data = self.unpack(name, LARGEST_PLAN)
        if _has_doctype(data):
            raise FileProblem("unsafe_content", "doctype")
        return data

    def _relations(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """Per id the kind and the plain name of the target; without those that lead out of the file."""
        if name not in self.parts:
            return {}
        found = {}
        for item in _elements(self._plan(name), "relationship"):
            if item.get("TargetMode", "").lower() != "external":
                target = item.get("Target", "").replace("\\", "/")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[item.get("Id", "")] = (item.get("Type", "").lower(), posixpath.normpath(whole).lower())
        return found

    def look_for_many_rows(self, sheet: str) -> None:
        """Refuses a sheet of which the first bytes hold a thousand filled rows, before anything else is read."""
        first = b"".join(self.stream(sheet, LARGEST_PART, enough=FIRST_BYTES))
        rows = first.split(b"<row ")
        if len(rows) > MANY_ROWS and sum(b"<v>" in row or b"<t>" in row for row in rows) > MANY_ROWS:
            raise FileProblem("too_many_rows")

    def check_sizes(self, sheet: str) -> None:
        """From the directory alone: is what we would read too large?"""
        for name in filter(None, (sheet, self.find_texts())):
            if self.parts[name].info.file_size > LARGEST_PART:
                raise FileProblem("too_large", "unpacked")

    # ---- What the child does ----
    def check_content(self) -> None:
        """Unpacks every XML part under the limit and refuses one with a document type declaration."""
        left = LARGEST_LOOK
        for name in self.parts:
            if name.endswith(XML_NAMES):
                start, last = b"", b""
                for piece in self.stream(name, left):
                    left -= len(piece)
                    if len(start) < FIRST_BYTES:
                        start += piece
                    if DOCTYPES.search(last + piece):
                        raise FileProblem("unsafe_content", "doctype")
                    last = piece[-40:]
                if _has_doctype(start):
                    raise FileProblem("unsafe_content", "doctype")

    def rebuild(self, sheet: str) -> bytes:
        """A fresh archive with nothing but this sheet's cells and the shared texts, for openpyxl."""
        texts = self.find_texts()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as clean:
            clean.writestr("[Content_Types].xml", CONTENT_TYPES)
            clean.writestr("_rels/.rels", RELATIONS)
            clean.writestr("xl/workbook.xml", WORKBOOK)
            clean.writestr("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS)
            clean.writestr("xl/worksheets/sheet1.xml", _cells_only(_plain_xml(self.unpack(sheet, LARGEST_PART))))
            strings = _plain_xml(self.unpack(texts, LARGEST_PART)) if texts else NO_TEXTS
            clean.writestr("xl/sharedStrings.xml", strings)
        return out.getvalue()


# ---- XML ------------------------------------------------------------------------------------------------------
def _has_doctype(data: bytes) -> bool:
    """Whether the XML declares a document type, in whatever encoding."""
    found: list[bool] = []
    parser = expat.ParserCreate()

    def declared(*words: object) -> None:
        found.append(True)

    def begun(*words: object) -> None:
        raise StopIteration

    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = begun
    with contextlib.suppress(expat.ExpatError, StopIteration, LookupError, ValueError):
        parser.Parse(data, False)
    if found:
        return True
    start = data[:65536]
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        return True
    for encoding in ODD_ENCODINGS:
        text = start.decode(encoding, "ignore")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return True
    return False


def _elements(data: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of every element of this local name. Raises FileProblem for what is no XML."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()

    def begun(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2].lower() == name:
            found.append(attributes)

    parser.StartElementHandler = begun
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise FileProblem("corrupt") from None
    return found


def _plain_xml(data: bytes) -> bytes:
    """The part in UTF-8 and in the usual namespace, as openpyxl wants it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        wide = "utf-16" if data[0] > 0xF0 else ("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
        try:
            text = data.decode(wide)
        except UnicodeDecodeError:
            raise FileProblem("corrupt") from None
        data = re.sub(r"^\ufeff?<\?xml[^>]*\?>", "", text).encode("utf-8", "replace")
    return data.replace(STRICT, MAIN)


ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet\b[^>]*>")


def _cells_only(data: bytes) -> bytes:
    """The sheet without what stands before and after its cells: views, rules, links, drawings."""
    if re.search(rb"\br=[\"']\d{8,}", data):
        raise FileProblem("corrupt")
    root = ROOT.search(data)
    if root is None or root.group().endswith(b"/>"):
        return data
    prefix = root.group(1)
    begin = data.find(b"<" + prefix + b"sheetData", root.end())
    if begin < 0:
        return data
    closing = b"</" + prefix + b"sheetData>"
    end = data.rfind(closing)
    tag_end = data.find(b">", begin)
    if data[tag_end - 1 : tag_end] == b"/":
        end = tag_end + 1
    elif end < 0:
        return data
    else:
        end += len(closing)
    return data[: root.end()] + data[begin:end] + b"</" + prefix + b"worksheet>"


_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = (
    f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_TYPE}.sharedStrings+xml"/></Types>'
)
RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_REL}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN.decode()}" xmlns:r="{_REL}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_REL}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
NO_TEXTS = f'<sst xmlns="{MAIN.decode()}"/>'.encode()
