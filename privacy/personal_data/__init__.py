"""What privacy itself keeps about people."""

from privacy.personal_data import cases, erasure, ledger, yourdata

__all__ = ["cases", "erasure", "ledger", "yourdata"]
