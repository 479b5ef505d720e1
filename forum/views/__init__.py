"""Doors of the forum: reading, writing, marks of members, feeds."""
