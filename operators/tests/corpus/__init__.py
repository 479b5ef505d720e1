"""Hostile and odd files, made anew in each run by several writers, each with the verdict that it must get.

A maker answers the bytes; the verdict is a code of the file, or what was read: `Good(rows, header)`."""

from operators.tests.corpus import honest, others, refused
from operators.tests.corpus.making import CASES, Case, Good

__all__ = ["CASES", "Case", "Good", "honest", "others", "refused"]
