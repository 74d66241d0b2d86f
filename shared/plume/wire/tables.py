"""The DynamoDB tables: names, keys and indexes, written once for CDK, models and tests.

Every table has `pk` and `sk`, both strings; an index `byX` has `byX_pk` and `byX_sk`. The access
patterns are listed in `shared/plume/aws/README.md`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: on-demand, point-in-time recovery, encrypted with the platform's key."""

    name: str
    indexes: tuple[str, ...] = ()
    expires: bool = False
    stream: bool = False


TABLES = (
    TableSpec("registry", indexes=("by_region", "by_enterprise")),
    TableSpec("segments", expires=False),
    TableSpec("latest"),
    TableSpec("readings"),
    TableSpec("alarms", indexes=("by_region", "by_enterprise", "by_outlet")),
    TableSpec("media", indexes=("by_cause",)),
    TableSpec("tasks"),
    TableSpec("dossier"),
    TableSpec("submissions"),
    TableSpec("users", indexes=("by_username",)),
    TableSpec("audit", indexes=("by_subject",)),
    TableSpec("devices"),
    TableSpec(
        "commands", indexes=("by_region", "by_enterprise", "by_outlet", "by_thing", "waiting")
    ),
    TableSpec("rules"),
)
