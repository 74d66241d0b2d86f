"""Every test runs with invented credentials: a forgotten fake cannot reach AWS.

What a test measures of its own (`record_property`) is shown when it ends.
"""

import os
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("plume", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("plume")  # a busy machine fails no test

os.environ.update(
    AWS_ACCESS_KEY_ID="invented",
    AWS_SECRET_ACCESS_KEY="invented",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="plume",
    POWERTOOLS_METRICS_NAMESPACE="Plume",
    POWERTOOLS_TRACE_DISABLED="true",
)


class Figures:
    """Shows what tests keep in the report, whichever process they ran in."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show them once, with the end of the test itself."""
        if report.when == "call":
            for name, value in report.user_properties:
                self._terminal.write_line(f"\n{name}: {value}")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and times by their place: an id must be the same in every process of a run."""
    return argname if isinstance(val, bytes | datetime) else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Listen where there is a terminal: a worker has none."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        config.pluginmanager.register(Figures(terminal))
