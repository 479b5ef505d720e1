"""What leaves for privacy: mails, copies."""

from privacy.outbound import cases, yourdata

__all__ = ["cases", "yourdata"]
