"""What every chimney shows besides its pollutants: flow, velocity and state of the gas."""

from dataclasses import dataclass

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Column, Times
from edge_greengrass.twin.gas import wet_actual
from edge_greengrass.twin.plant import Samples

AMBIENT_KILOPASCALS = 101.3


@dataclass(frozen=True, slots=True)
class Chimney:
    """A duct of so many square metres."""

    square_metres: float

    def points(self, seed: int, leaving: "Leaving", times: Times) -> Samples:
        """Read flow [m3/s, dry, standard state] and state of the gas.

        Source:
            HJ 212-2017, annex D, formulas 9 and 10.
        """
        pressure = -0.12 + 0.005 * noise.wobble(seed, "a01013", times)
        wet = wet_actual(
            leaving.flow, leaving.celsius, AMBIENT_KILOPASCALS + pressure, leaving.humidity
        )
        measured = noise.about(seed, "a00000", times, 0.004)
        return {
            "a00000": leaving.flow * measured,
            "a01011": wet / self.square_metres * measured,
            "a01012": leaving.celsius + 0.2 * noise.wobble(seed, "a01012", times),
            "a01013": pressure,
            "a01014": leaving.humidity * noise.about(seed, "a01014", times, 0.01),
        }


@dataclass(frozen=True, slots=True)
class Leaving:
    """Gas that leaves: flow [m3/s, dry, standard state], °C, water [%]; shape (n,)."""

    flow: Column
    celsius: Column
    humidity: Column
