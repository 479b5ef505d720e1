"""Many rows in one statement, on both databases: the few places where the ORM's bulk calls cost too much."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

Column = tuple[str, str]  # name, PostgreSQL type


def insert_rows(table: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """Inserts rows; the values are already in the database's own types (see `db_uuid`, `db_time`)."""
    names = ", ".join(f'"{name}"' for name, _ in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for _, kind in columns)
            # table and columns are constants of the caller, never user input
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({arrays})',  # noqa: S608
                [list(values) for values in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def update_rows(table: str, key: Column, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """Updates rows by key: each row holds the new values of `columns`, then the key."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            both = [*columns, key]
            arrays = ", ".join(f"%s::{kind}[]" for _, kind in both)
            sets = ", ".join(f'"{name}" = new."{name}"' for name, _ in columns)
            names = ", ".join(f'"{name}"' for name, _ in both)
            cursor.execute(
                f'UPDATE "{table}" AS old SET {sets} FROM unnest({arrays}) AS new({names}) '  # noqa: S608
                f'WHERE old."{key[0]}" = new."{key[0]}"',
                [list(values) for values in zip(*rows, strict=True)],
            )
        else:
            sets = ", ".join(f'"{name}" = %s' for name, _ in columns)
            cursor.executemany(f'UPDATE "{table}" SET {sets} WHERE "{key[0]}" = %s', rows)  # noqa: S608


def db_uuid(value: Any) -> Any:
    """A UUID as the database keeps it."""
    return value if connection.features.has_native_uuid_field else value.hex


def db_time(value: Any) -> Any:
    """An aware UTC moment as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(value)


def add_rows(table: str, keys: Sequence[Column], sums: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """Adds to counters: inserts each row of `keys` and `sums`, or adds its sums to the row that is there.

    The keys have a unique constraint. Rows are in one order everywhere and each key stands once, so that two
    transactions never wait for each other in a circle.
    """
    columns = [*keys, *sums]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    adds = ", ".join(f'"{name}" = "{table}"."{name}" + EXCLUDED."{name}"' for name, _ in sums)
    unique = ", ".join(f'"{name}"' for name, _ in keys)
    merge = f"ON CONFLICT ({unique}) DO UPDATE SET {adds}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for _, kind in columns)
            # table and columns are constants of the caller, never user input
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({arrays}) {merge}',  # noqa: S608
                [list(values) for values in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks}) {merge}', rows)  # noqa: S608
