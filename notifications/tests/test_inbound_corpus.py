"""Every awkward mail comes out as said, and costs little."""

import time

import pytest

from notifications.checks import mail_can_arrive
from notifications.inbound import KIND, InboundMail, make_reply_token, read_token, reply_address
from notifications.incoming.cutting import MARK
from notifications.incoming.parsing import BadMail, ReadMail, read_mail
from notifications.tests.mails import KEY, Case, cases, mail, to_thread

ALL = cases()
COSTLY = {"not a mail", "nested comments in From", "deepest nesting"}  # these may be refused


def test_the_corpus_is_large_and_its_names_differ():
    assert len(ALL) >= 150
    named = [(case.name, case.raw) for case in ALL]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("case", ALL, ids=[f"{n} {case.name}" for n, case in enumerate(ALL)])
def test_an_awkward_mail(case: Case):
    started = time.process_time()
    try:
        read = read_mail(case.raw)
    except BadMail:
        assert case.name in COSTLY
        return
    finally:
        assert time.process_time() - started < 2
    check(case, read)
    check_clean(read.mail)


def check(case: Case, read: ReadMail) -> None:
    mail = read.mail
    found = {
        "files": [file.name for file in mail.files],
        "has_token": mail.token is not None,
        "is_own": read.is_own,
        "last_reference": mail.references[-1] if mail.references else "",
    }
    for name, wanted in case.expected.items():
        if name == "has":
            assert all(piece in mail.text for piece in wanted)
        else:
            assert (found[name] if name in found else getattr(mail, name)) == wanted, name


def check_clean(mail: InboundMail) -> None:
    """No header can be made of it, the databases take it, and no limit is passed."""
    lines = [mail.sender, mail.sender_name, mail.subject, mail.message_id, mail.in_reply_to, *mail.references]
    lines += [name for file in mail.files for name in (file.name, file.content_type)]
    for line in lines:
        assert not set("\r\n\x00\u2028\u202e") & set(line)
    mail.text.encode()
    assert "\x00" not in mail.text and len(mail.text) <= 50_000 and len(mail.subject) <= 200
    assert len(mail.references) <= 50 and len(mail.files) <= 10
    assert all(len(file.name) <= 165 and "/" not in file.name for file in mail.files)


def test_nobody_is_no_mail():
    for raw in (b"", b"\n\n", b"hello", b"From: nobody\n\nx", b"To: ada@example.org\n\nx"):
        with pytest.raises(BadMail):
            read_mail(raw)


def test_a_mail_that_is_too_large_is_not_read():
    with pytest.raises(BadMail, match="too large"):
        read_mail(b"From: a@example.org\n\n" + b"x" * 40_000_000)


def test_the_same_mail_by_two_ways_is_one():
    first = read_mail(mail("Hi", Received="from a by b"))
    again = read_mail(mail("Hi", Received="from c by d", Delivered_To="x@example.org").replace(b"\n", b"\r\n"))
    other = read_mail(mail("Ho"))
    assert first.mail.key == again.mail.key != other.mail.key


def test_tokens_lead_to_their_thread_and_cannot_be_made():
    for kind, key in (("request", KEY), ("request", "Ünïcode 7"), ("a", "x" * 16)):
        assert read_token(make_reply_token(kind, key)) == (kind, key)
    token = make_reply_token("request", KEY)
    assert KIND.match(token)
    for place in range(len(token)):
        for sign in "a2-.":
            forged = token[:place] + sign + token[place + 1 :]
            assert forged == token or read_token(forged) is None
    for junk in ("", "-", "request-", "request-aaaa", token * 3, token[:-1], "é" * 20, "request-" + "1" * 40):
        assert read_token(junk) is None


def test_an_address_fits_into_what_mail_servers_take(settings):
    assert len(to_thread().partition("@")[0]) <= 64
    settings.INBOUND_ADDRESS = "a-very-long-name-of-a-mailbox@example.org"
    with pytest.raises(ValueError, match="too long"):
        reply_address("request", KEY)


def test_the_site_refuses_settings_with_which_no_mail_arrives(settings):
    def ids() -> list[str]:
        return [str(error.id) for error in mail_can_arrive()]

    assert ids() == []
    settings.INBOUND_ADDRESS, settings.IMAP_URL = "customer.support@example.org", "https://example.org"
    assert ids() == ["notifications.E002", "notifications.E003"]
    settings.INBOUND_ADDRESS, settings.IMAP_URL = "support", "imaps://a@host:x/INBOX"
    assert ids() == ["notifications.E001", "notifications.E003"]
    settings.INBOUND_ADDRESS, settings.IMAP_URL = "", ""
    assert ids() == []


def test_envelope_recipients_come_first():
    token = make_reply_token("request", "one")
    read = read_mail(mail(To=to_thread()), recipients=[f"support+{token}@livechat.example"])
    assert read.mail.token == token


def test_the_mark_in_our_mails_is_the_one_that_is_cut():
    assert read_mail(mail(f"Yes.\n\n{MARK} anything\nold")).mail.text == "Yes."
