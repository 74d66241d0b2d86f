"""What an edge component says of itself: one JSON object per line on standard output."""

import json
import sys
from datetime import UTC, datetime
from typing import TextIO


class Journal:
    """Writes events of one component; the log collector of the device takes them from there."""

    def __init__(self, component: str, out: TextIO | None = None) -> None:
        self._component = component
        self._out = out or sys.stdout

    def tell(self, event: str, **facts: object) -> None:
        """Write one line: when [UTC], who, what, and the facts; never a password or a key."""
        at = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "component": self._component, "event": event, **facts}
        self._out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._out.flush()
