"""What privacy does when a lower floor speaks: a published version stands in the audit log."""

from typing import Any

from audit.actions import record
from policies.events import version_published
from policies.models import Version


def log_version(sender: Any, version_id: int, **kwargs: Any) -> None:
    """Writes the publication into the site's chain."""
    version = Version.objects.get(pk=version_id)
    facts = {"kind": version.kind, "number": version.number, "hash": version.text_hash, "material": version.material}
    record(account_ref=None, actor="system", action="version.published", subject=f"version:{version_id}", facts=facts)


def connect() -> None:
    """Called from `ready()`."""
    version_published.connect(log_version, dispatch_uid="privacy.log_version")
