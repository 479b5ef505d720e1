"""`manage.py verify_audit`: walks every chain of the log and says where it is not what was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.queries import count_entries, verify_all


class Command(BaseCommand):
    help = "Verifies the hash chains of the audit log and the disclosure ledger; exits 1 on a fault."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(verify_all())
        for fault in faults:
            self.stderr.write(f"{fault.chain} #{fault.index}: {fault.what}")
        chains, entries = count_entries()
        if faults:
            raise CommandError(f"{len(faults)} faults in {entries} entries of {chains} chains.")
        self.stdout.write(f"{entries} entries in {chains} chains: every link holds.")
