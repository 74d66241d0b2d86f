"""How the uplink says that it stands with the cloud."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_greengrass.home import LINE


@dataclass(frozen=True, slots=True)
class Line:
    """Whether the line is up, and since when it is so; aware."""

    up: bool
    since: datetime


def line_of(home: Path) -> Line | None:
    """Give what the uplink says; None where it has said nothing that can be understood."""
    try:
        told = json.loads((home / LINE).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(told["since"])
        return Line(bool(told["up"]), since) if since.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
