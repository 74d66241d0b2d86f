"""Keeps the law of each outlet for the sentinel: the newest version, whatever comes when."""

from pathlib import Path

from edge_greengrass.home import LAWS
from edge_greengrass.site_laws import site_laws, text_of
from edge_greengrass.uplink.identity import write_private
from plume.model.site_law import SiteLaw


class Lawbook:
    """One file under `home`, replaced as a whole."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def keep(self, law: SiteLaw) -> bool:
        """Keep a law durably; tell whether it was newer than the one that was kept.

        Raises:
            OSError: there is no room; the former one stays.
        """
        laws = site_laws(self._home)
        known = laws.get(law.outlet)
        if known is not None and known.version >= law.version:
            return False
        write_private(self._home / LAWS, text_of(laws | {law.outlet: law}).encode())
        return True
