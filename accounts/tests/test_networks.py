"""Addresses and ranges: one way of writing them, IPv4 inside IPv6 is IPv4, nothing else is read."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.networks import BadNetwork, holds, network_around, read_network, sort_key, write_network


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7/32 ", "198.51.100.7"),
        ("198.51.100.7/24", "198.51.100.0/24"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("::FFFF:10.1.2.3/104", "10.0.0.0/8"),
        ("::ffff:0a01:0203", "10.1.2.3"),
        ("2001:DB8:0012:0:0::/48", "2001:db8:12::/48"),
        ("2001:db8::1/128", "2001:db8::1"),
    ],
)
def test_each_range_is_stored_in_one_way(typed, stored):
    assert write_network(read_network(typed)) == stored
    assert write_network(read_network(stored)) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "here", "198.51.100", "198.51.100.256", "198.51.100.7/33", "198.51.100.7/-1", "198.51.100.7/", "1/2/3",
     "198.51.100.0/255.255.255.0", "10.0.0.0/0.255.255.255", "198.51.100.7:80", "fe80::1%eth0", "fe80::1%eth0/64",
     "010.1.2.3", "10.0.0.0/1_6", "10.0.0.0/²", "10.0.0.0/+8", "10.0.0.1-10.0.0.9", "3232235777", "2001:db8::/129",
     "10.0.0.0/ 8"],
)  # fmt: skip
def test_nothing_else_is_read(typed):
    with pytest.raises(BadNetwork):
        read_network(typed)


@pytest.mark.parametrize(
    "ranges, address, inside",
    [
        (["198.51.100.0/24"], "198.51.100.255", True),
        (["198.51.100.0/24"], "198.51.101.0", False),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", True),
        (["10.1.2.3"], "::ffff:a01:203", True),
        (["2001:db8:12::/48"], "2001:db8:12:ffff::1", True),
        (["2001:db8:12::/48"], "2001:db8:13::1", False),
        (["::/1"], "10.1.2.3", False),
        (["0.0.0.0/1"], "2001:db8::1", False),
        (["198.51.100.0/24", "2001:db8::1"], "2001:db8::1", True),
        ([], "10.1.2.3", False),
        (["10.0.0.0/8"], "", False),
        (["10.0.0.0/8"], "unknown", False),
    ],
)
def test_an_address_is_inside_or_not(ranges, address, inside):
    assert holds(ranges, address) is inside


@given(st.ip_addresses(), st.integers(0, 128))
def test_an_address_is_in_every_range_around_it(address, length):
    length = min(length, address.max_prefixlen)
    network = read_network(f"{address}/{length}")
    stored = write_network(network)
    assert read_network(stored) == network
    if not (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped and length < 96):
        assert holds([stored], str(address))


def test_the_usual_range_around_an_address():
    assert network_around("203.0.113.24") == "203.0.113.0/24"
    assert network_around("::ffff:203.0.113.24") == "203.0.113.0/24"
    assert (
        network_around("2001:db8::1:2:3:4") == "2001:db8:0:0::/64" or network_around("2001:db8::1") == "2001:db8::/64"
    )
    assert network_around("") == ""


def test_the_list_is_in_order():
    assert sorted(["2001:db8::1", "198.51.100.7", "10.0.0.0/8"], key=sort_key)[0] == "10.0.0.0/8"
