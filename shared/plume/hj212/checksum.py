"""The check of annex A: one message at a time, or a whole buffer of messages at once.

The standard takes the high byte of its register before each XOR, so only eight bits of state
survive from one byte to the next. The map of that state is linear, and its eighth power is the
identity: bytes that stand eight apart fold together by XOR, and eight lanes are left to combine.
It catches every single flipped bit, and it is no proof of integrity: only 256 values occur.
"""

import numpy as np
from numpy.typing import NDArray

_BYTES = range(256)
_FIRST = 0xFF


def _register(byte: int) -> int:
    """Give the register after one byte that met the state 0 (annex A, steps 3 to 6)."""
    register = byte
    for _ in range(8):
        carry = register & 1
        register >>= 1
        if carry:
            register ^= 0xA001
    return register


_REGISTER = [_register(byte) for byte in _BYTES]
_NEXT = [register >> 8 for register in _REGISTER]


def _powers() -> list[list[int]]:
    """Give the state map to the powers 0 to 7."""
    powers = [list(_BYTES)]
    for _ in range(7):
        powers.append([_NEXT[value] for value in powers[-1]])
    return powers


_POWER = _powers()
_START = tuple(_POWER[k][_FIRST] for k in range(8))
_PAD = tuple(b"\0" * (-n % 8) for n in range(8))
_WORDS = np.dtype(">u8")
_fold = np.bitwise_xor.reduce
_TABLE = np.array(_REGISTER, dtype=np.uint16)
_POWERS = np.array(_POWER, dtype=np.uint8)
# Lane k holds the bytes that k more bytes follow, modulo 8; two lanes share one look-up.
_PAIR = tuple((_POWERS[k + 1][:, None] ^ _POWERS[k]).ravel().tolist() for k in (0, 2, 4, 6))
_STARTS = np.array(_START, dtype=np.uint8)
_BELOW = np.array([(1 << 8 * n) - 1 for n in range(8)], dtype=np.uint64)


def crc(data: bytes) -> int:
    """Compute the CRC of one data segment; 0xFFFF for none.

    Source:
        HJ 212-2017, annex A; not CRC-16/MODBUS.
    """
    size = len(data)
    if not size:
        return 0xFFFF
    lanes = int(_fold(np.frombuffer(_PAD[size & 7] + data, _WORDS)))
    register: int = _REGISTER[
        _START[(size - 1) & 7]
        ^ _PAIR[0][lanes & 0xFFFF]
        ^ _PAIR[1][lanes >> 16 & 0xFFFF]
        ^ _PAIR[2][lanes >> 32 & 0xFFFF]
        ^ _PAIR[3][lanes >> 48]
    ]
    return register


def crcs(buffer: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Compute the CRC of every segment `[start, end)` of a buffer.

    Args:
        buffer: any bytes; the segments may overlap.
        starts: shape (n,), offsets.
        ends: shape (n,), offsets, each greater than its start.

    Returns:
        Shape (n,).
    """
    words = np.frombuffer(buffer + bytes(8 + -len(buffer) % 8), np.dtype("<u8"))
    before = np.zeros(len(words) + 1, np.uint64)
    np.bitwise_xor.accumulate(words, out=before[1:])
    lanes = _up_to(words, before, ends) ^ _up_to(words, before, starts)
    state = _STARTS[(ends - starts - 1) % 8]
    for lane in range(8):
        byte = (lanes >> np.uint64(8 * lane)).astype(np.uint8)
        state = state ^ _POWERS[(ends - 1 - lane) % 8, byte]
    registers: NDArray[np.uint16] = _TABLE[state]
    return registers


def _up_to(
    words: NDArray[np.uint64], before: NDArray[np.uint64], offsets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Fold all bytes before each offset, in the lanes of the buffer."""
    whole = offsets >> 3
    folded: NDArray[np.uint64] = before[whole] ^ (words[whole] & _BELOW[offsets & 7])
    return folded
