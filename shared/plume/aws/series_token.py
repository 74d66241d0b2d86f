"""The token of the time-series store, as its secret holds it."""

import json

from plume.errors import Refused


def token_of(secret: str) -> str:
    """Read the token out of a secret: the text itself, or a field of a JSON object.

    Timestream for InfluxDB 3 makes the secret itself and does not document its fields, so any
    one field whose name holds "token" is taken; `token` alone goes before others.

    Raises:
        Refused: the object has no such field, or several.
    """
    try:
        fields = json.loads(secret)
    except ValueError:
        return secret
    if not isinstance(fields, dict):
        return secret
    if "token" in fields:
        return str(fields["token"])
    found = [name for name in fields if "token" in name.lower()]
    if len(found) != 1:
        raise Refused(
            f"the secret of the series store has {len(found)} token fields", pointer="token"
        )
    return str(fields[found[0]])
