"""Packets of one message put together again."""

import re
from collections import OrderedDict
from dataclasses import replace

from plume.hj212.frame import Frame
from plume.hj212.items import data_of

MOST_OPEN = 1024
_TIME = re.compile(r"\A\s*DataTime\s*=[^;,]*[;,]?")
_Key = tuple[str, str, str, str, int]


class Reassembly:
    """Gathers packets by (MN, ST, CN, DataTime, PNUM), never by QN: each has its own.

    At most MOST_OPEN messages wait at once; the oldest is given up first. Every packet can be
    read alone, so nothing is lost by that.

    Source:
        HJ 212-2017, tables C.49 and C.50.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[_Key, dict[int, Frame]] = OrderedDict()

    def add(self, frame: Frame) -> Frame | None:
        """Take one frame; give the whole message when it is complete, else None.

        A frame that is no packet is whole by itself. The whole has the QN of its first packet and
        one DataTime; a packet that comes twice changes nothing.
        """
        if frame.pnum is None or frame.pno is None or frame.pnum == 1:
            return frame
        key = _key(frame, frame.pnum)
        packets = self._open.setdefault(key, {})
        packets.setdefault(frame.pno, frame)
        if len(packets) < frame.pnum:
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
            return None
        del self._open[key]
        return _whole([packets[number] for number in sorted(packets)])


def _key(frame: Frame, pnum: int) -> _Key:
    time = data_of(frame).fields.get("DataTime", "")
    return (frame.mn, frame.st, frame.cn, time, pnum)


def _whole(packets: list[Frame]) -> Frame:
    first, *others = packets
    parts = [first.cp.rstrip("; ")]
    parts += [_without_time(packet.cp).rstrip("; ") for packet in others]
    warnings = tuple(dict.fromkeys(name for packet in packets for name in packet.warnings))
    return replace(first, pnum=None, pno=None, cp=";".join(filter(None, parts)), warnings=warnings)


def _without_time(cp: str) -> str:
    return _TIME.sub("", cp, count=1)
