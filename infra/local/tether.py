"""Become another program that dies with the one that started it: `tether.py SIGNAL COMMAND...`.

Linux tells a process when its parent dies, even by kill -9, and the wish survives exec. So no
program of the platform outlives its supervisor.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask for the signal at the parent's death, then become the command."""
    told, command = signal.Signals[arguments[0]], arguments[1:]
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, told.value, 0, 0, 0)
    if os.getppid() != parent:  # it died while we asked
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606, the command is the supervisor's own


if __name__ == "__main__":
    main(sys.argv[1:])
