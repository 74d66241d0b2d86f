"""The demo's plants as the local platform runs them: one edge device per plant.

Needs nothing but Python's own library: the preflight asks it how many ports there will be.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parent / "demo"
REGISTERS = Path(__file__).parents[2] / "edge_greengrass" / "twin" / "data" / "registers.json"
"""Which kinds of twin have a control system that speaks Modbus, and what lies where in it."""


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """One camera, with its Chinese name; `scene` is what the twin plays before it."""

    camera: str
    name: str
    scene: str


@dataclass(frozen=True, slots=True)
class DemoOutlet:
    """One outlet; `twin` is how its plant plays, None for one that waits for a person.

    `registers` is the Modbus map of its control system, in the words of the collector's settings;
    empty where there is none.
    """

    outlet: str
    mn: str
    st: str
    password: str
    twin: Mapping[str, Any] | None
    cameras: tuple[DemoCamera, ...] = ()
    registers: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Plant:
    """One enterprise, with its Chinese name, and its edge device, known by a serial number."""

    enterprise: str
    name: str
    serial: str
    outlets: tuple[DemoOutlet, ...]

    @property
    def thing(self) -> str:
        """The thing name that fleet provisioning gives the device."""
        return f"edge-{self.serial.lower()}"

    @property
    def filmed(self) -> bool:
        """Whether it has a camera."""
        return any(outlet.cameras for outlet in self.outlets)


def entries(name: str) -> list[dict[str, Any]]:
    """Read one file of the demo region."""
    found: list[dict[str, Any]] = json.loads((DEMO / f"{name}.json").read_text(encoding="utf-8"))
    return found


def plants() -> tuple[Plant, ...]:
    """Give every plant of the demo region."""
    return tuple(
        Plant(
            enterprise=entry["enterpriseId"],
            name=entry["zh"],
            serial=entry["serial"],
            outlets=tuple(_outlet(each) for each in entry["outlets"]),
        )
        for entry in entries("enterprises")
    )


def number_of_things() -> int:
    """Give how many edge devices there are."""
    return len(entries("enterprises"))


def number_of_control_systems() -> int:
    """Give how many outlets have a control system that speaks Modbus."""
    return sum(bool(outlet.registers) for plant in plants() for outlet in plant.outlets)


@cache
def _register_maps() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    found: Mapping[str, Sequence[Mapping[str, Any]]] = json.loads(REGISTERS.read_text("utf-8"))
    return found


def _outlet(entry: Mapping[str, Any]) -> DemoOutlet:
    kind = entry["twin"]["kind"] if entry["twin"] else ""
    return DemoOutlet(
        outlet=entry["outletId"],
        mn=entry["mn"],
        st=entry["st"],
        password=entry["password"],
        twin=entry["twin"],
        cameras=tuple(
            DemoCamera(one["cameraId"], one["zh"], one["scene"])
            for one in entry.get("cameras", ())
        ),
        registers=_register_maps().get(kind, ()),
    )
