"""Whose address it is."""

import pytest

from core.client_address import find_address, truncate_address


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "found"),
    [
        ("203.0.113.9", [], 0, "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], 0, "203.0.113.9"),  # nobody is trusted: the header is anybody's
        ("10.0.0.1", ["198.51.100.1"], 1, "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], 1, "198.51.100.1"),  # a forged part stands to the left
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1"], 1, "198.51.100.1"),  # also as a header of its own
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.2"], 2, "198.51.100.1"),
        ("10.0.0.1", [], 2, "10.0.0.1"),  # the chain is shorter than the proxies
        ("10.0.0.1", ["198.51.100.1"], 2, "198.51.100.1"),
        ("10.0.0.1", ["unknown"], 1, "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], 1, "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::7]:443"], 1, "2001:db8::7"),
        ("::ffff:203.0.113.9", [], 0, "203.0.113.9"),  # v4 inside v6 is v4
        ("", [], 0, ""),
    ],
)
def test_the_address_is_found_from_the_right(remote: str, forwarded: list[str], trusted: int, found: str) -> None:
    assert find_address(remote=remote, forwarded=forwarded, trusted=trusted) == found


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("nonsense", ""),
    ],
)
def test_a_kept_address_is_cut(address: str, cut: str) -> None:
    assert truncate_address(address) == cut
