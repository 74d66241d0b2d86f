"""A plant's network with two lines, told apart by the source address they are taken from."""

import socket

from tests.faults.line import FaultyLine


class Network(FaultyLine):
    """Carries for every source address but those that are `cut`."""

    def __init__(self, target: int) -> None:
        self.cut_off: set[str] = set()
        self.taken: list[str] = []
        super().__init__(target)

    def lets_in(self, near: socket.socket) -> bool:
        """Note who came, and say whether his line is up."""
        caller = near.getpeername()[0]
        self.taken.append(caller)
        return caller not in self.cut_off

    def cut_line(self, address: str) -> None:
        """Break what goes by one line, and refuse what comes by it."""
        self.cut_off.add(address)
        self.break_where(lambda end: _peer(end) == address)


def _peer(end: socket.socket) -> str:
    try:
        return str(end.getpeername()[0])
    except OSError:
        return ""
