"""What must run before an outlet, as the API takes it: read field by field, faults by pointer."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from re import fullmatch
from typing import Any

from plume.errors import Refused
from plume.model.facility import Facility, Signal
from plume.model.finding import RuleVersion
from plume.model.identity import OutletId
from plume.model.outlet import Name

MOST_SIGNALS = 32
_SUBJECT = r"[\w.-]{1,64}"
_CHANNEL = r"[0-9A-Za-z]{1,12}"
_NAME = r"[^\x00-\x1f]{1,100}"
_UNIT = r"[^\x00-\x1f]{0,20}"
_DECIMAL = r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_BEYOND = Decimal(10) ** 15

Fields = Mapping[str, Any]


def facility_of(body: Fields, outlet: OutletId, *, rules: Mapping[str, RuleVersion]) -> Facility:
    """Read a facility of an outlet; a signal without a subject is the outlet's own.

    Args:
        body: as it was sent.
        outlet: before which it stands.
        rules: which may be asked for, by id.

    Raises:
        Refused: a field is missing or malformed; the pointer names it.
    """
    rule = rules.get(str(body.get("rule")))
    if rule is None:
        known = ", ".join(rules)
        raise Refused(f"rule must be one of {known}", zh=f"规则应为 {known} 之一", pointer="/rule")
    name = _object(body, "name", "")
    return Facility(
        rule=rule,
        outlet=outlet,
        name=Name(_text(name, "zh", _NAME, "/name"), _text(name, "en", _NAME, "/name")),
        demand=_signal(_object(body, "demand", ""), outlet, "/demand"),
        running=tuple(
            _signal(one, outlet, f"/running/{at}") for at, one in enumerate(_running(body))
        ),
    )


def _running(body: Fields) -> Sequence[Fields]:
    running = body.get("running")
    if not isinstance(running, list) or not 0 < len(running) <= MOST_SIGNALS:
        raise Refused(
            f"running must be a list of 1 to {MOST_SIGNALS} signals",
            zh=f"running 应为 1 到 {MOST_SIGNALS} 个信号",
            pointer="/running",
        )
    return running


def _signal(given: object, outlet: OutletId, where: str) -> Signal:
    if not isinstance(given, dict):
        raise Refused("a signal is an object", zh="信号应为对象", pointer=where)
    subject = _text(given, "subject", _SUBJECT, where) if given.get("subject") else str(outlet)
    return Signal(
        subject=subject,
        channel=_text(given, "channel", _CHANNEL, where),
        above=_number(given, "above", where),
        unit=_text(given, "unit", _UNIT, where) if "unit" in given else "",
    )


def _object(body: Fields, name: str, where: str) -> Fields:
    found = body.get(name)
    if not isinstance(found, dict):
        raise Refused(
            f"{name} must be an object", zh=f"{name} 应为对象", pointer=f"{where}/{name}"
        )
    return found


def _text(fields: Fields, name: str, pattern: str, where: str) -> str:
    found = fields.get(name)
    if not isinstance(found, str) or not fullmatch(pattern, found):
        raise Refused(
            f"{name} is missing or malformed",
            zh=f"{name} 缺失或格式不正确",
            pointer=f"{where}/{name}",
        )
    return found


def _number(fields: Fields, name: str, where: str) -> Decimal:
    """Read a decimal that is written as text, digit by digit, or as a JSON number.

    `1_0`, full-width digits, exponents in text and what no instrument measures are none.
    """
    found, pointer = fields.get(name), f"{where}/{name}"
    fault = Refused(f"{name} must be a number", zh=f"{name} 应为数字", pointer=pointer)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise fault
    if isinstance(found, str) and not fullmatch(_DECIMAL, found):
        raise fault
    value = Decimal(str(found))
    if not value.is_finite() or abs(value) >= _BEYOND:
        raise fault
    return value
