"""When two machines claim to be one device (设备克隆)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode, ThingName
from plume.model.outlet import Outlet
from plume.model.segment import SegmentEntry
from plume.rules.wording import clock

CLONED = RuleVersion("B-01", 1)
CONTESTED = RuleVersion("B-02", 1)
FOREIGN = RuleVersion("B-03", 1)
ACCUSATIONS = frozenset({CLONED.id, CONTESTED.id, FOREIGN.id})
"""No finding of these ever holds: that a second machine was not heard does not say where it is."""
WINDOW = timedelta(hours=1)
SPELL = timedelta(minutes=10)
MOST_DISPLACED = 5
"""A device that comes back over another route displaces itself once; two machines under one name
displace each other again and again. Our choice: more than five times within ten minutes."""


def cloned(outlet: Outlet, second: SegmentEntry) -> Finding:
    """Judge B-01: a number of the device's chain was used twice, or the chain has forked.

    No machine alone can do either: what it seals is on its disk before it is sent. So a copy, or
    one restored from a copy, speaks under the same name, and whose word is true nobody can say.

    Returns:
        A finding on the hour in which the second machine was heard; people clear it.

    Source:
        Catalogue of alarms (product 5.4), type 数据不一致 with 加密/签名校验失败; severity L2 and
        the window of an hour are our choice.
    """
    told = _sentence(outlet, second)
    return _accused(outlet, CLONED, "cloned_device", Severity.L2, second.received_at, told)


def is_contested(displaced: Sequence[datetime]) -> bool:
    """Whether more than five of these fell within the ten minutes before the newest."""
    newest = max(displaced)
    return sum(newest - at < SPELL for at in displaced) > MOST_DISPLACED


def contested(outlet: Outlet, thing: ThingName, at: datetime) -> Finding:
    """Judge B-02: the broker hangs up on a device over and over, as another takes its name.

    Two machines are the likely cause; a line that flaps faster than the broker notices is another,
    so it is graded below B-01. Whose data are true is for B-01 to say.

    Args:
        outlet: one of those behind the device.
        thing: the device's name.
        at: when it was displaced last, aware.

    Source:
        Catalogue of alarms (product 5.4), type 数据不一致; severity L3 is our choice.
    """
    told = Sentence(
        zh=f"{outlet.name.zh} 的现场端 {thing} 至 {clock(at)} 反复被同名连接挤下线",
        en=f"{outlet.name.en}: device {thing} was displaced again and again until {clock(at)} "
        "by another connection under its name; there may be two machines",
    )
    return _accused(outlet, CONTESTED, "contested_name", Severity.L3, at, told)


def foreign(outlet: Outlet, thing: ThingName, at: datetime) -> Finding:
    """Judge B-03: other hardware asked to be this device, and was refused.

    Somebody has put its serial number, or a copy of its disk, into another machine; or a repair
    replaced more than one part, which an administrator confirms by clearing the fingerprint.

    Source:
        Catalogue of alarms (product 5.4), type 数据不一致; severity L3 is our choice.
    """
    told = Sentence(
        zh=f"{outlet.name.zh} 的现场端身份 {thing} 于 {clock(at)} 被另一台硬件申请，已拒绝",
        en=f"{outlet.name.en}: at {clock(at)} other hardware asked to be device {thing}, "
        "and was refused",
    )
    return _accused(outlet, FOREIGN, "foreign_hardware", Severity.L3, at, told)


def _accused(
    outlet: Outlet,
    rule: RuleVersion,
    subtype: str,
    severity: Severity,
    at: datetime,
    sentence: Sentence,
) -> Finding:
    """Find fault with a device on the hour of `at`; no value is measured by that."""
    start = at.replace(minute=0, second=0, microsecond=0)
    return Finding(
        rule=rule,
        outlet=outlet.id,
        factor=FactorCode(""),
        type=AlarmType.INCONSISTENT,
        subtype=subtype,
        severity=severity,
        start=start,
        end=start + WINDOW,
        broken=True,
        known_at=at,
        value=None,
        limit=None,
        unit="",
        sentence=sentence,
    )


def _sentence(outlet: Outlet, second: SegmentEntry) -> Sentence:
    at, thing = clock(second.received_at), second.thing
    return Sentence(
        zh=f"{outlet.name.zh} 的现场端 {thing} 疑被克隆：{at} 两台机器使用同一身份，数据存疑",
        en=f"{outlet.name.en}: device {thing} seems cloned; at {at} two machines spoke as it, "
        "and whose data are true cannot be said",
    )
