"""How often each trouble is tried: bounded in CI, long in `make soak`, or as often as is asked.

`PLUME_TIMES=120 pytest -s tests/faults/test_camera_killed.py` tries one kind of trouble 120 times.
"""

import os

SOAK = os.environ.get("PLUME_SOAK") == "1"
_ASKED = os.environ.get("PLUME_TIMES", "")


def times(in_ci: int, in_soak: int) -> int:
    """Give the number for this run."""
    if _ASKED:
        return int(_ASKED)
    return in_soak if SOAK else in_ci
