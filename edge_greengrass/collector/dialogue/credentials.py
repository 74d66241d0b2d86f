"""PW and SM4 key of each data logger, through a change of them.

A change has three steps. Before the request goes out the new secret is noted as `coming`: from
then on both are believed, for the answer may be lost. 9012 says done, or a frame under the new
secret proves it: it is the current one now, and the former one is believed for a grace time. A
refusal takes the coming one back. All of it lies on the disk before it counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from edge_greengrass.collector.configuration import Station
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.hj212.frame import BadFrame, Frame, decode

GRACE = timedelta(hours=24)
"""How long a former PW or key is still believed (our choice: a day of back-fill)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret and its change: empty where there is none. `until` bounds `former`."""

    configured: bytes
    current: bytes
    coming: bytes = b""
    former: bytes = b""
    until: str = ""

    def believed(self, now: datetime) -> tuple[bytes, ...]:
        """Give what a frame may carry at this time, the current one first."""
        former = self.former if self.until and now < datetime.fromisoformat(self.until) else b""
        return tuple(one for one in (self.current, self.coming, former) if one)

    def promoted(self, now: datetime) -> "Secret":
        """Make the coming secret the current one."""
        until = (now + GRACE).isoformat()
        return replace(self, current=self.coming, coming=b"", former=self.current, until=until)


class SecretKind(StrEnum):
    """What can be changed: PW by CN 1072, the SM4 key by CN 1014."""

    PASSWORD = "password"  # noqa: S105, names a secret, is none
    KEY = "key"


class Credentials:
    """What is believed of each configured data logger, by MN.

    Args:
        stations: as configured. A secret that the configuration changes wins over what was noted
            on this device, and begins anew.
        file: where changes are kept, encrypted.
        now: gives the time, aware.

    Attributes:
        on_change: called after every change.
    """

    def __init__(
        self, stations: Mapping[str, Station], file: SealedFile, now: Callable[[], datetime]
    ) -> None:
        self._file, self._now = file, now
        self.on_change: Callable[[], None] = lambda: None
        self._stations: Mapping[str, Station] = {}
        self._secrets: dict[SecretKind, dict[str, Secret]] = {}
        self.configure(stations)

    def configure(self, stations: Mapping[str, Station]) -> None:
        """Go over to other data loggers; secrets that were changed here stay changed."""
        noted = self._file.read() or {}
        self._stations = stations
        self._secrets = {
            kind: {
                mn: _noted(noted.get(kind.value, {}).get(mn), _configured(one, kind))
                for mn, one in stations.items()
            }
            for kind in SecretKind
        }
        self.on_change()

    def knows(self, mn: str) -> bool:
        """Whether a data logger of this MN is configured."""
        return mn in self._stations

    def station(self, mn: str) -> Station:
        """Give the configured data logger."""
        return self._stations[mn]

    def outlets(self) -> Mapping[str, str]:
        """Give the outlet of each data logger, by MN."""
        return {mn: one.outlet for mn, one in self._stations.items()}

    def mn_of(self, outlet: str) -> str | None:
        """Give the MN of the data logger of an outlet."""
        return next((mn for mn, one in self._stations.items() if one.outlet == outlet), None)

    def believed(self) -> Mapping[str, Station]:
        """Give all data loggers with every secret that their frames may carry now."""
        now = self._now()
        return {mn: self._believed(mn, now) for mn in self._stations}

    def believed_keys(self, mn: str) -> tuple[bytes, ...]:
        """Give the keys under which a frame may come now."""
        return self._believed(mn, self._now()).keys

    def password(self, mn: str) -> str:
        """Give the PW to put into a request."""
        return self._secrets[SecretKind.PASSWORD][mn].current.decode()

    def key(self, mn: str) -> bytes | None:
        """Give the SM4 key to encipher a request with."""
        return self._secrets[SecretKind.KEY][mn].current or None

    def expect(self, kind: SecretKind, mn: str, secret: bytes) -> None:
        """Note, durably, that a new secret is about to be sent."""
        self._note(kind, mn, replace(self._secrets[kind][mn], coming=secret))

    def promote(self, kind: SecretKind, mn: str) -> None:
        """The data logger has taken what was coming; it may not be configured any more."""
        secret = self._secrets[kind].get(mn)
        if secret is not None and secret.coming:
            self._note(kind, mn, secret.promoted(self._now()))

    def withdraw(self, kind: SecretKind, mn: str) -> None:
        """The data logger has refused what was coming; it may not be configured any more."""
        secret = self._secrets[kind].get(mn)
        if secret is not None:
            self._note(kind, mn, replace(secret, coming=b""))

    def changing(self, mn: str) -> bool:
        """Whether a new secret of this data logger is coming; never of one not configured."""
        for secrets in self._secrets.values():
            secret = secrets.get(mn)
            if secret is not None and secret.coming:
                return True
        return False

    def proven(self, frame: Frame, raw: bytes) -> None:
        """Take a frame that was accepted as proof of the secret it came under."""
        password = self._secrets[SecretKind.PASSWORD][frame.mn].coming
        if password and frame.password.encode() == password:
            self.promote(SecretKind.PASSWORD, frame.mn)
        key = self._secrets[SecretKind.KEY][frame.mn].coming
        if key and _opens(raw, key):
            self.promote(SecretKind.KEY, frame.mn)

    def _believed(self, mn: str, now: datetime) -> Station:
        passwords = self._secrets[SecretKind.PASSWORD][mn].believed(now)
        first, *others = (one.decode() for one in passwords)
        others += self._stations[mn].other_passwords
        keys = self._secrets[SecretKind.KEY][mn].believed(now)
        station = self._stations[mn]
        all_keys = tuple(dict.fromkeys((*keys, *station.keys[1:])))
        return replace(station, password=first, keys=all_keys, other_passwords=tuple(others))

    def _note(self, kind: SecretKind, mn: str, secret: Secret) -> None:
        """Note a secret durably, beside those of data loggers that are not configured just now."""
        changed = {**self._secrets, kind: {**self._secrets[kind], mn: secret}}
        noted = self._file.read() or {}
        self._file.write(
            {
                one.value: noted.get(one.value, {})
                | {name: _fields(held) for name, held in secrets.items()}
                for one, secrets in changed.items()
            }
        )
        self._secrets = changed
        self.on_change()


def _configured(station: Station, kind: SecretKind) -> bytes:
    if kind is SecretKind.PASSWORD:
        return station.password.encode()
    return station.keys[0] if station.keys else b""


def _noted(fields: list[bytes | str] | None, configured: bytes) -> Secret:
    if fields is None or fields[0] != configured:
        return Secret(configured, configured)
    return Secret(*fields)  # type: ignore[arg-type]  # as `_fields` wrote them


def _fields(secret: Secret) -> list[bytes | str]:
    return [secret.configured, secret.current, secret.coming, secret.former, secret.until]


def _opens(raw: bytes, key: bytes) -> bool:
    if b"{0x" not in raw:
        return False
    try:
        decode(raw, keys=(key,))
    except BadFrame:
        return False
    return True
