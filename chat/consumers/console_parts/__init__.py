"""What features add to the console's socket: each module holds its commands and `HANDLERS` and `RIGHTS`."""

from types import ModuleType

PARTS: tuple[ModuleType, ...] = ()

__all__ = ["PARTS"]
