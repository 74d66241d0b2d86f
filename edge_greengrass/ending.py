"""How a component ends: when it is told to, or with a status that says what is wrong.

It is told by SIGTERM or SIGINT, from systemd, Greengrass or a person.
"""

import asyncio
import signal
from collections.abc import Callable

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import LOCKED_OUT, exit_status
from edge_greengrass.settings import BadSettings

BAD_SETTINGS_STATUS = 2


async def told_to_stop() -> None:
    """Return when the process is told to stop; from then on the signals no longer kill it."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    await told.wait()


def status_of(work: Callable[[], int], journal: Journal) -> int:
    """Do the work and give its status; bad settings and hardware not its own have their own."""
    try:
        return work()
    except BadSettings as fault:
        journal.tell("bad_settings", reason=fault.message)
        return BAD_SETTINGS_STATUS
    except LOCKED_OUT as fault:
        journal.tell("locked_out", reason=fault.message)
        return exit_status(fault)
