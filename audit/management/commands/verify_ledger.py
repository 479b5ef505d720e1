"""`manage.py verify_ledger`: the name of `verify_audit` for who looks for the ledger; one verifier, two names."""

from audit.management.commands.verify_audit import Command

__all__ = ["Command"]
