"""Which parts of a machine make it the registered one."""

from itertools import combinations

import pytest

from plume.model.fingerprint import BadFingerprint, Fingerprint, Part, least_sets, suffices

BOARD, CARDS, DISKS, MACHINE, TOKEN = (
    Part.BOARD,
    Part.CARDS,
    Part.DISKS,
    Part.MACHINE,
    Part.TOKEN,
)


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        ({BOARD, CARDS, DISKS, MACHINE}, {"bcd", "bcm", "bdm", "cdm"}),
        ({CARDS, DISKS, MACHINE}, {"cd", "cm"}),
        ({BOARD, CARDS, MACHINE}, {"bc", "bm", "cm"}),
        ({BOARD, MACHINE}, {"bm"}),
        ({CARDS}, {"c"}),
        ({DISKS, MACHINE}, set()),
        ({BOARD, CARDS, DISKS, MACHINE, TOKEN}, {"t"}),
    ],
)
def test_two_thirds_with_one_fixed_part_suffice_and_a_token_alone(
    registered: set[Part], expected: set[str]
) -> None:
    found = {"".join(sorted(part[0] for part in chosen)) for chosen in least_sets(registered)}
    assert found == expected


def test_the_least_sets_say_the_same_as_the_rule() -> None:
    everything = list(Part)
    for count in range(1, 6):
        for registered in combinations(everything, count):
            least = list(least_sets(registered))
            for size in range(count + 1):
                for equal in map(frozenset, combinations(registered, size)):
                    assert suffices(equal, registered) == any(one <= equal for one in least)


def test_the_text_is_read_as_it_was_written() -> None:
    told = Fingerprint({MACHINE: "ab" * 32, BOARD: "cd" * 32})
    assert str(told) == f"board:{'cd' * 32},machine:{'ab' * 32}"
    assert Fingerprint.of(str(told).upper()) == told


@pytest.mark.parametrize(
    "text",
    ["", "ab" * 32, "board:", "luck:" + "ab" * 32, ",".join(["board:" + "ab" * 32] * 2)],
)
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(BadFingerprint):
        Fingerprint.of(text)
