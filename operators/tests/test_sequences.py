"""Whatever is done in whatever order: never two first mails, never a mail to a removed address, sums that add up."""

from collections import Counter

import pytest
from django.core import mail
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Membership
from accounts.queries import list_versions_to_sign
from accounts.testing import PASSWORD, make_owner
from core.errors import Refused
from notifications.addresses import hash_address
from operators import actions
from operators.actions.invitations import NewPerson
from operators.invites import SENTENCES, SKIPPED, NewInvite
from operators.models import Invitation
from outbox.actions import deliver_due
from outbox.models import Delivery

PEOPLE = ("fay", "gus", "hana")
# spellings of one address: case, a tag, blanks, full-width letters, an ideographic full stop, a final dot's cousin
SPELLINGS = (
    "{}@acme.example", "{}@ACME.Example", " {}@acme.example ", "{}+team@acme.example", "{}+a+b@acme.example",
    "{}@ａｃｍｅ.example", "{}@acme。example", "{}＠acme.example",
)  # fmt: skip
BROKEN = ("", "fay@", "fay.acme.example", "@acme.example", "fay@acme", "f\x00@acme.example")
person = st.sampled_from(PEOPLE)
spelling = st.builds(
    lambda form, who, up: form.format(who.upper() if up else who), st.sampled_from(SPELLINGS), person, st.booleans()
)
row = st.builds(
    NewInvite, st.sampled_from(["Fay Sample", "Gus", "", "See https://x.example"]), spelling | st.sampled_from(BROKEN)
)
good_row = st.builds(NewInvite, st.just("Fay Sample"), spelling)
step = st.one_of(
    st.tuples(st.just("import"), st.lists(row | good_row, max_size=6)),
    st.tuples(st.just("invite"), good_row),
    st.tuples(st.just("again"), person),
    st.tuples(st.just("retype"), good_row),
    st.tuples(st.just("withdraw"), person),
    st.tuples(st.just("remove"), person),
    st.tuples(st.just("accept"), person),
    st.tuples(st.just("deliver"), st.none()),
    st.tuples(st.just("retry"), st.none()),
)


class Desk:
    """Two companies that invite the same three people, and everything that was mailed."""

    def __init__(self) -> None:
        self.members = [
            Membership.objects.select_related("account", "user").get(user=make_owner(company=f"C {n}")) for n in (1, 2)
        ]
        self.presses: Counter[tuple[int, str]] = Counter()
        self.removed: set[str] = set()
        self.seen = len(mail.outbox)

    def invitation(self, by: Membership, who: str) -> Invitation | None:
        return Invitation.of(by.account).filter(address_hash=hash_address(f"{who}@acme.example")).first()

    def do(self, by: Membership, deed: str, what: object) -> None:
        try:
            getattr(self, f"do_{deed}")(by, what)
        except Refused as refused:
            assert refused.code in {
                "not_invited", "too_often", "address_gone", "already_operator", "not_found", "taken",
            }, refused  # fmt: skip
        self.look()

    def do_import(self, by: Membership, rows: list[NewInvite]) -> None:
        before = Invitation.of(by.account).count()
        outcomes = actions.invite_operators(account=by.account, rows=rows, by=by)
        counts = Counter(outcome.code for outcome in outcomes)
        created = Invitation.of(by.account).count() - before
        skipped = sum(counts[code] for code in SKIPPED)
        refused = sum(counts[code] for code in set(SENTENCES) - SKIPPED - {"created"})
        assert counts["created"] == created
        assert created + skipped + refused == len(rows)

    def do_invite(self, by: Membership, one: NewInvite) -> None:
        self.do_import(by, [one])

    def do_again(self, by: Membership, who: str) -> None:
        found = self.invitation(by, who)
        if found is not None:
            actions.send_again(invitation=found, by=by)
            self.presses[found.pk, found.address_hash] += 1

    def do_retype(self, by: Membership, one: NewInvite) -> None:
        found = Invitation.of(by.account).filter(address_hash=hash_address(one.email)).first()
        if found is not None:
            actions.send_again(invitation=found, by=by, row=one)
            self.presses[found.pk, found.address_hash] += 1

    def do_withdraw(self, by: Membership, who: str) -> None:
        found = self.invitation(by, who)
        if found is not None:
            actions.revoke_invitation(invitation=found, by=by)

    def do_remove(self, by: Membership, who: str) -> None:
        actions.forget_invited_address(email=f"{who.upper()}@acme.example", actor="system")
        self.removed.add(hash_address(f"{who}@acme.example"))
        self.deliver_check()

    def do_accept(self, by: Membership, who: str) -> None:
        found = self.invitation(by, who)
        token = self.token_of(found) if found else ""
        if found and token:
            new = NewPerson("Fay", "Sample", PASSWORD)
            actions.accept_invitation(token=token, person=new, versions=list_versions_to_sign())

    def token_of(self, found: Invitation) -> str:
        """The token of the newest mail, as its reader has it."""
        from accounts.sealing import unseal

        newest = (
            Delivery.objects.filter(kind="operator_invite", recipient=f"invitation:{found.pk}").order_by("-pk").first()
        )
        return unseal(newest.payload["token"]) if newest else ""

    def do_deliver(self, by: Membership, what: None) -> None:
        self.deliver_check()

    def do_retry(self, by: Membership, what: None) -> None:
        """An administrator puts everything that did not leave back to the start."""
        from outbox.actions import try_again

        stopped = Delivery.objects.filter(kind="operator_invite", state__in=["dropped", "parked"])
        try_again(deliveries=list(stopped))
        self.deliver_check()

    def deliver_check(self) -> None:
        before = len(mail.outbox)
        deliver_due()
        for letter in mail.outbox[before:]:
            if "/invitation/" in letter.body:
                address = letter.to[0].rpartition("<")[2].rstrip(">")
                assert hash_address(address) not in self.removed, "a mail to a removed address"

    def look(self) -> None:
        """What holds after every step."""
        for by in self.members:
            rows = list(Invitation.of(by.account))
            assert len({one.address_hash for one in rows}) == len(rows)
            for one in rows:
                asked = Delivery.objects.filter(kind="operator_invite", recipient=f"invitation:{one.pk}")
                pressed = self.presses[one.pk, one.address_hash]
                assert pressed <= 3
                assert asked.count() == 1 + pressed, "a mail that nobody asked for"
                sent = asked.filter(state="done").values_list("message_id", flat=True)
                assert len(set(sent)) == len(sent)
                assert one.state in ("waiting", "expired") or (one.email, one.name) == ("", "")
        mails = Counter(letter.extra_headers["Message-ID"] for letter in mail.outbox[self.seen :])
        assert set(mails.values()) <= {1}


class AnySequence(TestCase):
    @given(st.lists(st.tuples(st.integers(0, 1), step), max_size=14))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def test_any_sequence_of_deeds(self, steps) -> None:
        with pytest.MonkeyPatch.context() as patch:
            from django.conf import settings as site

            patch.setattr(site, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
            desk = Desk()
            for which, (deed, what) in steps:
                desk.do(desk.members[which], deed, what)
            desk.do(desk.members[0], "retry", None)


def test_every_spelling_stands_for_one_address() -> None:
    found = {hash_address(form.format(name)) for form in SPELLINGS for name in ("fay", "FAY")}
    assert len(found) == 1
