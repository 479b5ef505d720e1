"""G15: daily summaries of 10,000 accounts: statements, mails per second beside raw smtplib, memory, nobody gets two."""

import argparse
import asyncio
import gc
import json
import multiprocessing
import os
import signal
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.harness import ROOT, free_port, site_env

ZONES = ("UTC", "Europe/Warsaw", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo")
TEXTS = ("Is the cargo frame in stock?", "In green yes, in blue in three weeks.", "Green is fine.", "Shall I keep one?")
CHATS = 3  # of each account, with four messages each


# ---- the mail server: a process of its own, the same for the floor and for us ----------------------------
class Sink:
    """Takes every mail and remembers to whom it went under which Message-ID."""

    def __init__(self) -> None:
        self.took: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        head = envelope.content.split(b"\r\n\r\n", 1)[0].decode()
        ident = next((line for line in head.split("\r\n") if line.lower().startswith("message-id:")), "")
        self.took[envelope.rcpt_tos[0], ident] += 1
        return "250 OK"


def run_sink(port: int, pipe: Any) -> None:
    from aiosmtpd.smtp import SMTP

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pin(1)
    sink = Sink()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", port)
        pipe.send("ready")
        while not pipe.poll():
            await asyncio.sleep(0.2)
        server.close()

    asyncio.run(serve())
    pipe.send(list(sink.took.items()))


def pin(core: int) -> None:
    """Server and client on a core each, as in the other benches; where there is one core only, they share it."""
    if core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})


