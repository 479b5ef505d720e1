"""What features add to the widget's socket: each module holds its commands and `HANDLERS`."""

from types import ModuleType

PARTS: tuple[ModuleType, ...] = ()

__all__ = ["PARTS"]
