"""A potline of aluminium electrolysis with its dry scrubber (ST 31 and 51).

* aluminium [kg/h] = 0.33557 I [kA] CE N: 264 pots at about 400 kA, current efficiency 0.93
* alumina [t/h] = 1.92 aluminium; fresh alumina goes through the scrubber first, nearly all of it
* sulphur dioxide [kg/h] = aluminium 0.410 S 2, S about 1.2 % of the anodes
* gas, dry [m3/h] = 7,000 for each pot; a fan's current follows the gas
* fluoride before the scrubber = 20 kg/t; of it exp(-5.5 fresh / needed) is left
* hoods that stand open for an anode change, and anode effects, raise fluoride and dust

Source: domain rules A-01 to A-06; limits of GB 25465-2010.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Calendar, Column, Times
from edge_greengrass.twin.chimney import Chimney, Leaving
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.plant import Channel, Samples, Sight, opacity_of

POTS = 264
CURRENT_EFFICIENCY = 0.93
KILOGRAMS_PER_KILOAMPERE_HOUR = 0.33557
ANODE_PER_TONNE = 410.0
ALUMINA_PER_TONNE = 1.92
FRESH_SHARE = 0.98
GAS_PER_POT = 7000.0
FLUORIDE_PER_TONNE = 20.0
SCRUBBING = 5.5
FANS, FAN_AMPERES = 4, 210.0
EXHAUSTION_SECONDS = 5400
"""How long the alumina that circulates still takes up fluoride without fresh feed [s]."""
EFFECT_SECONDS = 240
RARE = 0.85
"""Of the draws in [-1, 1), those above make an anode effect: 27 a day."""


@dataclass(frozen=True, slots=True)
class Line:
    """The pots; shape (n,): series current [kA], aluminium [t/h], effects and open hoods."""

    kiloamperes: Column
    aluminium: Column
    effects: Column
    hoods: Column
    sulphur: Column


def aluminium_of(kiloamperes: Column, pots: int, efficiency: float) -> Column:
    """Give the aluminium made [t/h] (rule A-01)."""
    return KILOGRAMS_PER_KILOAMPERE_HOUR * kiloamperes * efficiency * pots / 1000


def sulphur_dioxide_of(aluminium: Column, sulphur: Column) -> Column:
    """Give SO2 [kg/h] from aluminium [t/h] and the sulphur of the anodes [%] (rule A-02)."""
    return aluminium * ANODE_PER_TONNE * sulphur / 100 * 2


class Potline:
    """One potline.

    Args:
        calendar: losses of the series current, and upsets; none when None.
        seed: makes drift and noise.
    """

    channels = (
        Channel("a21018", 3, mass=True, ceiling=3),
        Channel("a21026", 2, mass=True, ceiling=200),
        Channel("a34013", 2, mass=True, ceiling=20),
        Channel("a00000", 2, flow=True),
        Channel("a01011", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )
    process = (
        Channel("g72101", 1),
        Channel("g72201", 0),
        Channel("g72301", 3),
        *(Channel(f"g72{at}01", 2) for at in (4, 5)),
        *(Channel(f"g726{at:02}", 1) for at in range(1, FANS + 1)),
        Channel("g72701", 0),
        Channel("g72801", 1),
        Channel("g72901", 2),
        Channel("g73001", 1),
        Channel("g73101", 0),
        Channel("g73201", 2),
    )
    reference_oxygen = None
    flow_to_cubic_metres = 1.0
    mass_to_kilograms = 1e-6
    chimney = Chimney(46.0)

    def __init__(self, calendar: Calendar | None = None, seed: int = 1) -> None:
        self._calendar = calendar or Calendar(seed)
        self._seed = seed

    def samples(self, times: Times) -> Samples:
        """Read the stack and the control system."""
        line, share = self._line(times), self._calendar.share
        fanned = np.maximum(self._calendar.output(times), 0.3)
        gas = POTS * GAS_PER_POT * fanned * noise.about(self._seed, "gas", times, 0.01)
        fresh = line.aluminium * ALUMINA_PER_TONNE * FRESH_SHARE
        stopped = (Happening.ALUMINA_OFF, Happening.ALUMINA_OFF_HIDDEN)
        feed = fresh * (1 - share(*stopped, times=times))
        exhausted = share(*stopped, times=times, easing_in=EXHAUSTION_SECONDS, easing_out=1800)
        burst = share(Happening.BAG_BURST, times=times)
        inlet = FLUORIDE_PER_TONNE * line.aluminium / gas * 1e6
        leaving = Leaving(gas / 3600, 88 + 4 * line.kiloamperes / 400, 2.2 + 0 * gas)
        return {
            **self._pollutants(line, gas, inlet * self._left(line, exhausted), burst, times),
            **self.chimney.points(self._seed, leaving, times),
            **self._pots(line, times),
            **self._scrubber(feed, gas, burst, times),
            "g73001": inlet,
        }

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: a faint haze, more of it when hoods stand open."""
        times = np.array([int(at.timestamp())], dtype=np.int64)
        dust = float(self.samples(times)["a34013"][0])
        running = float(self._calendar.output(times)[0]) > 0
        return Sight(opacity=opacity_of(dust), steam=0.05, running=running)

    def _line(self, times: Times) -> Line:
        seed = self._seed
        current = 400 + 3 * noise.drift(seed, "series", times, 3600)
        current = (current + 0.4 * noise.wobble(seed, "series", times)) * self._calendar.output(
            times
        )
        shift = times % (8 * 3600)
        changing = (shift > 2 * 3600) & (shift < 5 * 3600)
        open_ = 8 + np.round(4 * noise.drift(seed, "hoods", times, 900))
        hoods = np.where(changing, open_, 1.0)
        rolled = noise.uniform(seed, "effect", times // EFFECT_SECONDS)
        return Line(
            kiloamperes=current,
            aluminium=aluminium_of(current, POTS, CURRENT_EFFICIENCY),
            effects=(rolled > RARE).astype(np.float64),
            hoods=hoods,
            sulphur=1.2 + 0.12 * noise.drift(seed, "sulphur", times, 3 * 86400),
        )

    def _left(self, line: Line, exhausted: Column) -> Column:
        """Give the share of the fluoride that passes the scrubber [-]."""
        stirred = 1 + 0.03 * line.hoods + 0.35 * line.effects
        return np.exp(-SCRUBBING * (1 - 0.8 * exhausted)) * stirred

    def _pollutants(
        self, line: Line, gas: Column, fluoride: Column, burst: Column, times: Times
    ) -> Samples:
        seed = self._seed
        dust = (5 + 0.25 * line.hoods + 0.8 * line.effects) * (1 + 9 * burst)
        dioxide = sulphur_dioxide_of(line.aluminium, line.sulphur) / gas * 1e6
        return {
            "a21018": fluoride * noise.about(seed, "a21018", times, 0.03),
            "a21026": dioxide * noise.about(seed, "a21026", times, 0.02),
            "a34013": dust * noise.about(seed, "a34013", times, 0.05),
        }

    def _pots(self, line: Line, times: Times) -> Samples:
        on = (line.kiloamperes > 0) * 1.0
        voltage = 3.98 + 25 / POTS * line.effects + 0.01 * noise.wobble(self._seed, "v", times)
        return {
            "g72101": line.kiloamperes,
            "g72201": np.full(len(times), float(POTS)),
            "g72301": voltage * on,
            "g72401": line.aluminium * ALUMINA_PER_TONNE,
            "g72801": ANODE_PER_TONNE + 2 * noise.drift(self._seed, "anode", times, 86400),
            "g72901": line.sulphur,
            "g73101": line.hoods,
            "g73201": line.aluminium,
        }

    def _scrubber(self, feed: Column, gas: Column, burst: Column, times: Times) -> Samples:
        share = gas / (POTS * GAS_PER_POT)
        fans = {
            f"g726{at + 1:02}": FAN_AMPERES
            * share
            * noise.about(self._seed, f"f{at}", times, 0.01)
            for at in range(FANS)
        }
        caked = 1050 + 250 * (times % 3600) / 3600 + 15 * noise.wobble(self._seed, "dp", times)
        return fans | {"g72501": feed, "g72701": caked * share * (1 - 0.8 * burst)}
