"""Commands on the topic `COMMANDS_TOPIC`: JSON, written by the cloud, read by the edge."""

import json
from datetime import UTC

from plume.errors import Refused
from plume.model.command import Command, CommandKind
from plume.model.identity import OutletId, ThingName
from plume.wire.instants import instant_of

MOST_BYTES = 128 << 10
"""What a message of AWS IoT Core holds at most."""
LITE_BYTES = 7_000
"""What Greengrass Nucleus Lite hands on at most: its messages hold 10,000 bytes (its compile-time
default), with the payload as base64 within JSON. Beyond this a site with it hears nothing."""


class BadCommand(Refused):
    """The message is no command; the message names the field."""


def command_message(command: Command) -> bytes:
    """Write one command."""
    fields = {
        "id": command.id,
        "thing": command.thing,
        "kind": command.kind.value,
        "issuedAt": command.issued_at.astimezone(UTC).isoformat(),
        "expiresAt": command.expires_at.astimezone(UTC).isoformat(),
        "outlet": command.outlet,
        "arguments": command.arguments or {},
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def command_of(message: bytes) -> Command:
    """Read one command.

    Raises:
        BadCommand: it is no command, or of a kind not known here.
    """
    try:
        fields = json.loads(message)
        outlet = fields["outlet"]
        return Command(
            id=_text(fields["id"]),
            thing=ThingName(_text(fields["thing"])),
            kind=CommandKind(fields["kind"]),
            issued_at=instant_of(fields["issuedAt"]),
            expires_at=instant_of(fields["expiresAt"]),
            outlet=None if outlet is None else OutletId(_text(outlet)),
            arguments=dict(fields["arguments"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise BadCommand(f"{type(fault).__name__} {fault}") from fault


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value
