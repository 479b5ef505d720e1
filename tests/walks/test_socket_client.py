"""The socket client (static/js/core/wire.js) against a server that misbehaves, in a real browser without waiting."""

from typing import Any

import pytest

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

SETUP = """async () => {
  const { Wire, uuid7, backoff } = await import("/static/js/core/wire.js");
  window.uuid7 = uuid7;
  window.backoff = backoff;
  window.seen = [];
  window.states = [];
  window.sent = [];
  window.unsent = [];
  window.opened = [];
  window.tickets = 0;
  class Fake {
    constructor() { this.readyState = 0; this.out = []; opened.push(this); }
    send(text) { this.out.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    open() { this.readyState = 1; this.onopen(); }
    say(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
    die(code, reason = "") { this.readyState = 3; this.onclose({ code, reason }); }
  }
  window.wire = new Wire({
    ticket: async () => {
      tickets += 1;
      if (window.refuse) throw Object.assign(new Error("no"), { stop: window.refuse });
      return { ticket: "t" + tickets, socket: "x" };
    },
    hello: () => ({ since: 0 }),
    open: () => new Fake(),
    line: (chat, line) => seen.push(line.seq),
    state: (name) => states.push(name),
    sent: (id) => window.sent.push(id),
    unsent: (id, frame, error) => window.unsent.push([id, error.code]),
  });
  const at = "2030-01-01T00:00:00Z";
  window.line = (seq) => ({ seq, id: "id" + seq, by: "operator", text: "t" + seq, event: "", at });
  window.msg = (seq) => ({ t: "msg", chat: "c", line: line(seq) });
  window.last = () => opened.at(-1);
  window.asked = () => last().out.filter((frame) => frame.t === "since").map((frame) => frame.seq);
  window.pause = () => new Promise((done) => setTimeout(done));
  await wire.start();
  await pause();
  last().open();
  last().say({ t: "ready", v: 1, now: new Date().toISOString() });
  wire.follow("c", 0);
}"""


@pytest.fixture
def page(page_at: Any) -> Any:
    page = page_at(800)
    page.goto("/")
    page.evaluate(SETUP)
    return page


def test_lines_are_applied_once_and_in_order_and_a_gap_is_asked_for_once(page: Any):
    page.evaluate("last().say(msg(1)); last().say(msg(1)); last().say(msg(4)); last().say(msg(5))")
    assert page.evaluate("[seen, asked()]") == [[1], [1]]
    page.evaluate("last().say({ t: 'lines', chat: 'c', lines: [line(2), line(3)], done: false })")
    assert page.evaluate("[seen, asked()]") == [[1, 2, 3], [1, 3]]
    page.evaluate("last().say({ t: 'lines', chat: 'c', lines: [line(4), line(5)], done: true }); last().say(msg(5))")
    assert page.evaluate("[seen, asked()]") == [[1, 2, 3, 4, 5], [1, 3]]


def test_a_lost_last_frame_is_found_by_the_heartbeat_and_slow_is_answered(page: Any):
    page.evaluate("last().say({ t: 'beat', now: '2030-01-01T00:00:00Z', seqs: { c: 0, other: 9 } })")
    assert page.evaluate("asked()") == []
    page.evaluate("last().say({ t: 'beat', now: '2030-01-01T00:00:00Z', seqs: { c: 2 } })")
    assert page.evaluate("asked()") == [0]
    page.evaluate("last().say({ t: 'lines', chat: 'c', lines: [line(1), line(2)], done: true })")
    page.evaluate("last().say({ t: 'slow', chat: 'c', seq: 7 })")
    assert page.evaluate("asked()") == [0, 2]


def test_an_own_message_is_not_a_gap_after_its_acknowledgement(page: Any):
    page.evaluate("wire.post({ t: 'msg', id: 'a', text: 'x' }); last().say({ t: 'ack', id: 'a', chat: 'c', seq: 1 })")
    page.evaluate("last().say(msg(2))")
    assert page.evaluate("[seen, asked(), window.sent]") == [[2], [], ["a"]]


def test_what_was_not_acknowledged_is_sent_again_under_the_same_id_after_a_new_ticket(page: Any):
    page.evaluate("wire.post({ t: 'msg', id: 'a', text: 'x' }); wire.post({ t: 'msg', id: 'b', text: 'y' })")
    page.evaluate("last().say({ t: 'ack', id: 'a', chat: 'c', seq: 1 }); last().die(1006)")
    assert page.evaluate("states.at(-1)") == "lost"
    page.evaluate("async () => { wire.retry(); await pause(); last().open(); last().say({ t: 'ready', v: 1 }); }")
    assert page.evaluate("last().out.map((frame) => [frame.t, frame.ticket ?? frame.id])") == [
        ["hello", "t2"],
        ["msg", "b"],
    ]
    for _ in range(2):
        page.evaluate("last().say({ t: 'ack', id: 'b', chat: 'c', seq: 2 })")
    assert page.evaluate("window.sent") == ["a", "b"]
    assert page.evaluate("wire.outbox.size") == 0


