"""Wet flue-gas desulphurisation with limestone: pumps, slurry, pH, gypsum, and the bypass.

* ln(SO2 out / SO2 in) = -0.165 L/G (1 + 0.5 (pH - 5.4)), L/G [L/m3] of the pumps that turn
  over the wet gas behind the economiser
* as many of five pumps (7,000 m3/h each) turn as half an hour's load needs at pH 5.4; the pH is
  then held where 22 mg/m3 at 6 % O2 leave, within 5.1 to 5.7
* limestone [kg/h] = 1.5625 SO2 removed [kg/h] 1.03 / 0.90; without it the pH falls towards 4.2
* gypsum [kg/h] = 2.6875 SO2 removed; the slurry's density runs from 1085 to 1145 kg/m3
* scrubbed gas leaves saturated at 47 to 51 °C; what goes around the tower, or through a tower
  without slurry, stays at 118 °C, with 7.5 % water
* dust: a wet tower lets a quarter through and adds 0.8 mg/m3 of its own

Source: domain rules T-04 to T-10.
"""

from dataclasses import dataclass

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Column, Times
from edge_greengrass.twin.coal.boiler import Fire
from edge_greengrass.twin.coal.precipitator import Precipitated
from edge_greengrass.twin.gas import saturated_humidity

PUMPS = 5
PUMP_FLOW = 7000.0
PUMP_AMPERES = 62.0
STRENGTH = 0.165
SET_POINT = 22.0
USUAL_PH, LOWEST_PH, HIGHEST_PH, SOUR_PH = 5.4, 5.1, 5.7, 4.2
LIMESTONE_PER_SULPHUR_DIOXIDE = 1.5625
GYPSUM_PER_SULPHUR_DIOXIDE = 2.6875
CALCIUM_EXCESS, PURITY = 1.03, 0.90
SLURRY_SOLIDS = 366.0
"""Limestone in a cubic metre of feed slurry: 30 % of 1,220 kg/m3 [kg/m3]."""
RAW_CELSIUS, RAW_HUMIDITY = 118.0, 7.5
WASHED, CARRIED = 0.25, 0.8
DECISION_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Upset:
    """What is wrong with the tower, each in [0, 1], shape (n,).

    `pumps` all recirculation pumps stand, `pump` one more than wanted, `feed` no limestone
    comes, `sourness` how far the slurry has turned sour for want of it, `bypass` how far the
    damper is open.
    """

    pumps: Column
    pump: Column
    feed: Column
    sourness: Column
    bypass: Column


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Behind the tower; SO2 and dust at 6 % O2 [mg/m3]; shape (n,) each, pumps (PUMPS, n)."""

    sulphur_dioxide: Column
    dust: Column
    celsius: Column
    humidity: Column
    pumps: Column
    acidity: Column
    density: Column
    limestone: Column
    gypsum: Column
    removal: Column
    damper: Column


def scrub(
    seed: int, fire: Fire, planned: Fire, precipitated: Precipitated, upset: Upset, times: Times
) -> Scrubbed:
    """Wash the gas; `planned` is the fire for which the pumps were chosen."""
    burning = fire.share > 0
    wanted = _wanted(planned)
    held = _held_acidity(seed, fire, wanted, times)
    acidity = held + (SOUR_PH - held) * upset.sourness
    turning = np.maximum(0, wanted - (upset.pump > 0)) * (upset.pumps <= 0) * burning
    through = np.where(burning, np.exp(-turning * _per_pump(fire, acidity)), 1.0)
    wet = (turning > 0) * (1 - upset.bypass)
    washed = wet * (WASHED * precipitated.dust + CARRIED) + (1 - wet) * precipitated.dust
    sulphur_dioxide = fire.sulphur_dioxide * (through * (1 - upset.bypass) + upset.bypass)
    removed = (fire.sulphur_dioxide - sulphur_dioxide) * fire.gas * 1e-6
    cool = 47 + 3.5 * fire.share + 0.5 * noise.drift(seed, "tower", times, 5400)
    celsius = wet * cool + (1 - wet) * np.where(burning, RAW_CELSIUS, 30.0)
    return Scrubbed(
        sulphur_dioxide=sulphur_dioxide,
        dust=washed,
        celsius=celsius,
        humidity=wet * 0.985 * saturated_humidity(cool, 101.2) + (1 - wet) * RAW_HUMIDITY,
        pumps=np.array([(turning > at) * 1.0 for at in range(PUMPS)]),
        acidity=acidity + 0.02 * noise.wobble(seed, "ph", times),
        density=1085 + 60 * (times % 28800) / 28800 + noise.wobble(seed, "density", times),
        limestone=limestone_needed(removed) * (1 - upset.feed),
        gypsum=GYPSUM_PER_SULPHUR_DIOXIDE * removed,
        removal=100 * (1 - sulphur_dioxide / fire.sulphur_dioxide),
        damper=90 * upset.bypass,
    )


def limestone_needed(removed: Column) -> Column:
    """Give the limestone as bought [kg/h] that binds so much SO2 [kg/h] (rule T-06)."""
    return LIMESTONE_PER_SULPHUR_DIOXIDE * removed * CALCIUM_EXCESS / PURITY


def _per_pump(fire: Fire, acidity: Column) -> Column:
    """Give -ln(SO2 out / in) of one pump [-]."""
    wet_gas = np.maximum(fire.passing, 1.0) / (1 - 0.12)
    return STRENGTH * (PUMP_FLOW * 1000 / wet_gas) * (1 + 0.5 * (acidity - USUAL_PH))


def _needed(fire: Fire) -> Column:
    return np.log(np.maximum(fire.sulphur_dioxide / SET_POINT, 1.0))


def _wanted(planned: Fire) -> Column:
    """Give how many pumps turn, never fewer than two."""
    usual = np.full(len(planned.share), USUAL_PH)
    pumps = np.ceil(_needed(planned) / _per_pump(planned, usual) - 0.35)
    return np.clip(pumps, 2, PUMPS)


def _held_acidity(seed: int, fire: Fire, pumps: Column, times: Times) -> Column:
    at_usual = _per_pump(fire, np.full(len(times), USUAL_PH))
    asked = _needed(fire) * (1 + 0.03 * noise.drift(seed, "so2", times, 1800))
    acidity = USUAL_PH + 2 * (asked / (pumps * at_usual) - 1)
    return np.clip(acidity, LOWEST_PH, HIGHEST_PH)
