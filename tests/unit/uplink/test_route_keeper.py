"""A failed route is left at once for one that works, and returned to only when it is steady."""

from hypothesis import given
from hypothesis import strategies as st

from edge_greengrass.uplink.routes.keeper import Patience, RouteKeeper
from edge_greengrass.uplink.routes.network_route import NetworkRoute

WIRED, MOBILE, SPARE = NetworkRoute("wired"), NetworkRoute("4g"), NetworkRoute("spare")
PATIENCE = Patience(failures=3, steady=120.0)


def keeper_where(*working: NetworkRoute) -> RouteKeeper:
    keeper = RouteKeeper((WIRED, MOBILE, SPARE), PATIENCE)
    for route in working:
        keeper.probed(route, answered=True, now=0.0)
    return keeper


def fail(keeper: RouteKeeper, route: NetworkRoute, times: int, now: float = 10.0) -> None:
    for _ in range(times):
        keeper.probed(route, answered=False, now=now)


def test_the_first_route_is_taken_before_anything_is_known() -> None:
    assert keeper_where().current == WIRED


def test_two_lost_probes_are_no_reason_to_leave() -> None:
    keeper = keeper_where(WIRED, MOBILE)
    fail(keeper, WIRED, 2)
    assert keeper.current == WIRED


def test_the_third_lost_probe_is_and_the_best_that_works_is_taken() -> None:
    keeper = keeper_where(WIRED, SPARE)
    fail(keeper, WIRED, 3)
    assert keeper.current == SPARE


def test_with_no_other_that_works_one_stays_and_goes_as_soon_as_there_is_one() -> None:
    keeper = keeper_where()
    fail(keeper, WIRED, 5)
    assert keeper.current == WIRED
    change = keeper.probed(MOBILE, answered=True, now=11.0)
    assert change is not None
    assert (change.left, change.taken) == (WIRED, MOBILE)


def test_a_route_that_comes_back_is_returned_to_after_two_steady_minutes() -> None:
    keeper = keeper_where(WIRED, MOBILE)
    fail(keeper, WIRED, 3)
    keeper.probed(WIRED, answered=True, now=100.0)
    keeper.probed(WIRED, answered=True, now=219.0)
    assert keeper.current == MOBILE
    keeper.probed(WIRED, answered=True, now=220.0)
    assert keeper.current == WIRED


def test_a_flapping_route_is_not_returned_to() -> None:
    keeper = keeper_where(WIRED, MOBILE)
    fail(keeper, WIRED, 3)
    for minute in range(2, 60):
        keeper.probed(WIRED, answered=minute % 2 == 0, now=60.0 * minute)
    assert keeper.current == MOBILE


@given(
    st.lists(
        st.tuples(st.sampled_from([WIRED, MOBILE, SPARE]), st.booleans(), st.floats(0.0, 60.0)),
        max_size=200,
    )
)
def test_a_route_that_works_is_never_left_for_one_that_does_not(
    probes: list[tuple[NetworkRoute, bool, float]],
) -> None:
    keeper, now = keeper_where(), 0.0
    for route, answered, later in probes:
        now += later
        change = keeper.probed(route, answered=answered, now=now)
        if change:
            assert keeper.works(change.taken)
