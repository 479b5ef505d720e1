"""Doors of the ledger: the list of recipients, staff access, legal disclosures, the security page."""

from tests.fences.kinds import READ, Door, Kind

LEDGER: dict[str, Door] = {
    "privacy:ledger_recipients": Door(Kind.PUBLIC, get=READ),
}
