"""Joins each port to its AWS adapter, once per process; importing it asks nothing of AWS."""

from functools import cache
from os import environ
from typing import TYPE_CHECKING

from plume.wire import names

if TYPE_CHECKING:
    from plume.ports.alarms import Alarms
    from plume.ports.audit import Audit
    from plume.ports.backlog import Backlog
    from plume.ports.bundles import Bundles
    from plume.ports.certificates import DeviceCertificates
    from plume.ports.commands import Commands
    from plume.ports.device_standings import DeviceStandings
    from plume.ports.latest import Latest
    from plume.ports.media import MediaIndex, MediaObjects
    from plume.ports.notices import (
        BelatedFrames,
        DeviceAcks,
        DeviceCommands,
        Findings,
        Operations,
        Windows,
    )
    from plume.ports.people import People
    from plume.ports.readings import Readings
    from plume.ports.registry import Registry
    from plume.ports.segments import Segments
    from plume.ports.series import Series
    from plume.ports.signing_keys import SigningKeys


@cache
def registry() -> "Registry":
    """Give the registry table."""
    from plume.aws.registry_table import RegistryTable

    return RegistryTable(_table("registry"))


@cache
def registry_of_judges() -> "Registry":
    """Give the registry table to those who ask with every batch of points what must run."""
    from plume.aws.registry_table import RegistryTable

    return RegistryTable(_table("registry"), hold=60.0)


@cache
def readings() -> "Readings":
    """Give the table of official values."""
    from plume.aws.readings_table import ReadingsTable

    return ReadingsTable(_table("readings"))


@cache
def latest() -> "Latest":
    """Give the table of newest values."""
    from plume.aws.latest_table import LatestTable

    return LatestTable(_table("latest"))


@cache
def bundles() -> "Bundles":
    """Give the bucket of bundles."""
    from plume.aws.bundles_bucket import BundlesBucket

    return BundlesBucket(environ[names.ENV_SEGMENTS_BUCKET])


@cache
def backlog() -> "Backlog":
    """Give the objects that devices put, in the bucket of bundles."""
    from plume.aws.backlog_bucket import BacklogBucket

    return BacklogBucket(environ[names.ENV_SEGMENTS_BUCKET])


@cache
def segments() -> "Segments":
    """Give the index of segments."""
    from plume.aws.segments_table import SegmentsTable

    return SegmentsTable(_table("segments"))


@cache
def alarms() -> "Alarms":
    """Give the alarms table."""
    from plume.aws.alarms_table import AlarmsTable

    return AlarmsTable(_table("alarms"))


@cache
def commands() -> "Commands":
    """Give the commands table."""
    from plume.aws.commands_table import CommandsTable

    return CommandsTable(_table("commands"))


@cache
def standings() -> "DeviceStandings":
    """Give the table of devices as they stand."""
    from plume.aws.devices_table import DevicesTable

    return DevicesTable(_table("devices"))


@cache
def audit() -> "Audit":
    """Give the audit trail."""
    from plume.aws.audit_table import AuditTable

    return AuditTable(_table("audit"))


@cache
def media() -> "MediaIndex":
    """Give the index of snapshots and clips."""
    from plume.aws.media_table import MediaTable

    return MediaTable(_table("media"))


@cache
def media_objects() -> "MediaObjects":
    """Give the bucket of media."""
    from plume.aws.media_bucket import MediaBucket

    return MediaBucket(environ[names.ENV_MEDIA_BUCKET])


@cache
def people() -> "People":
    """Give the table of users."""
    from plume.aws.people_table import PeopleTable

    return PeopleTable(_table("users"))


@cache
def series() -> "Series":
    """Give the time-series store."""
    from plume.aws.influx_series import InfluxSeries
    from plume.aws.series_token import token_of

    secret = environ.get(names.ENV_SERIES_TOKEN_SECRET, "")
    return InfluxSeries(
        url=environ[names.ENV_SERIES_URL],
        token=token_of(_secret(secret)) if secret else "",
        database=environ[names.ENV_SERIES_DATABASE],
    )


@cache
def certificates() -> "DeviceCertificates":
    """Give the certificates of devices."""
    from plume.aws.device_certificates import IotCertificates

    return IotCertificates()


@cache
def device_acks() -> "DeviceAcks":
    """Give the topics of the devices."""
    from plume.aws.device_topics import DeviceTopics

    return DeviceTopics()


@cache
def device_commands() -> "DeviceCommands":
    """Give the queue in front of `send_commands`: the API has no way to the devices itself."""
    from plume.aws.queues import CommandsQueue

    return CommandsQueue(environ[names.ENV_COMMANDS_QUEUE])


@cache
def device_topics() -> "DeviceCommands":
    """Give the topics of the devices, to send commands down."""
    from plume.aws.device_topics import DeviceTopics

    return DeviceTopics()


@cache
def windows() -> "Windows":
    """Give the queue of touched windows."""
    from plume.aws.queues import windows_queue

    return windows_queue(environ[names.ENV_WINDOWS_QUEUE])


@cache
def belated() -> "BelatedFrames":
    """Give the queue of what is to be judged again."""
    from plume.aws.queues import belated_queue

    return belated_queue(environ[names.ENV_BELATED_QUEUE])


@cache
def findings() -> "Findings":
    """Give the queue of findings."""
    from plume.aws.queues import findings_queue

    return findings_queue(environ[names.ENV_FINDINGS_QUEUE])


@cache
def operations() -> "Operations":
    """Give the operators' log."""
    from plume.aws.operations_log import OperationsLog

    return OperationsLog()


@cache
def signing_keys() -> "SigningKeys":
    """Give the identity provider's keys."""
    from plume.aws.jwks import Jwks

    return Jwks(environ[names.ENV_JWKS_URL])


@cache
def platform_key_pem() -> bytes:
    """Give the private key that segments are encrypted to, as PEM."""
    return _secret(environ[names.ENV_PLATFORM_KEY_SECRET]).encode()


def _table(name: str) -> str:
    return environ[names.ENV_TABLE.format(name=name.upper())]


def _secret(arn: str) -> str:
    from plume.aws.clients import secrets
    from plume.aws.failures import told_as_unavailable

    with told_as_unavailable("secret"):
        return str(secrets().get_secret_value(SecretId=arn)["SecretString"])
