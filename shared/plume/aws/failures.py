"""What AWS says when it cannot, in the words of Plume."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from plume.errors import Unavailable

CONDITION = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"
LOST = frozenset({CONDITION, "TransactionConflict", "ConditionalCheckFailed"})


@contextmanager
def told_as_unavailable(where: str) -> Iterator[None]:
    """Let every failure of AWS within leave as `Unavailable`, named by its place."""
    try:
        yield
    except (BotoCoreError, ClientError, PynamoDBException) as failure:
        raise Unavailable(f"{where}: {failure}") from failure


def lost_the_race(failure: PynamoDBException) -> bool:
    """Tell whether a condition failed because another writer was there first."""
    if failure.cause_response_code == CONDITION:
        return True
    if failure.cause_response_code != CANCELLED:
        return False
    reasons = [r.code for r in getattr(failure, "cancellation_reasons", []) if r is not None]
    return bool(reasons) and all(code in LOST or code in {"None", None} for code in reasons)


@contextmanager
def suppress_lost() -> Iterator[None]:
    """Go on when a condition failed: another writer was there first."""
    try:
        yield
    except PynamoDBException as failure:
        if not lost_the_race(failure):
            raise
