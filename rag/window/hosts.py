"""What the window may be called, and which of its addresses others can reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from corpus.errors import BadInput

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to listen on, and what this machine calls it then


def check_host(host: str, *, has_users: bool) -> None:
    """Raises BadInput for an address that others can reach where nobody has to log in."""
    if not has_users and not is_loopback(host):
        raise BadInput(
            f"{host} can be reached from elsewhere, so the window needs a login there: give --user NAME and the "
            "password in CITEDESK_PASSWORD, or keep users with --add-user NAME"
        )


def is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


@dataclass(frozen=True)
class Names:
    """What the window is called by in a Host header; with ``any_address`` every IP address will do.

    A page elsewhere that points its name at this machine has a name, never an address.
    """

    names: frozenset[str]
    any_address: bool = False

    @classmethod
    def of(cls, host: str, *others: str) -> Names:
        """Those of a window that listens on ``host`` and may be called by ``others``, too."""
        return cls(frozenset(name.lower() for name in (*LOOPBACK, host, *others)), host in ANYWHERE)

    def include(self, host: str) -> bool:
        """``host`` as a Host header has it."""
        found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:/@\s]+))(?::[0-9]{1,5})?", host)
        if found is None:
            return False
        name = (found[1] or found[2]).lower()
        return name in self.names or (self.any_address and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
