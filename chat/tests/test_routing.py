"""Who gets which chat: never over a limit, never two owners, nobody starves."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.queue.routing import IN_TURN, LEAST_BUSY, Hand, Room, Waiting, choose, plan

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
GROUPS = [None, 1, 2]

hands_of = st.lists(
    st.builds(
        Hand, operator_pk=st.integers(1, 6), open_chats=st.integers(0, 6), chat_limit=st.integers(1, 5),
        given_at=st.one_of(st.none(), st.just(NOW), st.just(NOW - timedelta(hours=1))),
        groups=st.frozensets(st.sampled_from([1, 2])),
    ),
    max_size=6, unique_by=lambda hand: hand.operator_pk,
)  # fmt: skip
chats_of = st.lists(
    st.builds(
        Waiting, chat_pk=st.integers(1, 30), group=st.sampled_from(GROUPS),
        known=st.one_of(st.none(), st.integers(1, 6)), not_to=st.frozensets(st.integers(1, 6), max_size=2),
    ),
    max_size=15, unique_by=lambda chat: chat.chat_pk,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(chats=chats_of, hands=hands_of, routing=st.sampled_from([LEAST_BUSY, IN_TURN]), room=st.integers(0, 3))
def test_no_limit_is_passed_no_chat_has_two_owners_and_who_is_left_fits_nobody(
    chats: list[Waiting], hands: list[Hand], routing: str, room: int
):
    before = {hand.operator_pk: hand.open_chats for hand in hands}
    rooms = {1: Room(room)}
    given_out = plan(chats, hands, routing=routing, now=NOW, rooms=rooms)
    by_chat = dict(given_out)
    assert len(by_chat) == len(given_out)
    taken = Counter(by_chat.values())
    for hand in hands:
        assert hand.open_chats == before[hand.operator_pk] + taken[hand.operator_pk]
        assert not taken[hand.operator_pk] or hand.open_chats <= hand.chat_limit
    for chat in chats:
        operator = by_chat.get(chat.chat_pk)
        if operator is None:  # left only when nobody fits any more
            assert choose(chat, hands, routing=routing) is None or (chat.group == 1 and rooms[1].left == 0)
        else:
            hand = next(one for one in hands if one.operator_pk == operator)
            assert operator not in chat.not_to and (chat.group is None or chat.group in hand.groups)
    assert sum(chat.group == 1 for chat in chats if chat.chat_pk in by_chat) <= room


@settings(max_examples=60, deadline=None)
@given(people=st.integers(1, 5), chats=st.integers(1, 40), routing=st.sampled_from([LEAST_BUSY, IN_TURN]))
def test_one_chat_after_the_other_is_shared_evenly(people: int, chats: int, routing: str):
    hands = [Hand(number, 0, 50) for number in range(people)]
    for number in range(chats):  # each in a pass of its own, as visitors come
        plan([Waiting(number)], hands, routing=routing, now=NOW + timedelta(seconds=number))
    counts = [hand.open_chats for hand in hands]
    assert max(counts) - min(counts) <= 1


def test_who_waits_longest_gets_the_only_free_operator():
    assert plan([Waiting(7), Waiting(3)], [Hand(1, 0, 1)], routing=LEAST_BUSY, now=NOW) == [(7, 1)]


def test_a_full_group_does_not_hold_up_the_others():
    hands = [Hand(1, 0, 5, groups=frozenset({1}))]
    assert plan([Waiting(7, group=1), Waiting(3)], hands, routing=IN_TURN, now=NOW, rooms={1: Room(0)}) == [(3, 1)]


def test_the_operator_who_knew_the_visitor_comes_first_while_there_is_room():
    busy, free = Hand(1, 3, 5), Hand(2, 0, 5)
    assert choose(Waiting(7, known=1), [busy, free], routing=LEAST_BUSY) is busy
    busy.open_chats = 5
    assert choose(Waiting(7, known=1), [busy, free], routing=LEAST_BUSY) is free
