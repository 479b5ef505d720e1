"""Words that mean one person: planted in every declared field, and looked for in everything that the site keeps.

The search here shares nothing with privacy/sweep.py: it reads each table, file and cache entry whole.
"""

import re
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import IntegrityError, connection, models, transaction

import chat.tasks
import forum.tasks
import support.tasks
from accounts.scoping import scopes_disabled
from core.personal_data import Category, Erase, PersonalField, PersonalModel, Subject, registry
from notifications.addresses import hash_address

WORD = re.compile(rb"ndl[0-9a-f]{12}|2001:db8(?::[1-9][0-9]{3}){6}")
# fields that take no word, and why; each other text field of each declared table gets one
NO_WORD = {
    "accounts.ApiKey.prefix": "a few letters of a key",
    "accounts.ApiKey.scopes": "words of a closed list, read as such",
    "accounts.User.language": "a code",
    "accounts.User.photo_key": "the name of a file: the file itself is looked for",
    "accounts.User.time_zone": "a name of a closed list",
    "audit.Entry.action": "the name of a kind of act, in a chain that no row of can be changed",
    "audit.Entry.actor": "a pseudonym in a chain that no row of can be changed",
    "audit.Entry.facts": "as above",
    "audit.Entry.subject": "as above",
    "audit.SubjectKey.pseudonym": "what the log is found by",
    "audit.SubjectKey.subject": "the number of a person",
    "chat.Attachment.path": "the name of a file: its content gets a word",
    "chat.Block.network": "only in blocks of a network, which name no visitor and end on their day",
    "chat.Chat.rating": "one of a closed list",
    "chat.Visitor.language": "a code",
    "forum.ForumMember.warning_version": "a number",
    "operators.Invitation.address_hash": "a keyed hash, by which nobody is invited twice",
    "outbox.Delivery.recipient": "the number of a person",
    "policies.Receipt.purpose": "one of a closed list",
    "policies.Receipt.subject": "the number of a person",
    "privacy.Case.refs": "numbers of persons",
    "privacy.CaseEvent.by": "the number of a person",
    "privacy.Download.owner": "the number of a person",
    "privacy.Download.refs": "numbers of persons",
    "notifications.ReceivedMail.sender_hash": "what the row is found by",
    "notifications.Suppression.address_hash": "a keyed hash, by which nobody is written to again",
    "sessions.Session.session_key": "what the row is found by",
    "support.SupportRequest.language": "a code",
    "usersessions.UserSession.session_key": "what the row is found by",
}
# rows that are found by the address of their person, which is a word itself
BY_ADDRESS = {
    "notifications.UnclaimedMail.address", "operators.ImportRow.email", "privacy.Proof.email", "privacy.Download.email",
    "privacy.ChildReport.email",
}  # fmt: skip


REST = "The wheel is ready at four"  # of an operator's line; it stays


@dataclass
class Planted:
    """The words by person, each with its place ("app.Model.field") and whether a copy must hold it."""

    owners: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    open: set[str] = field(default_factory=set)

    def of(self, ref: Any) -> set[str]:
        """All words of one person."""
        return {word for word, owners in self.owners.items() if ref in owners}

    def add(self, word: str, place: str, refs: Iterable[Any], *, is_open: bool) -> None:
        self.owners[word].update(refs)
        self.places[word].add(place)
        if is_open:
            self.open.add(word)

    def kept(self, word: str) -> bool:
        """Whether the data map keeps the field, or each of the fields, after an erasure."""
        named = [place.rpartition(".") for place in self.places[word]]
        return all(
            model in registry and registry.find(model).field_named(name).erase is Erase.KEEP for model, _, name in named
        )

    def tell(self, words: Iterable[str]) -> list[str]:
        """The places of words, in order."""
        return sorted({place for word in words for place in self.places[word]})


def make_word() -> str:
    return f"ndl{uuid.uuid4().hex[:12]}"


def make_address() -> str:
    """An IPv6 address that both databases write in one way only."""
    digits = f"{uuid.uuid4().int:039d}"
    return "2001:db8:" + ":".join(f"{int(digits[at : at + 4]) % 9000 + 1000}" for at in range(0, 24, 4))


# ---- planting -----------------------------------------------------------------------------------------------
def texts_of(entry: PersonalModel) -> Iterator[PersonalField]:
    """The declared fields of a table that take a word."""
    model = apps.get_model(entry.model)
    for declared in entry.fields:
        column = model._meta.get_field(declared.name)
        is_text = isinstance(column, models.CharField | models.TextField | models.JSONField)
        if (is_text and not column.choices) or isinstance(column, models.GenericIPAddressField):
            yield declared


def plant(keys_by_ref: dict[Any, dict[str, list[Any]]]) -> Planted:
    """Writes a word into each declared field of each row of these persons."""
    planted = Planted()
    addresses = {ref: f"{make_word()}@specimen.example" for ref in keys_by_ref}
    with scopes_disabled():
        for entry in registry:
            owners: dict[Any, list[Any]] = defaultdict(list)
            for ref, keys in keys_by_ref.items():
                for key in keys.get(entry.model, []):
                    owners[key].append(ref)
            for key, refs in owners.items():
                _plant_row(planted, entry, key, refs, addresses)
                if entry.files_of is not None:
                    _plant_files(planted, entry, key, refs)
        _quote()
    return planted


