"""Whose the Gradio sessions and jobs are: Gradio itself lets in whoever knows their names."""

from __future__ import annotations

from collections import OrderedDict

MOST = 100_000


class Owners:
    """Names of sessions and jobs, each with the user who used it first; those least in use are forgotten."""

    def __init__(self) -> None:
        self._users: OrderedDict[str, str] = OrderedDict()

    def has(self, user: str, name: str, *, begins: bool = False) -> bool:
        """Whether ``name`` is the user's; one that is nobody's becomes so where something ``begins`` with it."""
        if begins:
            self._users.setdefault(name, user)
        if self._users.get(name) != user:
            return False
        self._users.move_to_end(name)
        if len(self._users) > MOST:
            self._users.popitem(last=False)
        return True
