"""Fixtures of the outbox: a kind of mail, and a mail server."""

from collections.abc import Iterator

import pytest

from core.outbound import MailKind
from outbox.testing import Sink, mail_kind, smtp_sink


@pytest.fixture
def kind() -> Iterator[MailKind]:
    with mail_kind() as kind:
        yield kind


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink
