"""What can happen to a plant for a while: its own states, those of its instruments, mischief."""

from dataclasses import dataclass
from enum import StrEnum


class Happening(StrEnum):
    """Everything an episode can be about; a calendar says when.

    The first group is the life of the plant, the second that of its instruments. All others
    are the labelled faults and tamperings that rules are to find (`tricks.py` names them).
    """

    OUTAGE = "outage"
    BANKED = "banked"
    TRIP = "trip"

    CALIBRATION = "calibration"
    MAINTENANCE = "maintenance"
    ANALYSER_FAULT = "analyser_fault"

    CONSTANT = "constant"
    SMALL_WOBBLE = "small_wobble"
    DETECTION_LIMIT = "detection_limit"
    LIMIT_HUGGING = "limit_hugging"
    CLIPPING = "clipping"
    ZERO_VALUES = "zero_values"
    SPAN_SWAPPED = "span_swapped"
    SLOPE_EDITED = "slope_edited"
    DILUTION_AIR = "dilution_air"
    DILUTION_NITROGEN = "dilution_nitrogen"
    DILUTION_WATER = "dilution_water"
    OXYGEN_LOWERED = "oxygen_lowered"
    REPLAYED_DAY = "replayed_day"
    COPIED_INLET = "copied_inlet"
    AREA_EDITED = "area_edited"
    HUMIDITY_LOWERED = "humidity_lowered"
    CONVERSION_EDITED = "conversion_edited"
    MASS_EDITED = "mass_edited"
    FLOW_CUT = "flow_cut"
    FLAG_ABUSE = "flag_abuse"
    FALSE_STOP = "false_stop"
    CLOCK_SHIFT = "clock_shift"
    BLACKOUT = "blackout"
    REWRITTEN_HOURS = "rewritten_hours"
    FROZEN_SENSOR = "frozen_sensor"

    PUMP_TRIP = "pump_trip"
    PUMPS_OFF = "pumps_off"
    PUMPS_OFF_HIDDEN = "pumps_off_hidden"
    REAGENT_OFF = "reagent_off"
    REAGENT_OFF_HIDDEN = "reagent_off_hidden"
    BYPASS_OPEN = "bypass_open"
    BYPASS_HIDDEN = "bypass_hidden"
    AMMONIA_OFF = "ammonia_off"
    AMMONIA_OFF_HIDDEN = "ammonia_off_hidden"
    FIELD_TRIP = "field_trip"
    FIELD_TRIP_HIDDEN = "field_trip_hidden"
    BAG_BURST = "bag_burst"

    BLOWER_OFF = "blower_off"
    BLOWER_OFF_HIDDEN = "blower_off_hidden"
    DOSING_OFF_HIDDEN = "dosing_off_hidden"

    ALUMINA_OFF = "alumina_off"
    ALUMINA_OFF_HIDDEN = "alumina_off_hidden"
    SULPHUR_SHAVED = "sulphur_shaved"

    RTO_COLD = "rto_cold"
    RTO_COLD_HIDDEN = "rto_cold_hidden"
    VENT_OPEN = "vent_open"
    FAN_OFF = "fan_off"
    CARBON_SPENT = "carbon_spent"


@dataclass(frozen=True, slots=True, order=True)
class Episode:
    """One happening over `[start, end)`, unix time [s]."""

    start: int
    end: int
    what: Happening

    def overlaps(self, first: int, last: int) -> bool:
        """Whether any of it lies within `[first, last]`."""
        return self.start <= last and self.end > first
