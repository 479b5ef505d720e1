"""Addresses and ranges from which members may come in: read, written one way, compared (SAFETY: IP allow list)."""

import ipaddress
from collections.abc import Iterable

from core.client_address import parse_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAPPED_BITS = 96  # an IPv4 address inside IPv6 (::ffff:10.1.2.3) begins after these


class BadNetwork(ValueError):
    """The text is no address and no range."""


def read_network(text: str) -> Network:
    """The range in `text`: an address, or an address and the length of its prefix ("10.1.0.0/16").

    Bits behind the prefix are cut off; IPv4 inside IPv6 becomes IPv4, so that both ways of writing are one. Raises
    BadNetwork.
    """
    address, slash, length = text.strip().partition("/")
    try:
        network = ipaddress.ip_network((address, int(length)) if slash else address, strict=False)
    except ValueError as problem:
        raise BadNetwork(text) from problem
    if (slash and not (length.isascii() and length.isdigit())) or "%" in address:
        raise BadNetwork(text)
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((mapped, network.prefixlen - MAPPED_BITS))
    return network


def write_network(network: Network) -> str:
    """The one way in which a range is stored and shown; a single address has no "/32" behind it."""
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def holds(networks: Iterable[str], address: str) -> bool:
    """Whether one of the stored ranges holds the address; an address that cannot be read is in none."""
    found = parse_address(address)
    if found is None:
        return False
    return any(found.version == network.version and found in network for network in map(read_network, networks))


def network_around(address: str) -> str:
    """The usual range around an address: /24 for IPv4, /64 for IPv6; "" for what is no address."""
    found = parse_address(address)
    if found is None:
        return ""
    return write_network(ipaddress.ip_network((found, 24 if found.version == 4 else 64), strict=False))


def sort_key(text: str) -> tuple[int, int, int]:
    """Puts stored ranges in order: IPv4 first, then by address."""
    network = read_network(text)
    return (network.version, int(network.network_address), network.prefixlen)
