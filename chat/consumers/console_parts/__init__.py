"""What features add to the console's socket: each module holds its commands and `HANDLERS` and `RIGHTS`."""

from types import ModuleType

from chat.consumers.console_parts import blocks, board, drafts, edits, notes, queue, replies, tags, together

PARTS: tuple[ModuleType, ...] = (blocks, board, drafts, edits, notes, queue, replies, tags, together)

__all__ = ["PARTS"]
