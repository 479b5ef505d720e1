"""What features add to the widget's socket: each module holds its commands and `HANDLERS`."""

from types import ModuleType

from chat.consumers.widget_parts import board, edits, facts, queue, resuming

PARTS: tuple[ModuleType, ...] = (board, edits, facts, queue, resuming)

__all__ = ["PARTS"]
