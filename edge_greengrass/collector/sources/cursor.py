"""How far a pull source has come, kept on the disk so that a restart takes nothing twice."""

import json
import os
from pathlib import Path
from typing import Any


class Cursor:
    """One small JSON object in one file, replaced as a whole and durably."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        """Give what was kept last; nothing for a new source, or where it cannot be read.

        A cursor that is lost costs a second copy of some rows, which changes nothing: rows are
        known by their time.
        """
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, state: dict[str, Any]) -> None:
        """Keep a state; on return it is on the disk."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
