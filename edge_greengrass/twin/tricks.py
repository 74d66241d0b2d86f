"""The labelled faults and tamperings: what each touches, how, and which rules ought to find it.

Rule ids are those of the domain sheet (domain.md 4.2 to 4.11).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from edge_greengrass.twin import alterations as make
from edge_greengrass.twin.alterations import OXYGEN, Scene
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.plant import Plant, Samples


class Nature(StrEnum):
    """Whether something broke, or somebody lies."""

    FAULT = "fault"
    TAMPERING = "tampering"


@dataclass(frozen=True, slots=True)
class Trick:
    """One kind of labelled episode.

    `touches` gives the channels it changes, `alters` how they are reported. `letter` is put on
    them throughout, `opening_letter` for the first quarter of an hour. `conversion` and
    `accumulation` multiply converted values and amounts in the report alone.
    """

    nature: Nature
    zh: str
    rules: tuple[str, ...]
    touches: Callable[[Plant], tuple[str, ...]]
    alters: Callable[[Scene], Samples] = make.honest
    letter: str = ""
    opening_letter: str = ""
    conversion: float = 1.0
    accumulation: float = 1.0


def limited(plant: Plant) -> tuple[str, ...]:
    """Give the pollutants that have a ceiling."""
    return tuple(one.code for one in plant.channels if one.ceiling)


def first_limited(plant: Plant) -> tuple[str, ...]:
    """Give the first pollutant that has a ceiling."""
    return limited(plant)[:1]


def sampled(plant: Plant) -> tuple[str, ...]:
    """Give what shares a sample line: the gases, and oxygen."""
    dust = {"a34013"}
    return tuple(
        o.code for o in plant.channels if (o.mass and o.code not in dust) or _is_o2(o.code)
    )


def outlet(plant: Plant) -> tuple[str, ...]:
    """Give every channel of the outlet."""
    return tuple(one.code for one in plant.channels)


def flows(plant: Plant) -> tuple[str, ...]:
    """Give the flow."""
    return tuple(one.code for one in plant.channels if one.flow)


def carried(plant: Plant) -> tuple[str, ...]:
    """Give the flow and what it carries."""
    return tuple(one.code for one in plant.channels if one.flow or one.mass)


def only(*codes: str) -> Callable[[Plant], tuple[str, ...]]:
    """Give these channels, where the plant has them."""

    def those(plant: Plant) -> tuple[str, ...]:
        known = {one.code for one in (*plant.channels, *plant.process)}
        return tuple(code for code in codes if code in known)

    return those


def _is_o2(code: str) -> bool:
    return code == OXYGEN


_FAULT, _TAMPERING = Nature.FAULT, Nature.TAMPERING
_SLURRY_PUMPS = only("g10301", "g10302", "g10303", "g10401", "g10402", "g10403")

TRICKS: Mapping[Happening, Trick] = MappingProxyType(
    {
        Happening.CONSTANT: Trick(
            _TAMPERING, "恒值", ("F-01", "G-11"), first_limited, make.constant
        ),
        Happening.SMALL_WOBBLE: Trick(
            _TAMPERING, "小幅波动", ("F-02",), first_limited, make.small_wobble
        ),
        Happening.DETECTION_LIMIT: Trick(
            _TAMPERING, "检出限附近", ("F-03",), first_limited, make.detection_limit
        ),
        Happening.LIMIT_HUGGING: Trick(_TAMPERING, "贴限", ("F-04",), limited, make.limit_hugging),
        Happening.CLIPPING: Trick(_TAMPERING, "削峰", ("F-05",), first_limited, make.clipping),
        Happening.ZERO_VALUES: Trick(_FAULT, "零值", ("F-06",), first_limited, make.zeros),
        Happening.SPAN_SWAPPED: Trick(
            _TAMPERING,
            "更换标气",
            ("F-07",),
            limited,
            make.span_swapped,
            opening_letter="C",
        ),
        Happening.SLOPE_EDITED: Trick(
            _TAMPERING, "修改斜率", ("G-13", "F-07"), first_limited, make.slope_edited
        ),
        Happening.DILUTION_AIR: Trick(
            _TAMPERING, "空气稀释", ("F-08",), sampled, make.dilution_air
        ),
        Happening.DILUTION_NITROGEN: Trick(
            _TAMPERING, "氮气稀释", ("F-09", "G-14"), sampled, make.dilution_nitrogen
        ),
        Happening.DILUTION_WATER: Trick(
            _TAMPERING, "清水稀释", ("W-11",), carried, make.dilution_water
        ),
        Happening.OXYGEN_LOWERED: Trick(
            _TAMPERING, "压低氧量", ("F-10", "G-14"), only(OXYGEN), make.oxygen_lowered
        ),
        Happening.REPLAYED_DAY: Trick(
            _TAMPERING, "重放前日", ("F-11", "F-13"), outlet, make.replayed_day
        ),
        Happening.COPIED_INLET: Trick(
            _TAMPERING, "复制入口", ("T-17",), only("a21026"), make.copied_inlet
        ),
        Happening.AREA_EDITED: Trick(
            _TAMPERING, "修改截面积", ("G-09", "T-01"), flows, make.area_edited
        ),
        Happening.HUMIDITY_LOWERED: Trick(
            _TAMPERING, "压低湿度", ("T-09", "G-09"), only("a01014"), make.halved
        ),
        Happening.CONVERSION_EDITED: Trick(
            _TAMPERING, "修改折算", ("G-07",), limited, conversion=0.8
        ),
        Happening.MASS_EDITED: Trick(
            _TAMPERING, "修改排放量", ("G-08",), limited, accumulation=0.7
        ),
        Happening.FLOW_CUT: Trick(_TAMPERING, "少报流量", ("W-01",), flows, make.flow_cut),
        Happening.FLAG_ABUSE: Trick(
            _TAMPERING, "标记掩盖超标", ("G-16",), limited, make.poor_treatment, letter="M"
        ),
        Happening.FALSE_STOP: Trick(_TAMPERING, "标停未停", ("G-05",), outlet, letter="F"),
        Happening.CLOCK_SHIFT: Trick(_FAULT, "时钟偏移", ("G-02",), outlet),
        Happening.BLACKOUT: Trick(_TAMPERING, "断数", ("G-01", "F-14"), outlet),
        Happening.REWRITTEN_HOURS: Trick(_TAMPERING, "改写历史", ("G-12",), limited),
        Happening.FROZEN_SENSOR: Trick(
            _FAULT, "传感器卡死", ("T-07", "F-01"), only("g11101"), make.constant
        ),
        Happening.PUMP_TRIP: Trick(_FAULT, "一台浆液循环泵跳闸", ("T-05",), _SLURRY_PUMPS),
        Happening.PUMPS_OFF: Trick(_FAULT, "浆液循环泵全停", ("T-04", "G-06"), _SLURRY_PUMPS),
        Happening.PUMPS_OFF_HIDDEN: Trick(
            _TAMPERING, "停泵造假", ("T-04", "T-08"), only("a21026"), make.pretended
        ),
        Happening.REAGENT_OFF: Trick(
            _FAULT, "停供石灰石", ("T-06", "T-07", "G-06"), only("g11001", "g11101", "a21026")
        ),
        Happening.REAGENT_OFF_HIDDEN: Trick(
            _TAMPERING, "停供石灰石造假", ("T-06", "T-07"), only("a21026"), make.pretended
        ),
        Happening.BYPASS_OPEN: Trick(
            _FAULT, "旁路开启", ("T-10", "T-08"), only("g11601", "a01012")
        ),
        Happening.BYPASS_HIDDEN: Trick(
            _TAMPERING,
            "偷开旁路",
            ("T-08", "T-09"),
            only("a21026", "a34013", "g11601"),
            make.pretended,
        ),
        Happening.AMMONIA_OFF: Trick(
            _FAULT, "停止喷氨", ("T-11", "G-06"), only("g70801", "g74501")
        ),
        Happening.AMMONIA_OFF_HIDDEN: Trick(
            _TAMPERING,
            "停氨造假",
            ("T-12", "C-02"),
            only("a21002", "g70701"),
            make.pretended,
        ),
        Happening.FIELD_TRIP: Trick(
            _FAULT, "电场跳闸", ("T-14",), only("g71004", "g71005", "g71104", "g71105")
        ),
        Happening.FIELD_TRIP_HIDDEN: Trick(
            _TAMPERING, "电场停运造假", ("T-14",), only("a34013"), make.pretended
        ),
        Happening.BAG_BURST: Trick(_FAULT, "布袋破损", ("T-15", "C-05"), only("g72701", "a34013")),
        Happening.BLOWER_OFF: Trick(
            _FAULT, "鼓风机停运", ("W-04", "W-05"), only("e30201", "e30301", "e50701")
        ),
        Happening.BLOWER_OFF_HIDDEN: Trick(
            _TAMPERING,
            "停曝气造假",
            ("W-04", "W-03"),
            only("w21003", "w21001", "e50701"),
            make.pretended,
        ),
        Happening.DOSING_OFF_HIDDEN: Trick(
            _TAMPERING, "停加药造假", ("W-08",), only("w21011"), make.pretended
        ),
        Happening.ALUMINA_OFF: Trick(
            _FAULT, "停供新鲜氧化铝", ("A-04",), only("g72501", "a21018")
        ),
        Happening.ALUMINA_OFF_HIDDEN: Trick(
            _TAMPERING, "停供氧化铝造假", ("A-04",), only("a21018"), make.pretended
        ),
        Happening.SULPHUR_SHAVED: Trick(
            _TAMPERING, "少报二氧化硫", ("A-02",), only("a21026"), make.halved
        ),
        Happening.RTO_COLD: Trick(_FAULT, "RTO 炉膛低温", ("V-01",), only("g76301", "a24088")),
        Happening.RTO_COLD_HIDDEN: Trick(
            _TAMPERING, "RTO 低温造假", ("V-01", "V-09"), only("a24088"), make.pretended
        ),
        Happening.VENT_OPEN: Trick(_TAMPERING, "旁通直排", ("V-07",), only("g76701", "a00000")),
        Happening.FAN_OFF: Trick(_FAULT, "收集风机停运", ("V-08",), only("g76201", "a00000")),
        Happening.CARBON_SPENT: Trick(_FAULT, "活性炭失效", ("V-04",), only("g77001", "a24088")),
    }
)

_ANY = (
    Happening.CONSTANT,
    Happening.SMALL_WOBBLE,
    Happening.CLIPPING,
    Happening.ZERO_VALUES,
    Happening.REPLAYED_DAY,
    Happening.MASS_EDITED,
    Happening.SLOPE_EDITED,
    Happening.CLOCK_SHIFT,
    Happening.BLACKOUT,
    Happening.REWRITTEN_HOURS,
    Happening.FALSE_STOP,
    Happening.FLAG_ABUSE,
)
_WITH_OXYGEN = (
    Happening.DILUTION_AIR,
    Happening.DILUTION_NITROGEN,
    Happening.OXYGEN_LOWERED,
    Happening.CONVERSION_EDITED,
    Happening.SPAN_SWAPPED,
    Happening.LIMIT_HUGGING,
    Happening.DETECTION_LIMIT,
    Happening.AREA_EDITED,
)

_FAMILIES = {
    "coal_unit": "FGT",
    "cement_kiln": "FGC",
    "potline": "FGAT",
    "oxidiser": "FGV",
    "sewage_works": "FGW",
}
"""Which families of rules speak of a kind of plant; T-15 is the rule of every bag filter."""
_INPUTS = {"G-14": "g12101"}
"""What a rule compares with, where not every plant tells it: the oxygen before the tower."""


def rules_for(kind: str, plant: Plant, what: Happening) -> tuple[str, ...]:
    """Give the rules that can find a trick at this kind of plant."""
    told = {one.code for one in (*plant.channels, *plant.process)}
    families = _FAMILIES.get(kind, "FG")
    return tuple(
        rule
        for rule in TRICKS[what].rules
        if rule[0] in families and _INPUTS.get(rule, rule) in {rule, *told}
    )


REPERTOIRES: Mapping[str, tuple[Happening, ...]] = MappingProxyType(
    {
        "coal_unit": (
            *_ANY,
            *_WITH_OXYGEN,
            Happening.COPIED_INLET,
            Happening.HUMIDITY_LOWERED,
            Happening.FROZEN_SENSOR,
            Happening.PUMP_TRIP,
            Happening.PUMPS_OFF,
            Happening.PUMPS_OFF_HIDDEN,
            Happening.REAGENT_OFF,
            Happening.REAGENT_OFF_HIDDEN,
            Happening.BYPASS_OPEN,
            Happening.BYPASS_HIDDEN,
            Happening.AMMONIA_OFF,
            Happening.AMMONIA_OFF_HIDDEN,
            Happening.FIELD_TRIP,
            Happening.FIELD_TRIP_HIDDEN,
        ),
        "gas_turbine": (Happening.CLOCK_SHIFT, Happening.BLACKOUT, Happening.REPLAYED_DAY),
        "sewage_works": (
            *_ANY,
            Happening.DILUTION_WATER,
            Happening.FLOW_CUT,
            Happening.BLOWER_OFF,
            Happening.BLOWER_OFF_HIDDEN,
            Happening.DOSING_OFF_HIDDEN,
        ),
        "potline": (
            *_ANY,
            Happening.AREA_EDITED,
            Happening.ALUMINA_OFF,
            Happening.ALUMINA_OFF_HIDDEN,
            Happening.SULPHUR_SHAVED,
            Happening.BAG_BURST,
        ),
        "cement_kiln": (
            *_ANY,
            *_WITH_OXYGEN,
            Happening.AMMONIA_OFF,
            Happening.AMMONIA_OFF_HIDDEN,
            Happening.BAG_BURST,
        ),
        "oxidiser": (
            *(what for what in _ANY if what not in {Happening.CLIPPING, Happening.FLAG_ABUSE}),
            Happening.RTO_COLD,
            Happening.RTO_COLD_HIDDEN,
            Happening.VENT_OPEN,
            Happening.FAN_OFF,
            Happening.CARBON_SPENT,
        ),
    }
)
"""What can be played at each kind of plant."""
