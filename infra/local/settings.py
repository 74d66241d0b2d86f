"""Where the local platform lives and which ports it uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "000000000000"

HOME_VARIABLE = "PLUME_HOME"
OFFSET_VARIABLE = "PLUME_PORT_OFFSET"
TWINS_VARIABLE = "PLUME_TWINS"

WEB_PORT = 8600
AWS_PORT = 4566
IOT_PORT = 8883
CREDENTIALS_PORT = 8884
SERIES_PORT = 8181
RTSP_PORT = 8554
FIRST_COLLECTOR_PORT = 21201
FIRST_CONTROL_PORT = 21501
HIGHEST_PORT = 65_535


class BadSetting(Exception):
    """A variable of the environment makes no sense; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one local platform is started with.

    `collectors` is how many HJ 212 ports it opens, `control_systems` how many of Modbus.
    """

    home: Path
    offset: int
    twins: bool
    collectors: int
    control_systems: int = 0

    @property
    def web_port(self) -> int:
        """Page and API."""
        return WEB_PORT + self.offset

    @property
    def aws_port(self) -> int:
        """Every service of the local AWS but MQTT."""
        return AWS_PORT + self.offset

    @property
    def iot_port(self) -> int:
        """MQTT over mutual TLS."""
        return IOT_PORT + self.offset

    @property
    def credentials_port(self) -> int:
        """Temporary credentials for devices, over mutual TLS."""
        return CREDENTIALS_PORT + self.offset

    @property
    def series_port(self) -> int:
        """The time-series stand-in."""
        return SERIES_PORT + self.offset

    @property
    def rtsp_port(self) -> int:
        """The twins' cameras."""
        return RTSP_PORT + self.offset

    @property
    def collector_ports(self) -> tuple[int, ...]:
        """HJ 212 over TCP, one port per edge device."""
        first = FIRST_COLLECTOR_PORT + self.offset
        return tuple(range(first, first + self.collectors))

    @property
    def control_ports(self) -> tuple[int, ...]:
        """Modbus over TCP, one port per control system of a twin."""
        first = FIRST_CONTROL_PORT + self.offset
        return tuple(range(first, first + self.control_systems)) if self.twins else ()

    @property
    def ports(self) -> Mapping[int, str]:
        """Every port with what it is for."""
        return {
            self.web_port: "the page",
            self.aws_port: "the local AWS",
            self.iot_port: "MQTT",
            self.credentials_port: "the devices' credentials",
            self.series_port: "the time-series store",
            self.rtsp_port: "the twins' cameras",
            **dict.fromkeys(self.collector_ports, "HJ 212"),
            **dict.fromkeys(self.control_ports, "Modbus"),
        }

    @property
    def web_url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def aws_url(self) -> str:
        """Where the local AWS answers."""
        return f"http://{HOST}:{self.aws_port}"

    @property
    def series_url(self) -> str:
        """Where the time-series stand-in answers."""
        return f"http://{HOST}:{self.series_port}"

    @property
    def logs(self) -> Path:
        """One file per program."""
        return self.home / "logs"


def settings_of(
    environment: Mapping[str, str], collectors: int, control_systems: int = 0
) -> Settings:
    """Read the settings from the environment.

    Raises:
        BadSetting: a variable is not what it must be.
    """
    home = Path(environment.get(HOME_VARIABLE) or ROOT / ".plume")
    twins = environment.get(TWINS_VARIABLE) or "1"
    if twins not in {"0", "1"}:
        raise BadSetting(f"{TWINS_VARIABLE} is 0 or 1, not {twins!r}")
    return Settings(
        home=(ROOT / home).absolute(),
        offset=_offset(environment.get(OFFSET_VARIABLE) or "0", max(collectors, control_systems)),
        twins=twins == "1",
        collectors=collectors,
        control_systems=control_systems,
    )


def _offset(text: str, ports: int) -> int:
    most = HIGHEST_PORT - FIRST_CONTROL_PORT - ports
    if not text.isdecimal() or int(text) > most:
        raise BadSetting(f"{OFFSET_VARIABLE} is a number from 0 to {most}, not {text!r}")
    return int(text)
