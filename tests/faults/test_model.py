"""Any order of sends, repeats, cuts, stalls, crashes, edits and transfers ends with three equal views (SAFETY.md 2.4).

Clients of the protocol stand on a transport that loses what it carries; a crash tears hub and writer down, between
commit and fan-out too. When all is quiet again, what each client shows is what the database holds, what was
acknowledged is stored once, and the numbers have no hole. LIVECHAT_SEEDS sets how many runs there are (200); each
part of them draws from a seed of its own, the same every time.
"""

import asyncio
import os
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from accounts.models import Membership
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.telling import lock_queue
from chat.models import Chat, Message, Visitor
from chat.realtime.live import live
from chat.realtime.writer import Writer
from chat.testing import make_chat, make_operator, make_visitor
from core import faults
from core.realtime import hub
from core.tickets import issue_ticket
from operators.models import Operator
from tests.browser import _end_left_connections
from tests.faults.peers import Peer

SEEDS = int(os.environ.get("LIVECHAT_SEEDS", "200"))
PARTS = 4  # the processes of pytest-xdist share them
QUIET_SECONDS = 20
TRIES = 20  # to catch up with the database
PEERS = st.sampled_from(["dave", "alice", "bob"])


class World:
    """The running parts of one web process, and the people."""

    members: dict[str, Membership]

    def __init__(self, alice: Membership, bob: Membership) -> None:
        self.members = {"alice": alice, "bob": bob}
        self.operators = {name: make_operator(member) for name, member in self.members.items()}
        self.sessions = {}
        for name in self.members:
            session = SessionStore()
            session["signed_in"] = True
            session.create()
            self.sessions[name] = session.session_key
        self.loop = asyncio.new_event_loop()
        self.run(live.start())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def ticket(self, name: str, visitor: Visitor) -> str:
        if name == "dave":
            return issue_ticket("widget", visitor=visitor.pk)
        return issue_ticket("console", membership=self.members[name].pk, session=self.sessions[name])

    def crash(self) -> None:
        """The process dies: what waits is gone, what is committed may not have been told to anybody."""
        writer = live.writer
        faults.points["after_commit_before_publish"] = _die
        writer._queue.clear()
        self.run(asyncio.sleep(0.01))
        writer._stopping = True
        writer._wake.set()
        assert writer._thread is not None
        writer._thread.join(10)
        hub.sockets.clear()
        hub.rooms.clear()
        for task in list(hub._tasks):
            task.cancel()  # nobody will answer them any more
        faults.points.clear()
        live.writer = Writer(live._settle)
        self.run(live.stop())
        self.run(live.start())

    def close(self) -> None:
        self.run(live.stop())
        self.loop.close()


class Died(Exception):
    """Stands for the end of the process at a fault point."""


def _die() -> None:
    raise Died


