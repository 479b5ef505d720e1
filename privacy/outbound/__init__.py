"""What leaves for privacy: mails, copies."""

from privacy.outbound import cases, children, yourdata

__all__ = ["cases", "children", "yourdata"]
