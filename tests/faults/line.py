"""A line between uplink and cloud that can be cut, slowed, or left half open."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class FaultyLine:
    """Forwards TCP from a port of its own; its state may change while connections stand."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.up = True
        self.mute = False
        """Half open: connections stand, nothing passes."""
        self.bytes_per_second = 0
        """0 is as fast as it goes."""
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break what stands, and refuse what comes."""
        self.up = False
        self.break_where(lambda _: True)

    def mend(self) -> None:
        """Let everything pass again."""
        self.up, self.mute, self.bytes_per_second = True, False, 0

    def close(self) -> None:
        """End for good."""
        self._ended = True
        self.break_where(lambda _: True)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def lets_in(self, near: socket.socket) -> bool:
        """Whether a connection is taken."""
        return self.up

    def break_where(self, wanted: Callable[[socket.socket], bool]) -> None:
        """Break the connections of which one end is wanted."""
        for near, far in list(self._pairs):
            if wanted(near) or wanted(far):
                self._pairs.remove((near, far))
                _close(near, far)

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self.lets_in(near):
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._pairs.append((near, far))
            threading.Thread(target=self._join, args=(near, far), daemon=True).start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        """Carry both ways until both are done, then let go of both."""
        back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
        back.start()
        self._carry(near, far)
        back.join()
        with suppress(ValueError):  # whoever broke it has taken it out already
            self._pairs.remove((near, far))
        for end in (near, far):
            end.close()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                while self.mute and not self._ended:
                    time.sleep(0.05)
                if self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                sink.sendall(data)
        _close(source, sink)


def _close(*ends: socket.socket) -> None:
    """Shut both down; whoever reads from them notices, and lets go."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