class Conversation(RuleBasedStateMachine):
    """One chat: dave visits, alice has it, bob looks on as an owner would and gets it at times."""

    world: World

    @initialize()
    def begin(self) -> None:
        world = self.world
        account = world.members["alice"].account
        with account_scope(account), transaction.atomic():
            lock_queue(account=account)  # the last conversation may still be told what became of it
            Operator.objects.update(open_chats=0, status=Operator.Status.ACCEPTING)
        self.visitor = make_visitor(account)
        self.chat = make_chat(account, visitor=self.visitor, operator=world.operators["alice"])
        public = str(self.chat.public_id)
        self.peers = {
            "dave": Peer("/ws/widget/", chat=public),
            "alice": Peer("/ws/console/", chat=public),
            "bob": Peer("/ws/console/", chat=public),
        }
        self.texts: dict[str, str] = {}  # id -> text of every message that somebody tried to send
        for name in self.peers:
            self._connect(name)

    def _connect(self, name: str) -> None:
        ticket = self.world.ticket(name, self.visitor)
        self.world.run(self._up(name, ticket))

    async def _up(self, name: str, ticket: str) -> None:
        peer = self.peers[name]
        await peer.cut()
        peer.connect(ticket)

    def _turn(self, seconds: float = 0) -> None:
        self.world.run(asyncio.sleep(seconds))

    # ---- what people do ----
    @rule(name=PEERS, pause=st.booleans())
    def send(self, name: str, pause: bool) -> None:
        text = f"{name} {len(self.texts)}"
        self.texts[self.peers[name].post({"t": "msg", "text": text})] = text
        self._turn(0.003 if pause else 0)

    @rule(name=PEERS)
    def send_again(self, name: str) -> None:
        self.peers[name].send_again()
        self._turn()

    @rule(name=st.sampled_from(["dave", "alice"]), which=st.integers(0, 9), remove=st.booleans())
    def change(self, name: str, which: int, remove: bool) -> None:
        peer = self.peers[name]
        own = sorted(seq for ident, seq in peer.acked.items() if ident in self.texts)
        if own:
            frame = {"t": "remove", "seq": own[which % len(own)]}
            peer.post(frame if remove else {**frame, "t": "edit", "text": f"{name} changed {which}"})
            self._turn(0.002)

    @rule(to=st.sampled_from(["alice", "bob"]))
    def take_over(self, to: str) -> None:
        if self.peers[to].is_ready:
            self.peers[to].say({"t": "take_over", "chat": str(self.chat.public_id), "anyway": True})
            self._turn(0.002)

    # ---- what the world does ----
    @rule(name=PEERS)
    def cut(self, name: str) -> None:
        self.world.run(self.peers[name].cut())

    @rule(name=PEERS)
    def connect(self, name: str) -> None:
        self._connect(name)

    @rule(name=PEERS, pattern=st.lists(st.booleans(), min_size=1, max_size=4))
    def lose_hints(self, name: str, pattern: list[bool]) -> None:
        self.peers[name].dropped.extend(pattern)

    @rule(name=PEERS)
    def stall(self, name: str) -> None:
        line = self.peers[name].line
        if line is not None:
            line.open.clear()

    @rule(name=PEERS)
    def go_on(self, name: str) -> None:
        line = self.peers[name].line
        if line is not None:
            line.open.set()
        self._turn()

    @rule()
    def crash(self) -> None:
        if not any(peer.outbox for peer in self.peers.values()):
            return  # no precondition: what is under way depends on time, and the draws must not
        for peer in self.peers.values():
            if peer.line is not None:
                peer.line.is_cut = True
                peer.line.open.set()
        self.world.crash()
        self.world.run(self._all_cut())

    async def _all_cut(self) -> None:
        for peer in self.peers.values():
            await peer.cut()

    # ---- what must hold ----
    def teardown(self) -> None:
        if not hasattr(self, "peers"):
            return
        stored, last_seq = self._quieten()
        self.world.run(self._all_cut())
        assert [line.seq for line in stored] == list(range(1, last_seq + 1))
        by_id = {str(line.client_id): line for line in stored}
        sent_by = {"dave": "visitor", "alice": "operator", "bob": "operator"}
        for name, peer in self.peers.items():
            assert not peer.outbox
            for ident, seq in peer.acked.items():
                assert by_id[ident].seq == seq, "acknowledged under another number"
                assert by_id[ident].author == sent_by[name]
            shown = {line.seq: line.text if line.author != Message.Author.SYSTEM else "" for line in stored}
            mine = {seq: text for seq, text in peer.texts.items() if shown[seq] or text}
            assert mine == {seq: text for seq, text in shown.items() if text}, name
        acknowledged = {ident for peer in self.peers.values() for ident in peer.acked}
        said = {ident for ident in by_id if ident in self.texts}
        assert said == acknowledged & self.texts.keys()

    def _quieten(self) -> tuple[list[Message], int]:
        """Everybody comes back, and the heartbeat that finds a lost last frame is played once it is calm.

        Answers what the database held when the views had caught up with it: the house may add a line of its own
        (somebody has left, the chat is passed on) at any later time.
        """
        for name, peer in self.peers.items():
            peer.dropped.clear()
            self._connect(name)
        for _ in range(TRIES):
            self.world.run(asyncio.wait_for(self._calm(), QUIET_SECONDS))
            stored, last_seq = self._stored()
            if all(peer.last == last_seq for peer in self.peers.values()):
                return stored, last_seq
            for peer in self.peers.values():
                peer.resume()
        stands = {name: peer.last for name, peer in self.peers.items()}
        raise AssertionError(f"the database is at {last_seq}, and the views stay at {stands}")

    async def _calm(self) -> None:
        """Three turns in which nobody waits for anything."""
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.004)
            is_calm = all(peer.is_ready and not peer.outbox and not peer.asking for peer in self.peers.values())
            calm = calm + 1 if is_calm else 0

    def _stored(self) -> tuple[list[Message], int]:
        with scopes_disabled(), transaction.atomic():
            chat = Chat.objects.get(pk=self.chat.pk)
            lines = Message.objects.filter(chat=chat, seq__lte=chat.last_seq).order_by("seq")
            return list(lines), chat.last_seq


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_view_is_the_databases_view_whatever_happened(
    transactional_db: None, alice_member: Membership, bob_member: Membership, settings: Any, part: int
) -> None:
    settings.SOCKET_LIMIT_FACTOR = 1000
    Membership.objects.filter(pk=bob_member.pk).update(role=Membership.Role.ADMIN)
    bob_member.refresh_from_db()
    world = World(alice_member, bob_member)
    own = type("Conversation", (Conversation,), {"world": world})
    seeds = SEEDS if connection.vendor == "sqlite" else SEEDS // 4
    try:
        run_state_machine_as_test(seed(part)(own), settings=rules(-(-seeds // PARTS)))
    finally:
        world.close()
        _end_left_connections()


def rules(seeds: int) -> settings:
    return settings(
        max_examples=seeds, stateful_step_count=16, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
