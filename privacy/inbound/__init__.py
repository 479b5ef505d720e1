"""Mails that privacy answers."""

from privacy.inbound import cases

__all__ = ["cases"]
