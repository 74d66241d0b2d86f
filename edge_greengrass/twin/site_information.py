"""What a data logger says of itself and its instruments: the i-codes it knows (CN 3020, 3021)."""

from edge_greengrass.twin.habits import Habits

_DELIVERED = {
    "i11001": "//仪器自检正常//",
    "i12001": "7",
    "i12003": "0",
    "i13001": "200.0",
    "i13003": "10",
    "i13006": "20260101000000",
    "i13007": "0.000",
    "i13008": "1.000",
    "i21001": "//数采仪运行正常//",
    "i22001": "0",
    "i22003": "0",
}
"""Of a twin as delivered: measuring, no alarm, intercept 0 and slope 1 (HJ 212-2017, B.8)."""


def value(habits: Habits, factor: str, info: str) -> str:
    """Give the value of an i-code: as the host has set it, else as delivered.

    Raises:
        KeyError: the data logger does not know the code.
    """
    return habits.noted.get((factor, info), _DELIVERED[info])
