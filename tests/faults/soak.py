"""How often each trouble is tried: bounded in CI, long in `make soak`."""

import os

SOAK = os.environ.get("PLUME_SOAK") == "1"


def times(in_ci: int, in_soak: int) -> int:
    """Give the number for this run."""
    return in_soak if SOAK else in_ci
