"""The law of an outlet on its way to the site: word for word, whatever the order."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume.model.facility import Facility, Signal
from plume.model.identity import OutletId
from plume.model.limit import Limit
from plume.model.outlet import Name
from plume.model.site_law import SiteLaw
from plume.rules.treatment import RULES
from plume.wire.site_law import BadLaw, digest_of, law_fields, law_of
from tests.given import SO2_LIMIT

OUTLET = OutletId("stack-1")
NUMBERS = st.decimals(min_value=-1_000, max_value=100_000, places=3)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CODES = st.text("0123456789agw", min_size=1, max_size=12)
SIGNALS = st.builds(Signal, CODES, CODES, NUMBERS, st.sampled_from(["", "A", "mg/m3"]))


def limits() -> st.SearchStrategy[Limit]:
    return st.builds(
        replace,
        st.just(SO2_LIMIT),
        id=CODES,
        ceiling=NUMBERS,
        floor=st.none() | NUMBERS,
        valid_from=MOMENTS,
        valid_to=st.none() | MOMENTS,
        version=st.integers(1, 9),
    )


def facilities() -> st.SearchStrategy[Facility]:
    return st.builds(
        Facility,
        st.sampled_from(list(RULES.values())),
        st.just(OUTLET),
        st.just(Name("脱硫塔", "Absorber")),
        SIGNALS,
        st.lists(SIGNALS, min_size=1, max_size=3).map(tuple),
    )


LAWS = st.builds(
    SiteLaw,
    st.just(OUTLET),
    st.integers(1, 1 << 40),
    st.lists(limits(), max_size=4, unique_by=lambda one: (one.id, one.version)).map(tuple),
    st.lists(facilities(), max_size=2, unique_by=lambda one: one.id).map(tuple),
    st.none() | NUMBERS,
)


def sent(law: SiteLaw) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(law_fields(law)))
    return found


def ordered(law: SiteLaw) -> SiteLaw:
    return replace(
        law,
        limits=tuple(sorted(law.limits, key=lambda one: (one.id, one.version))),
        facilities=tuple(sorted(law.facilities, key=lambda one: one.id)),
    )


@given(LAWS)
def test_a_law_arrives_as_it_was_registered(law: SiteLaw) -> None:
    assert law_of(sent(law), rules=RULES) == ordered(law)


@given(LAWS)
def test_what_says_the_same_has_one_digest_whatever_the_order_and_version(law: SiteLaw) -> None:
    turned = replace(law, version=7, limits=law.limits[::-1], facilities=law.facilities[::-1])
    assert digest_of(turned) == digest_of(law)


def test_what_says_another_thing_has_another_digest() -> None:
    law = SiteLaw(OUTLET, 1, (SO2_LIMIT,), (), Decimal(6))
    others = [
        replace(law, limits=()),
        replace(law, reference_oxygen=None),
        replace(law, limits=(replace(SO2_LIMIT, ceiling=Decimal("35.1")),)),
        replace(law, outlet=OutletId("stack-2")),
    ]
    assert len({digest_of(one) for one in (law, *others)}) == 5


@pytest.mark.parametrize(
    "name", ["outletId", "version", "limits", "facilities", "referenceOxygen"]
)
def test_a_law_without_one_of_its_fields_is_refused_by_name(name: str) -> None:
    fields = sent(SiteLaw(OUTLET, 1))
    del fields[name]
    with pytest.raises(BadLaw, match=name):
        law_of(fields, rules=RULES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0}, {"version": True}, {"version": "1"}, {"limits": 7}, {"limits": [7]},
        {"referenceOxygen": "much"}, {"referenceOxygen": "Infinity"}, {"facilities": None},
    ],
)  # fmt: skip
def test_a_law_with_a_wrong_field_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadLaw):
        law_of(sent(SiteLaw(OUTLET, 1)) | wrong, rules=RULES)
