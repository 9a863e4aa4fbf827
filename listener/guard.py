"""Which machines may be asked. An address that comes from outside (a feed's, and whatever it redirects to), or that a name server
may change behind our backs, must not make us reach into our own network (server-side request forgery). A name is resolved here
once, and the connection goes to that very address, so that a name server cannot give one answer to the check and another to the
connection.
"""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from domain.errors import PermanentError, RetryableError

NAT64 = IPv6Network("64:ff9b::/96")
NOT_PUBLIC = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10")))
"""Old and local ways to write an IPv4 address, and the old site-local range, which not every Python knows for what they are."""
PORTS = {"http": 80, "https": 443}


def origin(address: str) -> str:
    """Return scheme, host and port of ``address``: what may be said of any address we meet on the way."""
    url = urlsplit(address)
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def find_addresses(url: str, *, private_hosts: Collection[str], remedy: str = "") -> list[str]:
    """Return the network addresses of ``url``'s host that may be asked, IPv4 first. ``remedy`` says how a private one is allowed.

    Raises ``PermanentError`` for another scheme or a host that lies in a private network and is not in ``private_hosts``,
    ``RetryableError`` for a name that does not resolve.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        host = host if parts.scheme in PORTS else ""
    except ValueError:
        host, port = "", 0
    if not host or not port:
        raise PermanentError(
            "An address leads to something other than a web page.",
            code="bad_address",
            remedy="Check it in the options.",
        )
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RetryableError(
            f"The name of {origin(url)} does not resolve.", code="unreachable", remedy="Check the address."
        ) from None
    found = sorted({str(answer[4][0]) for answer in answers}, key=lambda one: (":" in one, one))
    if is_named(host, private_hosts):
        return found
    public = [one for one in found if is_public(one)]
    if not public:
        raise PermanentError(
            f"{origin(url)} lies in a private network; nothing is asked of it.",
            code="private_address",
            remedy=remedy,
        )
    return public


def is_named(host: str, hosts: Collection[str]) -> bool:
    """Tell whether ``host`` is one of ``hosts``, in whatever case they are written."""
    return host.lower() in {name.lower() for name in hosts}


def is_public(address: str) -> bool:
    """Tell whether ``address`` belongs to the open internet, also when an IPv4 address hides in an IPv6 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(parsed in network for network in NOT_PUBLIC if parsed.version == network.version):
        return False
    return all(one.is_global and not one.is_multicast for one in (parsed, *_hidden(parsed)))


def _hidden(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    teredo = address.teredo or ()
    nat64 = IPv4Address(int(address) & 0xFFFF_FFFF) if address in NAT64 else None
    return [one for one in (address.ipv4_mapped, address.sixtofour, *teredo, nat64) if one is not None]
