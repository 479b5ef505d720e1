"""Widgets and settings, visitors and chats, and what operators write beside a chat."""

from chat.models.beside import Attachment, Block, ChatTag, Draft, MessageVersion, Note, SavedReply, Tag
from chat.models.chats import KNOWN, LONGEST_FIRST, Chat, Message, Visitor, live_in
from chat.models.seen import BoardReceipt
from chat.models.widgets import Board, ChatSettings, Widget, make_widget_key

__all__ = [
    "KNOWN",
    "LONGEST_FIRST",
    "Attachment",
    "Block",
    "Board",
    "BoardReceipt",
    "Chat",
    "ChatSettings",
    "ChatTag",
    "Draft",
    "Message",
    "MessageVersion",
    "Note",
    "SavedReply",
    "Tag",
    "Visitor",
    "Widget",
    "live_in",
    "make_widget_key",
]