def test_the_next_message_of_a_chat_leaves_when_the_one_before_is_answered(page: Any):
    page.evaluate("for (const id of ['a', 'b', 'c']) wire.post({ t: 'msg', id, chat: 'c', text: id })")
    page.evaluate("wire.post({ t: 'msg', id: 'd', chat: 'other', text: 'd' })")
    assert page.evaluate("last().out.slice(1).map((frame) => frame.id)") == ["a", "d"]
    page.evaluate("last().say({ t: 'err', id: 'a', code: 'busy' })")
    assert page.evaluate("last().out.slice(1).map((frame) => frame.id)") == ["a", "d"]
    page.evaluate("async () => { while (last().out.length < 4) await pause(); }")
    page.evaluate("for (const [id, seq] of [['a', 1], ['b', 2]]) last().say({ t: 'ack', id, chat: 'c', seq })")
    assert page.evaluate("last().out.filter((frame) => frame.chat === 'c').map((frame) => frame.id)") == [
        "a",
        "a",
        "b",
        "c",
    ]


def test_lines_that_begin_behind_a_gap_are_asked_for_again(page: Any):
    page.evaluate("last().say({ t: 'lines', chat: 'c', lines: [line(4), line(5)], done: true })")
    assert page.evaluate("[seen, asked()]") == [[], [0]]


def test_a_refused_message_is_told_and_one_that_came_at_a_bad_moment_stays(page: Any):
    page.evaluate("wire.post({ t: 'msg', id: 'a', text: 'x' }); last().say({ t: 'err', id: 'a', code: 'conflict' })")
    page.evaluate("wire.post({ t: 'msg', id: 'b', text: 'y' }); last().say({ t: 'err', id: 'b', code: 'busy' })")
    assert page.evaluate("window.unsent") == [["a", "conflict"]]
    assert page.evaluate("[...wire.outbox.keys()]") == ["b"]


@pytest.mark.parametrize(
    ("code", "reason", "state", "least", "most"),
    [
        (1006, "", "lost", 250, 500),
        (4401, "", "lost", 250, 500),
        (4408, "", "lost", 250, 500),
        (4429, "", "lost", 30000, 30000),
        (1012, '{"in": 7}', "lost", 7000, 7000),
        (4403, "", "forbidden", None, None),
    ],
)
def test_each_close_code_is_followed(page: Any, code: int, reason: str, state: str, least: int, most: int):
    wait = page.evaluate(
        """([code, reason]) => {
          let wait = null;
          wire.state = (name, detail) => { states.push(name); wait = detail?.wait ?? null; };
          last().die(code, reason);
          return wait;
        }""",
        [code, reason],
    )
    assert page.evaluate("states.at(-1)") == state
    assert (wait is None) == (least is None)
    assert wait is None or least <= wait <= most


def test_a_refused_ticket_ends_the_attempts(page: Any):
    page.evaluate("async () => { window.refuse = 'signedOut'; last().die(4401); wire.retry(); await pause(); }")
    assert page.evaluate("states.at(-1)") == "signedOut"
    page.evaluate("async () => { wire.retry(); await pause(); }")
    assert page.evaluate("[opened.length, tickets]") == [1, 2]


def test_a_silent_socket_and_an_unanswered_message_are_given_up(page: Any):
    page.evaluate("wire.heard = Date.now() - 46000; wire.check()")
    assert page.evaluate("states.at(-1)") == "lost"
    page.evaluate("async () => { wire.retry(); await pause(); last().open(); last().say({ t: 'ready', v: 1 }); }")
    page.evaluate("wire.post({ t: 'msg', id: 'a', text: 'x' }); wire.check()")
    assert page.evaluate("states.at(-1)") == "ready"
    page.evaluate("wire.outbox.get('a').at -= 11000; wire.check()")
    assert page.evaluate("states.at(-1)") == "lost"


def test_waits_grow_to_30_seconds_and_ids_sort_by_time(page: Any):
    waits = page.evaluate("[0, 1, 2, 3, 9, 99].map((n) => [backoff(n, () => 0), backoff(n, () => 1)])")
    assert waits == [[250, 500], [500, 1000], [1000, 2000], [2000, 4000], [15000, 30000], [15000, 30000]]
    first, second = page.evaluate("[uuid7(1000), uuid7(2000)]")
    assert first < second
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)
