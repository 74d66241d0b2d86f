"""The edge as plain services: what systemd itself says of the units, and what they share."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from edge_greengrass.bundle import COMPONENTS
from edge_greengrass.outbox.device_key import exit_status
from edge_greengrass.outbox.hardware import BOARD_VARIABLE
from edge_greengrass.outbox.token import BadToken
from tests.tools import needs

UNITS = Path(__file__).parents[2] / "edge_greengrass" / "systemd"
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 15
"""Tenths, of `systemd-analyze security`, where 0 is sealed and 100 is open."""


class Unit(ConfigParser):
    """A unit file; of a directive that stands several times the values are joined by lines."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=("=",))
        self.optionxform = str  # type: ignore[assignment, method-assign]  # its way to keep case
        lines = []
        for seen, line in enumerate(path.read_text("utf-8").splitlines()):
            key, equals, value = line.partition("=")
            lines.append(f"{key}.{seen}={value}" if equals and line[0] != "#" else line)
        self.read_string("\n".join(lines))

    def all(self, section: str, key: str) -> list[str]:
        return [value for name, value in self[section].items() if name.split(".")[0] == key]


@pytest.fixture(params=COMPONENTS)
def component(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def path_of(component: str) -> Path:
    return UNITS / f"plume-{component}.service"


def test_every_component_has_a_unit_and_no_unit_lacks_its_component() -> None:
    assert {path.stem for path in UNITS.glob("*.service")} == {f"plume-{c}" for c in COMPONENTS}


def test_a_unit_runs_its_component_from_its_artifact_and_comes_back(component: str) -> None:
    unit = Unit(path_of(component))
    module = f"-m edge_greengrass.{component} --config /etc/plume/{component}.json"
    assert unit.all("Service", "ExecStart") == [f"/usr/bin/python3 {module}"]
    told = " ".join(unit.all("Service", "Environment")).split()
    assert f"PYTHONPATH=/opt/plume/{component}" in told
    assert unit.all("Service", "Restart") == ["always"]
    assert unit.all("Unit", "StartLimitIntervalSec") == ["0"]
    wrong = str(exit_status(BadToken("PIN")))  # a token shuts after a few wrong ones
    assert unit.all("Service", "RestartPreventExitStatus") == [wrong]
    assert not unit.all("Service", "WatchdogSec")  # nobody feeds one
    assert unit.all("Install", "WantedBy") == ["multi-user.target"]


def test_a_unit_may_write_its_state_alone_and_gains_no_right(component: str) -> None:
    unit = Unit(path_of(component))
    expected = {
        "User": "plume",
        "StateDirectory": "plume",
        "StateDirectoryMode": "0700",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "PrivateDevices": "yes",
    }
    assert {key: unit.all("Service", key) for key in expected} == {
        key: [value] for key, value in expected.items()
    }


def test_the_board_is_shown_where_the_binding_looks_for_it(component: str) -> None:
    unit = Unit(path_of(component))
    place = f"/run/plume-{component}/board"
    assert f"{BOARD_VARIABLE}={place}" in unit.all("Service", "Environment")
    (before,) = unit.all("Service", "ExecStartPre")
    assert before.startswith("-+")  # as root, and without it where there is no such file
    assert f"> {place}" in before
    assert unit.all("Service", "RuntimeDirectory") == [f"plume-{component}"]


@needs(ANALYZE, "systemd-analyze")
def test_systemd_takes_the_unit_and_finds_it_sealed(component: str, tmp_path: Path) -> None:
    here = tmp_path / path_of(component).name
    text = path_of(component).read_text("utf-8")
    here.write_text(text.replace("/usr/bin/python3", sys.executable), "utf-8")
    for words in (["verify"], ["security", "--offline=true", f"--threshold={MOST_EXPOSED}"]):
        command = [str(ANALYZE), *words, str(here)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        assert not done.stderr
