"""How often each trouble is tried: bounded in CI, long in `make soak`."""

import os

SHARE = float(os.environ.get("PLUME_SOAK", "0"))
"""Of the long run: 1 for all of it, 0.1 for a tenth, 0 in CI."""


def times(in_ci: int, in_soak: int) -> int:
    """Give the number for this run."""
    return max(in_ci, round(in_soak * SHARE))
