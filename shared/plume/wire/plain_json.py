"""What a device says freely, as plain JSON that can be kept and shown."""

import json

MOST_BYTES = 32_768
"""What is longer stays in its segment alone: a record must stay far below DynamoDB's 400 KB."""


def plain_json(
    said: dict[str, object] | None, *, most: int = MOST_BYTES
) -> dict[str, object] | None:
    """Give a map as plain JSON; one that is none, or too long, is replaced by a note."""
    try:
        text = json.dumps(said, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as fault:
        return {"omitted": str(fault)[:200]}
    if len(text.encode()) > most:
        return {"omitted": f"longer than {most} bytes"}
    plain: dict[str, object] | None = json.loads(text)
    return plain
