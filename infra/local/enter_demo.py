"""Enter the demo region and its accounts: `python -m infra.local.enter_demo USER_POOL`.

The environment names the tables and the local AWS. Entering twice changes nothing: what devices
and people have made of it since (fingerprints, first frames, passwords) stays.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import boto3

from infra.local import demo_region
from infra.local.demo_region import Account
from plume.aws import wiring

Fact = TypeVar("Fact")


def enter_registry() -> None:
    """Enter regions, enterprises, outlets, limits, cameras, facilities and devices."""
    registry = wiring.registry()
    _each(registry.put_region, demo_region.regions())
    _each(registry.put_enterprise, demo_region.enterprises())
    _each(registry.put_outlet, demo_region.outlets())
    _each(registry.put_limit, demo_region.limits())
    _each(registry.put_camera, demo_region.cameras())
    _each(registry.put_facility, demo_region.facilities())
    new = (each for each in demo_region.devices() if registry.device(each.thing) is None)
    _each(registry.put_device, new)


def _each(put: Callable[[Fact], None], facts: Iterable[Fact]) -> None:
    for fact in facts:
        put(fact)


def enter_people(pool: str) -> None:
    """Make every demo account, and say who it is and what it may see."""
    people = wiring.people()
    cognito: Any = boto3.client("cognito-idp")
    for account in demo_region.accounts():
        subject = _subject(cognito, pool, account)
        people.put(replace(account.person, id=subject))


def _subject(cognito: Any, pool: str, account: Account) -> str:  # noqa: ANN401, boto3's own
    name = account.person.username
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=name, Password=account.password, Permanent=True
        )
    found = cognito.admin_get_user(UserPoolId=pool, Username=name)["UserAttributes"]
    return next(str(each["Value"]) for each in found if each["Name"] == "sub")


def main() -> None:
    """Enter all of it."""
    enter_registry()
    enter_people(sys.argv[1])


if __name__ == "__main__":
    main()