def _quote() -> None:
    """What operators wrote holds no words of their own here, but those of the visitor: these go, the rest stays."""
    said = apps.get_model("chat.Message")._base_manager
    for line in said.filter(author="operator").select_related("chat__visitor"):
        who = line.chat.visitor
        said.filter(pk=line.pk).update(text=f"Dear {who.name}, we write to {who.email} ({who.external_id}). {REST}")


def _plant_row(planted: Planted, entry: PersonalModel, key: Any, refs: list[Any], addresses: dict[Any, str]) -> None:
    model = apps.get_model(entry.model)
    for declared in texts_of(entry):
        place, column = f"{entry.model}.{declared.name}", model._meta.get_field(declared.name)
        if place == "notifications.ReceivedMail.sender_hash":  # the row is found by it
            model._base_manager.filter(pk=key).update(sender_hash=hash_address(addresses[refs[0]]))
        if place in NO_WORD or (place == "chat.Message.text" and _is_of_the_company(key)):
            continue
        word, value = _value_for(column, entry.json.get(declared.name))
        if place in BY_ADDRESS or (entry.is_person and declared.name == "email") or _is_own_address(entry, place):
            value = addresses[refs[0]]
            word = value.partition("@")[0]
        assert not column.max_length or len(str(value)) <= column.max_length, f"NO_WORD: {place} is too short"
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=key).update(**{declared.name: value})
        except IntegrityError:  # this row holds a number where others hold a text; test_needles.py wants one of each
            continue
        planted.add(word, place, refs, is_open=declared.export and declared.category is not Category.SECRET)


def _is_of_the_company(key: int) -> bool:
    """A line of an operator, or of the chat itself."""
    return apps.get_model("chat.Message")._base_manager.filter(pk=key).exclude(author="visitor").exists()


def _is_own_address(entry: PersonalModel, place: str) -> bool:
    """A guest's request stands for the guest: its address is the person's."""
    return entry.stands_for is Subject.GUEST and place.endswith(".email")


def _value_for(column: Any, json: tuple[str, ...] | str | None) -> tuple[str, Any]:
    if isinstance(column, models.GenericIPAddressField):
        address = make_address()
        return address, address
    word = make_word()
    if isinstance(column, models.JSONField):
        return word, {json[0]: word} if isinstance(json, tuple) and json else [word]
    return word, f"{word}@specimen.example" if isinstance(column, models.EmailField) else word


def _plant_files(planted: Planted, entry: PersonalModel, key: Any, refs: list[Any]) -> None:
    assert entry.files_of is not None
    for _name, path in entry.files_of(apps.get_model(entry.model)._base_manager.get(pk=key)):
        word = make_word()
        path.write_bytes(path.read_bytes() + word.encode())
        planted.add(word, f"file of {entry.model}", refs, is_open=True)


# ---- finding ------------------------------------------------------------------------------------------------
def words_in(content: bytes) -> set[str]:
    return {found.decode() for found in WORD.findall(content)}


def words_of_zip(path: Path) -> set[str]:
    """Every word in a copy, in the names of its files too."""
    with zipfile.ZipFile(path) as archive:
        names = " ".join(archive.namelist()).encode()
        return words_in(names).union(*(words_in(archive.read(name)) for name in archive.namelist()))


def compact_indexes() -> None:
    """As at night: the letters of deleted words leave the pages of the search indexes."""
    for tasks in (chat.tasks, forum.tasks, support.tasks):
        tasks.compact_search_index()


def find_everywhere() -> dict[str, set[str]]:
    """Each word that stands anywhere, with its places: tables, search indexes, files below VAR, the cache."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, content in (*_cells(), *_index_words(), *_files(), *_cached()):
        for word in words_in(content):
            found[word].add(place)
    return found


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, memoryview | bytearray | bytes):
        return bytes(value)
    return str(value).encode()


def _cells() -> Iterator[tuple[str, bytes]]:
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # the tables behind the search indexes are no models and not in that list
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
            names = [name for (name,) in cursor.fetchall()]
        for table in names:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  names of the schema
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{name}", _as_bytes(value)) for name, value in zip(columns, row, strict=True))


def _index_words() -> Iterator[tuple[str, bytes]]:
    """The words in the full-text indexes of SQLite, as SQLite itself lists them."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%%USING fts5%%'")
        for (index,) in cursor.fetchall():
            cursor.execute(f"CREATE VIRTUAL TABLE temp.needle_words USING fts5vocab('main', '{index}', 'row')")
            cursor.execute("SELECT term FROM temp.needle_words")
            terms = " ".join(term for (term,) in cursor.fetchall())
            cursor.execute("DROP TABLE temp.needle_words")
            yield f"index {index}", terms.encode()


def _files() -> Iterator[tuple[str, bytes]]:
    for folder in {Path(settings.VAR), Path(settings.MEDIA_ROOT), Path(settings.FILES_ROOT)}:
        for path in folder.rglob("*"):
            if path.is_file():
                yield f"file {path.relative_to(folder)}", str(path).encode() + b" " + path.read_bytes()


def _cached() -> Iterator[tuple[str, bytes]]:
    """Every entry of the cache, on Redis every key of its database, whatever its kind."""
    store: Any = getattr(caches["default"], "_cache", {})
    if isinstance(store, dict):
        yield from ((f"cache {key}", _as_bytes(key) + b" " + _as_bytes(value)) for key, value in store.items())
        return
    client = store.get_client(None, write=True)
    for key in client.scan_iter(count=500):
        yield f"redis {key!r}", key + b" " + (client.dump(key) or b"")
