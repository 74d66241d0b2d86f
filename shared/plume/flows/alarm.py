"""How an alarm lives: handled by people along a table of moves, opened and cleared by findings."""

from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from plume.errors import Conflict
from plume.model.alarm import Alarm, Condition, Handling, Judged
from plume.model.finding import Finding
from plume.model.identity import AlarmId, EnterpriseId, RegionCode


class AlarmCommand(StrEnum):
    """What a person may do with an alarm; more come with the task flow."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


MOVES = {
    (Handling.AWAITING_RESPONSE, AlarmCommand.ACKNOWLEDGE): Handling.RESPONDED,
    (Handling.AWAITING_RESPONSE, AlarmCommand.RESOLVE): Handling.RESPONDED,
    (Handling.RESPONDED, AlarmCommand.RESOLVE): Handling.RESPONDED,
}


class NoSuchMove(Conflict):
    """The alarm cannot obey this command from where it stands."""


def move(state: Handling, command: str) -> Handling:
    """Give the handling after the command.

    Raises:
        NoSuchMove: the table knows no such move, or no such command.
    """
    for (before, known), after in MOVES.items():
        if (before, known.value) == (state, command):
            return after
    raise NoSuchMove(f"{command} while {state.value}", zh=f"当前状态 {state.value} 不能 {command}")


def commands_of(state: Handling) -> tuple[AlarmCommand, ...]:
    """Give what may be done from here, for the buttons of a page."""
    return tuple(command for before, command in MOVES if before is state)


def settled(alarm: Alarm, now: datetime) -> Alarm:
    """Clear an alarm by a person's word, where no finding ever says that the rule holds.

    What was known so far, told again, leaves it cleared; new evidence opens it again, or a new
    one, and it awaits a response anew.
    """
    return replace(alarm, condition=Condition.CLEARED, cleared_at=now)


MOST_REMEMBERED = 1_000
"""Windows an alarm remembers: a record of 1,000 stays well below DynamoDB's 400 KB."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose outlet it is, and where: copied into the alarm."""

    enterprise: EnterpriseId
    region: RegionCode


def fold(
    episodes: Sequence[Alarm], finding: Finding, *, place: Place, now: datetime
) -> Alarm | None:
    """Fold one finding into the alarms of its cause, in event time.

    An episode is a run of broken windows of one (rule, outlet, factor). A broken window joins the
    episode that it touches, else the open one when it is later; else it starts an episode, which
    is open only when none is later. A holding window after the last broken one clears; the
    earliest such window is `cleared_at`, in whatever order they are told. A window judged anew
    replaces its former word when it is known later: corrected to holding, it leaves the episode;
    with its last window an alarm is withdrawn: cleared, `count` 0, kept for its history.

    Our choices: a gap without any finding does not end an episode; a late holding window in the
    midst of an episode does not split it; a late broken window between two episodes joins the
    earlier one, and they stay two alarms, because each has a handling of its own.

    Args:
        episodes: the alarms of the finding's cause, in any order.
        finding: told at least once, perhaps late and out of order.
        place: whose outlet it is.
        now: when this is concluded; only `raised_at` and `updated_at` show it.

    Returns:
        The one alarm that changes, its `version` one higher (1: a new alarm); None when nothing
        changes: said before, said later already, or holding where nothing was broken.
    """
    known = next((alarm for alarm in episodes if _word_on(alarm, finding.start)), None)
    if known is not None:
        return _judge_anew(known, episodes, finding, now)
    live = sorted((alarm for alarm in episodes if alarm.count), key=lambda one: one.first_at)
    if not finding.broken:
        return _clear(live, finding, now)
    joined = _episode_for(live, finding)
    if joined is None:
        return _open(live, finding, place, now)
    return _extend(joined, live, finding, now)


def alarm_id(finding: Finding) -> AlarmId:
    """Name an episode after its cause and first window: the same again after a crash."""
    cause = (finding.rule.id, finding.outlet, finding.factor, str(finding.start.timestamp()))
    return AlarmId("AL" + b32encode(sha256("\n".join(cause).encode()).digest())[:16].decode())


def _word_on(alarm: Alarm, start: datetime) -> Judged | None:
    return next((word for word in alarm.judged if word.start == start), None)


def _word(finding: Finding) -> Judged:
    return Judged(
        start=finding.start,
        end=finding.end,
        known_at=finding.known_at,
        broken=finding.broken,
        severity=finding.severity,
        value=finding.value,
        limit=finding.limit,
        sentence=finding.sentence,
    )


def _judge_anew(
    alarm: Alarm, episodes: Sequence[Alarm], finding: Finding, now: datetime
) -> Alarm | None:
    """Replace the word on a window that this episode knows, unless the old one is newer."""
    before, after = _word_on(alarm, finding.start), _word(finding)
    if before is None or before == after or after.known_at < before.known_at:
        return None
    words = [after if word is before else word for word in alarm.judged]
    rebuilt = _rebuilt(alarm, words, finding)
    if after.broken:
        later = _is_later(episodes, rebuilt)
        return _stamped(_reopened(rebuilt, after, alone=not later), alarm, now)
    return _stamped(_held_from(rebuilt, finding.start), alarm, now)