# ---- the work, in a process of its own with a fresh database ---------------------------------------------
def noon() -> datetime:
    """Tomorrow: each zone's day before is due, and the chats of `fill` lie in it."""
    from django.utils import timezone

    return (timezone.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


def fill(count: int, now: datetime) -> None:
    """Companies in six time zones whose owners want the summary, each with a few chats yesterday."""
    from accounts.models import Membership
    from accounts.scoping import scopes_disabled
    from chat.models import Chat, Message, Visitor, Widget
    from operators.models import Operator
    from reports.testing import make_companies

    with scopes_disabled():
        for start in range(0, count, 1000):
            accounts = make_companies(
                min(1000, count - start), zones=ZONES, switched_at=now - timedelta(days=90), name=f"Bench{start}"
            )
            members = Membership.objects.filter(account__in=[a.pk for a in accounts]).order_by("account_id")
            operators = Operator.objects.bulk_create(
                Operator(account_id=m.account_id, membership=m, display_name="Olga Owner") for m in members
            )
            widgets = Widget.objects.bulk_create(Widget(account=a, name="w") for a in accounts)
            places = [(a, o, w, n) for a, o, w in zip(accounts, operators, widgets, strict=True) for n in range(CHATS)]
            visitors = Visitor.objects.bulk_create(
                Visitor(account=a, widget=w, number=n + 1, name="Robin Mockup", secret_hash=os.urandom(32).hex())
                for a, o, w, n in places
            )
            chats = Chat.objects.bulk_create(
                Chat(
                    account=a, widget=w, visitor=v, operator=o, state="closed", rating="good", message_count=len(TEXTS),
                    started_at=now - timedelta(hours=24, minutes=20 * n), accepted_at=now - timedelta(hours=23, minutes=59),
                    closed_at=now - timedelta(hours=23, minutes=40), last_at=now - timedelta(hours=23, minutes=40),
                )
                for (a, o, w, n), v in zip(places, visitors, strict=True)
            )  # fmt: skip
            Message.objects.bulk_create(
                Message(
                    account_id=chat.account_id, chat=chat, seq=seq, client_id=os.urandom(16).hex(), text=text,
                    author="visitor" if seq % 2 else "operator", operator_id=None if seq % 2 else chat.operator_id,
                    created_at=chat.started_at,
                )
                for chat in chats
                for seq, text in enumerate(TEXTS, start=1)
            )  # fmt: skip


class Statements:
    """Counts SQL statements; a cursor's own BEGIN and COMMIT are counted where Django logs them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


class Memory(threading.Thread):
    """Watches this process' own memory, 20 times a second: pages of the database file that SQLite maps are the
    kernel's cache and not counted (`mapped` has the most of them).
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        gc.collect()
        self.base, self.base_mapped = memory_mib("RssAnon:"), memory_mib("RssFile:")
        self.most, self.mapped = self.base, self.base_mapped

    def run(self) -> None:
        while True:
            self.most = max(self.most, memory_mib("RssAnon:"))
            self.mapped = max(self.mapped, memory_mib("RssFile:"))
            time.sleep(0.05)


def memory_mib(line: str) -> float:
    """One line of this process' status, in MiB."""
    for entry in Path("/proc/self/status").read_text().splitlines():
        if entry.startswith(line):
            return int(entry.split()[1]) / 1024
    return 0.0


def write_samples(count: int) -> list[tuple[str, bytes]]:
    """Finished mails of our own, as bytes: what the floor sends."""
    from core.mail import write_mail
    from core.outbound import registry
    from outbox.models import Delivery

    kind = registry.mail_kinds["daily_summary"]
    rows = list(Delivery.objects.order_by("pk")[:count])
    letters = kind.load(rows)
    mails = [write_mail(kind=kind, letter=letters[row.pk], message_id=f"<floor{row.pk}@bench.example>") for row in rows]
    return [("floor@bench.example", mail.message().as_bytes(linesep="\r\n")) for mail in mails]


def send_raw(samples: list[tuple[str, bytes]], port: int) -> float:
    """The floor: the same bytes over one smtplib connection; answers mails per second."""
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as link:
        for recipient, content in samples:
            link.sendmail("us@bench.example", [recipient], content)
    return len(samples) / (time.perf_counter() - started)


def send_ours(mails: int) -> float:
    """Ours: claim, load, gates, ledger, render, send and mark, over one connection; answers mails per second."""
    from core.mail import MailDoor
    from outbox.actions import deliver_due

    started, done = time.perf_counter(), 0
    with MailDoor() as door:
        while done < mails and (some := deliver_due(limit=100, door=door)):
            done += some
    return done / (time.perf_counter() - started)


def work(accounts: int, rounds: int, a_round: int, port: int) -> dict[str, Any]:
    import django

    django.setup()
    pin(0)
    from django.db import connection

    import livechat.celery  # noqa: F401  what a worker has loaded before it works
    from core.mail import write_mail  # noqa: F401
    from outbox.actions import wake
    from outbox.models import Delivery
    from reports.actions import plan_summaries

    now = noon()
    wake()
    counter, memory = Statements(), Memory()
    memory.start()
    with connection.execute_wrapper(counter):
        started = time.perf_counter()
        planned = plan_summaries(now)
        planning = time.perf_counter() - started
    answer: dict[str, Any] = {"planned": planned, "planning_s": planning, "planning_statements": counter.count}
    samples = write_samples(a_round)
    answer["bytes_a_mail"] = statistics.mean(len(content) for _, content in samples)
    counter.count, before = 0, Delivery.objects.filter(state="done").count()
    ratios, ours, raw = [], [], []
    with connection.execute_wrapper(counter):
        for _ in range(rounds):
            raw.append(send_raw(samples, port))
            ours.append(send_ours(a_round))
            ratios.append(ours[-1] / raw[-1])
        answer["statements_a_mail"] = counter.count / (rounds * a_round)
    answer |= {"ratios": ratios, "ours": statistics.median(ours), "raw": statistics.median(raw)}
    counter.count = 0
    answer["rest"] = send_ours(accounts)  # the others, in one go
    answer["again"] = plan_summaries(now)
    answer |= {"peak_mib": memory.most - memory.base, "mapped_mib": memory.mapped - memory.base_mapped}
    answer["left"] = Delivery.objects.exclude(state="done").count()
    answer["sent"] = Delivery.objects.filter(state="done").count() - before
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mails", type=int, default=500, help="mails of each round")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        import django

        django.setup()
        fill(options.accounts, noon())
        return 0
    if options.work:
        print(json.dumps(work(options.accounts, options.rounds, options.mails, options.work)))
        return 0
    pipe, inner = multiprocessing.Pipe()
    port = free_port()
    sink = multiprocessing.Process(target=run_sink, args=(port, inner))
    sink.start()
    pipe.recv()
    with tempfile.TemporaryDirectory(prefix="livechat-bench-") as folder:
        env = site_env(Path(folder), 8000, EMAIL_URL=f"smtp://127.0.0.1:{port}", LOG_LEVEL="ERROR")
        try:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
            words = [
                "--accounts",
                str(options.accounts),
                "--rounds",
                str(options.rounds),
                "--mails",
                str(options.mails),
            ]
            own = [sys.executable, "-m", "bench.summaries"]
            subprocess.run([*own, "--fill", *words], cwd=ROOT, env=env, check=True)
            started = [*own, "--work", str(port), *words]
            done = subprocess.run(started, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(done.stdout.strip().splitlines()[-1])
        finally:
            pipe.send("end")
            took = pipe.recv()
            sink.join()
    return show(found, took, options.accounts)


def show(found: dict[str, Any], took: list[tuple[tuple[str, str], int]], accounts: int) -> int:
    ours = [(who, count) for (who, _ident), count in took if who != "floor@bench.example"]
    people = Counter(who for who, _ in ours)
    allowed = 5 + 8 * -(-accounts // 500)
    ratio = statistics.median(found["ratios"])
    rows = [
        ("planning, SQL statements", found["planning_statements"], f"<= {allowed}", found["planning_statements"] <= allowed),
        ("SQL statements a mail", round(found["statements_a_mail"], 3), "<= 2", found["statements_a_mail"] <= 2),
        ("mails/s beside raw smtplib", round(ratio, 2), ">= 0.30", ratio >= 0.30),
        ("peak memory, MiB more", round(found["peak_mib"], 1), "<= 64", found["peak_mib"] <= 64),
        ("people who got two", sum(n > 1 for n in people.values()), "0", max(people.values()) == 1),
        ("people who got one", len(people), str(accounts), len(people) == accounts),
        ("mails of a second planning", found["again"], "0", found["again"] == 0),
    ]  # fmt: skip
    print(f"G15  {accounts} accounts in {len(ZONES)} time zones, {found['bytes_a_mail']:.0f} bytes a mail")
    print(f"     planned {found['planned']} in {found['planning_s']:.2f} s; {found['ours']:.0f} mails/s, "
          f"raw smtplib {found['raw']:.0f}, ratios {[round(value, 2) for value in found['ratios']]}")  # fmt: skip
    print(f"     {found['mapped_mib']:.0f} MiB of the database file were mapped beside the memory below")
    for label, value, limit, good in rows:
        print(f"     {label:30} {value!s:>10}  {limit:>10}  {'ok' if good else 'MISSED'}")
    holds = all(good for *_, good in rows)
    line = {
        "goal": "G15", "limit": "; ".join(f"{label} {limit}" for label, _value, limit, _good in rows),
        **{label: value for label, value, *_ in rows}, "ratios": [round(value, 2) for value in found["ratios"]],
        "holds": holds,
    }  # fmt: skip
    print(json.dumps(line))
    return 0 if holds else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
