"""The environment of a started program."""

import os
from collections.abc import Mapping


def surroundings(chosen: Mapping[str, str]) -> dict[str, str]:
    """Give our environment with the chosen values; one chosen as empty is not there at all."""
    return {name: value for name, value in {**os.environ, **chosen}.items() if value}
