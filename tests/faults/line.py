"""A line between uplink and cloud that can be cut, slowed, or left half open."""

import socket
import threading
import time
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
        self._ends: list[socket.socket] = []
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break what stands, and refuse what comes."""
        self.up = False
        self._break()

    def mend(self) -> None:
        """Let everything pass again."""
        self.up, self.mute, self.bytes_per_second = True, False, 0

    def close(self) -> None:
        """End for good."""
        self._ended = True
        self._break()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _break(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self.up:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                while self.mute and not self._ended:
                    time.sleep(0.05)
                if self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
