"""One suite, two worlds: people, and bundles of evidence."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from plume.aws.backlog_bucket import BacklogBucket
from plume.aws.bundles_bucket import BundlesBucket
from plume.aws.people_table import PeopleTable
from plume.errors import NotThere, Refused
from plume.memory.world import MemoryBacklog, MemoryBundles, MemoryPeople
from plume.model.identity import EnterpriseId, RegionCode, ThingName
from plume.model.person import Person, Role, Scope
from plume.model.segment import Arrival, SegmentEntry
from plume.ports.backlog import Backlog
from plume.ports.bundles import Bundles
from plume.ports.people import People
from plume.wire import bundle
from tests.integration.given import EIGHT, HOUR
from tests.integration.worlds import BUCKET, aws, one_of

EDGE = ThingName("edge-1")
ARRIVALS = (Arrival(EDGE, b"first \x00\xff", EIGHT), Arrival(EDGE, b"second", EIGHT + HOUR))
SOMEONE = Person(
    "sub-1",
    "zhang",
    "张三",
    Role.COUNTY,
    Scope((RegionCode("150523"),), (EnterpriseId("north"),), ()),
    "开鲁县局",
)


@pytest.fixture(params=["memory", "dynamodb"])
def people(request: pytest.FixtureRequest) -> Iterator[People]:
    yield from one_of(request, MemoryPeople, lambda: PeopleTable("users"))


@pytest.fixture(params=["memory", "s3"])
def bundles(request: pytest.FixtureRequest) -> Iterator[Bundles]:
    yield from one_of(request, MemoryBundles, lambda: BundlesBucket(BUCKET))


@pytest.fixture(params=["memory", "s3"])
def backlog(request: pytest.FixtureRequest) -> Iterator[Backlog]:
    if request.param == "memory":
        kept = MemoryBacklog()
        kept.objects["backlog/edge/a b"] = b"12345"
        yield kept
        return
    with aws():
        boto3.client("s3").put_object(Bucket=BUCKET, Key="backlog/edge/a b", Body=b"12345")
        yield BacklogBucket(BUCKET)


def test_an_object_of_the_backlog_comes_back_unless_it_is_too_large(backlog: Backlog) -> None:
    assert backlog.fetch("backlog/edge/a b", 5) == b"12345"
    with pytest.raises(Refused, match="5 bytes, 4 allowed"):
        backlog.fetch("backlog/edge/a b", 4)
    with pytest.raises(NotThere):
        backlog.fetch("backlog/edge/none", 5)


def test_a_person_comes_back_whole_and_is_replaced(people: People) -> None:
    people.put(SOMEONE)
    assert people.get("sub-1") == SOMEONE
    people.put(replace(SOMEONE, disabled=True))
    found = people.get("sub-1")
    assert found is not None
    assert found.disabled
    assert people.get("zhang") is None


def test_everyone_comes_by_username(people: People) -> None:
    people.put(SOMEONE)
    people.put(replace(SOMEONE, id="sub-2", username="li"))
    assert [one.username for one in people.all()] == ["li", "zhang"]


def test_a_bundle_comes_back_byte_for_byte(bundles: Bundles) -> None:
    key = bundles.put(ARRIVALS)
    assert tuple(bundles.whole(key)) == ARRIVALS
    places = bundle.ranges(bundle.write(ARRIVALS))
    for arrival, (offset, length) in zip(ARRIVALS, places, strict=True):
        where = SegmentEntry(EDGE, 1, b"", b"", key, offset, length, EIGHT)
        assert bundles.one(where) == arrival.raw


def test_the_same_batch_lands_on_the_same_object(bundles: Bundles) -> None:
    assert bundles.put(ARRIVALS) == bundles.put(ARRIVALS)
    assert bundles.put(ARRIVALS[:1]) != bundles.put(ARRIVALS)


def test_a_bundle_that_is_not_there_is_said_so(bundles: Bundles) -> None:
    with pytest.raises(NotThere):
        bundles.whole("bundles/no-such")


def test_a_bundle_is_written_once_even_in_a_versioned_bucket() -> None:
    with aws():
        bundles = BundlesBucket(BUCKET)
        key = bundles.put(ARRIVALS)
        bundles.put(ARRIVALS)
        versions = boto3.client("s3").list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
    assert len(versions) == 1
