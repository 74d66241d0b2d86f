"""When two machines claim to be one device (设备克隆)."""

from datetime import timedelta

from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode
from plume.model.outlet import Outlet
from plume.model.segment import SegmentEntry
from plume.rules.wording import clock

CLONED = RuleVersion("B-01", 1)
WINDOW = timedelta(hours=1)


def cloned(outlet: Outlet, second: SegmentEntry) -> Finding:
    """Judge B-01: a number of the device's chain was used twice, or the chain has forked.

    No machine alone can do either: what it seals is on its disk before it is sent. So a copy, or
    one restored from a copy, speaks under the same name, and whose word is true nobody can say.

    Returns:
        A finding on the hour in which the second machine was heard; nothing clears it by itself.

    Source:
        Catalogue of alarms (product 5.4), type 数据不一致 with 加密/签名校验失败; severity L2 and
        the window of an hour are our choice.
    """
    start = second.received_at.replace(minute=0, second=0, microsecond=0)
    return Finding(
        rule=CLONED,
        outlet=outlet.id,
        factor=FactorCode(""),
        type=AlarmType.INCONSISTENT,
        subtype="cloned_device",
        severity=Severity.L2,
        start=start,
        end=start + WINDOW,
        broken=True,
        known_at=second.received_at,
        value=None,
        limit=None,
        unit="",
        sentence=_sentence(outlet, second),
    )


def _sentence(outlet: Outlet, second: SegmentEntry) -> Sentence:
    at, thing = clock(second.received_at), second.thing
    return Sentence(
        zh=f"{outlet.name.zh} 的现场端 {thing} 疑被克隆：{at} 两台机器使用同一身份，数据存疑",
        en=f"{outlet.name.en}: device {thing} seems cloned; at {at} two machines spoke as it, "
        "and whose data are true cannot be said",
    )
