"""Closed chats: search and export."""
