"""One file that holds the whole site: the database as it was at one moment, media, files of chats, keys."""

import contextlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from chat.files.store import PATH as FILE_PATH
from outbox.actions import park_waiting

FORMAT = 1
SQLITE_NAME = "database/livechat.sqlite3"
PARKED = "restored from a backup: it may have left since; try it again by hand"


class BackupProblem(Exception):
    """A backup that cannot be written or read; the message is a sentence for people."""


def key_files() -> list[Path]:
    """The secrets that the site made for itself; without them a restored site knows nobody's address hash."""
    return [path for path in _key_paths() if path.is_file()]


def _key_paths() -> list[Path]:
    """Where they lie. The key of the file of erased people is left out: it stays beside that file."""
    var = Path(settings.VAR)
    return [var / "secret_key", Path(settings.ADDRESS_KEY_FILE), var / "keys" / "certificates.pem"]


def applied_migrations() -> list[list[str]]:
    """Every applied migration as [app, name]."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


# ---- Writing ----------------------------------------------------------------------------------------
def write_backup(path: Path) -> dict[str, Any]:
    """Writes the backup and answers its manifest. The site may run meanwhile. The file appears whole or not at all."""
    aside = path.with_name(path.name + ".part")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        work = Path(folder)
        tables = _dump_postgresql(work) if connection.vendor == "postgresql" else _dump_sqlite(work)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "vendor": connection.vendor,
            "migrations": applied_migrations(),
            "tables": tables,
            "keys": [key.name for key in key_files()],
        }
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as tar:
                _add_text(tar, "manifest.json", json.dumps(manifest))
                tar.add(work, "database")
                for key in key_files():
                    tar.add(key, f"keys/{key.name}")
                if Path(settings.MEDIA_ROOT).is_dir():
                    tar.add(settings.MEDIA_ROOT, "media")
                _add_chat_files(tar)
            file.flush()
            os.fsync(file.fileno())
    os.replace(aside, path)
    return manifest


def _add_chat_files(tar: tarfile.TarFile) -> None:
    """The files of chats; one whose chat is deleted at this moment is left out."""
    for path in sorted(Path(settings.FILES_ROOT).glob("*/*")):
        name = f"{path.parent.name}/{path.name}"
        if FILE_PATH.fullmatch(name):
            with contextlib.suppress(FileNotFoundError):
                tar.add(path, f"files/{name}")


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(text.encode()), 0o600
    tar.addfile(info, io.BytesIO(text.encode()))


def _dump_sqlite(work: Path) -> dict[str, list[str]]:
    connection.ensure_connection()
    with closing(sqlite3.connect(work / Path(SQLITE_NAME).name)) as copy:
        connection.connection.backup(copy, pages=1000)
    return {}


def _columns(cursor: Any) -> dict[str, list[str]]:
    """Every table of the schema in use with the columns that hold data (generated ones make themselves)."""
    cursor.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name) WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
        " AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def _copy_words(table: str, columns: list[str]) -> str:
    quote = connection.ops.quote_name
    return f"COPY {quote(table)} ({', '.join(map(quote, columns))})"


def _dump_postgresql(work: Path) -> dict[str, list[str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = _columns(cursor)
        for table, columns in tables.items():
            with (
                open(work / f"{table}.copy", "wb") as file,
                cursor.copy(f"{_copy_words(table, columns)} TO STDOUT") as rows,
            ):
                for part in rows:
                    file.write(part)
    return tables


# ---- Reading ----------------------------------------------------------------------------------------
def read_manifest(path: Path) -> dict[str, Any]:
    """What a backup says of itself. Raises BackupProblem for a file that is none, or that does not fit this site."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            file = tar.extractfile("manifest.json")
            manifest: dict[str, Any] = json.loads(file.read()) if file else {}
    except (OSError, tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise BackupProblem(f"{path} is not a backup of this site.") from error
    if manifest.get("format") != FORMAT:
        raise BackupProblem(f"{path} has another format than this version reads.")
    if manifest["vendor"] != connection.vendor:
        raise BackupProblem(
            f"The backup is of {manifest['vendor']}, this site uses {connection.vendor}: "
            "set DATABASE_URL to the same kind."
        )
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    newer = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known]
    if newer:
        raise BackupProblem(f"The backup is from a newer version of the site (it knows {newer[0]}): upgrade first.")
    return manifest


def read_backup(path: Path) -> dict[str, Any]:
    """Replaces database, media and keys by the backup's, migrates to this version, and parks unsent mails.

    Raises BackupProblem before anything is changed.
    """
    manifest = read_manifest(path)
    var = Path(settings.VAR)
    var.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=var, prefix=".restore-") as folder:
        work = Path(folder)
        try:
            with tarfile.open(path, "r:gz") as tar:
                tar.extractall(work, filter="data")
        except (tarfile.TarError, EOFError, OSError) as error:
            raise BackupProblem(f"{path} is damaged.") from error
        if connection.vendor == "postgresql":
            _load_postgresql(work / "database", manifest)
        else:
            _load_sqlite(work / SQLITE_NAME)
        _replace_keys(work / "keys")
        _replace_folder(work / "media", Path(settings.MEDIA_ROOT))
        _replace_folder(work / "files", Path(settings.FILES_ROOT))
    call_command("migrate", verbosity=0, interactive=False)
    manifest["parked"] = park_waiting(reason=PARKED)
    return manifest


def _load_sqlite(source: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(source)) as copy:
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            raise BackupProblem("The database in the backup is damaged.")
        copy.backup(connection.connection)


def _load_postgresql(folder: Path, manifest: dict[str, Any]) -> None:
    """Builds the tables as the backup's version had them, and fills them in one transaction."""
    with connection.cursor() as cursor:
        for table in _columns(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
    for app, name in _last_of_each(manifest["migrations"]):
        call_command("migrate", app, name, verbosity=0, interactive=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        here = _columns(cursor)
        cursor.execute("TRUNCATE " + ", ".join(connection.ops.quote_name(table) for table in here))
        for table, columns in manifest["tables"].items():
            with (
                open(folder / f"{table}.copy", "rb") as file,
                cursor.copy(f"{_copy_words(table, columns)} FROM STDIN") as rows,
            ):
                while part := file.read(65536):
                    rows.write(part)
        models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in here]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _last_of_each(migrations: list[list[str]]) -> list[tuple[str, str]]:
    """The leaf of each app in the backup, as [app, name]."""
    nodes = MigrationLoader(None, ignore_no_migrations=True).graph.node_map
    applied = {(app, name) for app, name in migrations}
    followed = {parent.key for key in applied for parent in nodes[key].parents if parent.key[0] == key[0]}
    return sorted(applied - followed)


def _replace_keys(folder: Path) -> None:
    for target in _key_paths():
        source = folder / target.name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.with_suffix(".new")
            shutil.copyfile(source, aside)
            aside.chmod(0o600)
            os.replace(aside, target)


def _replace_folder(folder: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    if folder.is_dir():
        shutil.move(folder, target)
        target.chmod(0o700)
