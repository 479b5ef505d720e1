"""Reads a spreadsheet of people for an account, and invites them with --confirm."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Account, Membership
from core.errors import Refused
from operators import actions
from operators.api import describe
from operators.spreadsheet.container import LARGEST_FILE

EVERY_ROW, SOME_ROWS, NO_FILE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Reads an .xlsx file with names and e-mails and says what would become of each row; with --confirm the people "
        "are invited in the name of the account's owner. Exit status: 0 every row can be invited, 1 some cannot, 2 the "
        "file is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the .xlsx file")
        parser.add_argument("--account", required=True, metavar="SLUG", help="the account's short name")
        parser.add_argument("--confirm", action="store_true", help="invite whoever can be invited")
        parser.add_argument("--json", action="store_true", help="answer as the API does")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._read(options["file"], options["account"], options["confirm"])
        except Refused as refused:
            self._say(options["json"], {"code": refused.code, "message": str(refused.message)})
            sys.exit(NO_FILE)
        self._say(options["json"], found)
        counts = found["counts"]
        sys.exit(EVERY_ROW if counts["created"] == counts["rows"] else SOME_ROWS)

    def _read(self, file: str, slug: str, confirm: bool) -> dict[str, Any]:
        account = Account.objects.filter(slug=slug).first()
        owners = Membership.objects.select_related("account", "user").filter(role=Membership.Role.OWNER)
        owner = owners.filter(account=account, user__is_active=True).order_by("pk").first() if account else None
        if account is None or owner is None:
            raise Refused("not_found", _("There is no such account: check the short name."))
        try:
            with Path(file).open("rb") as source:
                data = source.read(LARGEST_FILE + 1)
        except OSError:
            raise Refused("not_found", _("This file cannot be read: check its name and your rights.")) from None
        draft = actions.read_import(account=account, data=data, name=Path(file).name, by=owner)
        if confirm:
            try:
                actions.confirm_import(draft=draft, by=owner)
            except Refused as refused:
                if refused.code != "nobody":
                    raise
        return describe(draft)

    def _say(self, as_json: bool, found: dict[str, Any]) -> None:
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        elif "code" in found:
            self.stderr.write(found["message"])
        else:
            for row in found["rows"]:
                self.stdout.write(f"{row['row']:>7}  {row['email']}  {row['name']}  {row['message']}")
            counts = found["counts"]
            self.stdout.write(
                f"{counts['rows']} rows: {counts['created']} invited, {counts['skipped']} skipped, "
                f"{counts['refused']} refused ({found['state']})."
            )
