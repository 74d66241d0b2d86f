"""The law of each outlet (现场研判依据) as the platform last brought it: one file under `home`.

The uplink writes it, the sentinel reads it again and again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from edge_greengrass.home import LAWS
from plume.errors import Refused
from plume.model.identity import OutletId
from plume.model.site_law import SiteLaw
from plume.rules.treatment import RULES
from plume.wire.site_law import law_fields, law_of


def site_laws(home: Path) -> dict[OutletId, SiteLaw]:
    """Give the law of each outlet, by outlet.

    One that cannot be read is left out, and so are all when the file is missing or rotten: who
    judges by them says so to the platform, which then brings them again.
    """
    found: dict[OutletId, SiteLaw] = {}
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        kept = json.loads((home / LAWS).read_text(encoding="utf-8"))
        for fields in kept.values():
            with suppress(Refused):
                law = law_of(fields, rules=RULES)
                found[law.outlet] = law
    return found


def text_of(laws: Mapping[OutletId, SiteLaw]) -> str:
    """Write them as the file holds them."""
    return json.dumps({key: law_fields(laws[key]) for key in sorted(laws)}, ensure_ascii=False)