def _clear(live: Sequence[Alarm], finding: Finding, now: datetime) -> Alarm | None:
    """Clear the last episode before the holding window, or move its clearing forward."""
    before = [alarm for alarm in live if alarm.last_at <= finding.start]
    if not before:
        return None
    last = max(before, key=lambda alarm: alarm.last_at)
    return _stamped(_held_from(last, finding.start), last, now)


def _held_from(alarm: Alarm, start: datetime) -> Alarm:
    """The rule holds from `start`: that clears the alarm unless it was broken later."""
    if not alarm.count:
        return replace(alarm, condition=Condition.CLEARED, cleared_at=alarm.first_at)
    if start < alarm.last_at or (alarm.cleared_at and alarm.cleared_at <= start):
        return alarm
    return replace(alarm, condition=Condition.CLEARED, cleared_at=start)


def _episode_for(live: Sequence[Alarm], finding: Finding) -> Alarm | None:
    """Choose the earliest episode the window touches, else the open one it comes after."""
    for alarm in live:
        if finding.start <= alarm.last_at and finding.end >= alarm.first_at:
            return alarm
    earlier = (alarm for alarm in live if alarm.last_at <= finding.start)
    return next((alarm for alarm in earlier if alarm.condition is Condition.ACTIVE), None)


def _open(live: Sequence[Alarm], finding: Finding, place: Place, now: datetime) -> Alarm:
    """Start an episode; a late one, with another after it, is over already."""
    over = any(alarm.first_at > finding.start for alarm in live)
    return Alarm(
        id=alarm_id(finding),
        rule=finding.rule,
        outlet=finding.outlet,
        enterprise=place.enterprise,
        region=place.region,
        factor=finding.factor,
        type=finding.type,
        subtype=finding.subtype,
        severity=finding.severity,
        condition=Condition.CLEARED if over else Condition.ACTIVE,
        handling=Handling.AWAITING_RESPONSE,
        first_at=finding.start,
        last_at=finding.end,
        raised_at=now,
        updated_at=now,
        count=1,
        value=finding.value,
        limit=finding.limit,
        unit=finding.unit,
        sentence=finding.sentence,
        windows=(finding.start,),
        judged=(_word(finding),),
        source=finding.source,
        cleared_at=finding.end if over else None,
    )


def _extend(alarm: Alarm, live: Sequence[Alarm], finding: Finding, now: datetime) -> Alarm | None:
    word = _word(finding)
    rebuilt = _rebuilt(alarm, [*alarm.judged, word], finding)
    return _stamped(_reopened(rebuilt, word, alone=not _is_later(live, rebuilt)), alarm, now)


def _is_later(episodes: Sequence[Alarm], alarm: Alarm) -> bool:
    others = (one for one in episodes if one.count and one.id != alarm.id)
    return any(one.first_at > alarm.first_at for one in others)


def _reopened(alarm: Alarm, word: Judged, *, alone: bool) -> Alarm:
    """A window broken beyond the clearing opens the alarm again, unless a later one exists."""
    if alarm.cleared_at is None or word.end <= alarm.cleared_at:
        return alarm
    if alone:
        return replace(_awaited(alarm), condition=Condition.ACTIVE, cleared_at=None)
    return replace(alarm, cleared_at=alarm.last_at)


def _awaited(alarm: Alarm) -> Alarm:
    """Whoever settled it was mistaken, or it began anew: someone must respond to it again."""
    if not alarm.history or alarm.history[-1].command != AlarmCommand.RESOLVE:
        return alarm
    return replace(alarm, handling=Handling.AWAITING_RESPONSE)


def _rebuilt(alarm: Alarm, words: Sequence[Judged], finding: Finding) -> Alarm:
    """Derive what the alarm says from the words on its windows."""
    forgotten = alarm.count - sum(word.broken for word in alarm.judged)
    broken = [word for word in words if word.broken]
    if not broken:
        return replace(alarm, judged=tuple(words), windows=(), count=forgotten)
    worst = max(broken, key=_badness)
    kept = _remembered(words, worst)
    first = min(word.start for word in broken)
    return replace(
        alarm,
        judged=kept,
        windows=tuple(word.start for word in kept if word.broken),
        count=forgotten + len(broken),
        first_at=min(first, alarm.first_at) if forgotten else first,
        last_at=max(word.end for word in broken),
        severity=worst.severity,
        value=worst.value,
        limit=worst.limit,
        sentence=worst.sentence,
        subtype=finding.subtype if worst.start == finding.start else alarm.subtype,
    )


def _remembered(words: Sequence[Judged], worst: Judged) -> tuple[Judged, ...]:
    """Keep the newest words and the worst; what falls out stays counted."""
    ordered = sorted(words, key=lambda word: word.start)
    surplus = len(ordered) - MOST_REMEMBERED
    return tuple(word for place, word in enumerate(ordered) if place >= surplus or word is worst)


def _badness(word: Judged) -> tuple[int, Decimal, datetime]:
    """Order words: by severity, then by distance from the limit, then the later one."""
    distance = Decimal()
    if word.value is not None and word.limit is not None:
        distance = abs(word.value - word.limit)
    return (-int(word.severity.value[1:]), distance, word.end)


def _stamped(changed: Alarm, before: Alarm, now: datetime) -> Alarm | None:
    """Count the change; one that only confirms what was known does not look new."""
    if changed == before:
        return None
    silent = replace(changed, judged=before.judged) == before
    at = before.updated_at if silent else now
    return replace(changed, updated_at=at, version=before.version + 1)
