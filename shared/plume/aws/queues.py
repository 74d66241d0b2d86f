"""The queues between the functions, in SQS."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from plume.aws.clients import sqs
from plume.aws.failures import told_as_unavailable
from plume.aws.rows import in_parts
from plume.errors import Unavailable
from plume.model.belated import Belated
from plume.model.command import Command
from plume.model.finding import Finding
from plume.model.window import WindowTouched
from plume.wire.commands import command_message
from plume.wire.messages import belated_json, finding_json, window_json

Told = TypeVar("Told")

SENT_AT_ONCE = 10


class Queue(Generic[Told]):
    """One queue of one kind of message."""

    def __init__(self, url: str, write: Callable[[Told], str]) -> None:
        self._url = url
        self._write = write

    def tell(self, messages: Sequence[Told]) -> None:
        """Send all of them, at least once.

        Raises:
            Unavailable: one or more were not taken; send all of them again.
        """
        for part in in_parts(dict.fromkeys(map(self._write, messages)), SENT_AT_ONCE):
            self._send(part)

    def _send(self, bodies: Iterable[str]) -> None:
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
        with told_as_unavailable("queue"):
            answer = sqs().send_message_batch(QueueUrl=self._url, Entries=entries)
        failed = answer.get("Failed", [])
        if failed:
            raise Unavailable(f"queue took {len(entries) - len(failed)} of {len(entries)}")


def windows_queue(url: str) -> Queue[WindowTouched]:
    """Give `plume.ports.notices.Windows` on SQS."""
    return Queue(url, window_json)


class CommandsQueue(Queue[Command]):
    """`plume.ports.notices.DeviceCommands` by way of `send_commands`."""

    def __init__(self, url: str) -> None:
        super().__init__(url, lambda command: command_message(command).decode())

    def send(self, command: Command) -> None:
        """Tell one command on; harmless when repeated, a device obeys an id once."""
        self.tell([command])


def findings_queue(url: str) -> Queue[Finding]:
    """Give `plume.ports.notices.Findings` on SQS."""
    return Queue(url, finding_json)


def belated_queue(url: str) -> Queue[Belated]:
    """Give `plume.ports.notices.BelatedFrames` on SQS."""
    return Queue(url, belated_json)
