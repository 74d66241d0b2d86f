"""The demo's plants as the local platform runs them: one edge device per plant.

Needs nothing but Python's own library: the preflight asks it how many ports there will be.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parent / "demo"


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """One camera, with its Chinese name; `scene` is what the twin plays before it."""

    camera: str
    name: str
    scene: str


@dataclass(frozen=True, slots=True)
class DemoOutlet:
    """One outlet; `twin` is how its plant plays, None for one that waits for a person."""

    outlet: str
    mn: str
    st: str
    password: str
    twin: Mapping[str, Any] | None
    cameras: tuple[DemoCamera, ...] = ()


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


def _outlet(entry: Mapping[str, Any]) -> DemoOutlet:
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
    )
