"""Names that two sides must spell alike: topics, rules, environment, metrics. Written once."""

PROJECT = "plume"

# MQTT. Basic Ingest: `topic()` in the rule's SQL starts after the rule's name.
SEGMENTS_RULE = "plume_segments"
SEGMENTS_TOPIC = "$aws/rules/plume_segments/{thing}/segments"
ACK_TOPIC = "plume/{thing}/ack"
COMMANDS_TOPIC = "plume/{thing}/commands"
"""What a device is asked to do; QoS 1, `plume.wire.commands`."""
PROVISIONING_TEMPLATE = "plume-device"
THING_TYPE = "plume-edge"
DEVICE_POLICY = "plume-device"
CLAIM_POLICY = "plume-claim"

SEGMENTS_SQL = (
    "SELECT encode(*, 'base64') AS body, topic(1) AS thing, timestamp() AS ts FROM '+/segments'"
)

PRESENCE_RULE = "plume_presence"
PRESENCE_SQL = (
    "SELECT clientId AS thing, timestamp AS ts FROM '$aws/events/presence/disconnected/+' "
    "WHERE disconnectReason = 'DUPLICATE_CLIENTID'"
)
"""IoT Core tells so when it hangs up because another connected under the same name."""

# Environment of the functions: which table, bucket and queue is meant.
ENV_TABLE = "TABLE_{name}"
"""`TABLE_REGISTRY` and so on, from the names in `plume.wire.tables`."""
ENV_SEGMENTS_BUCKET = "SEGMENTS_BUCKET"
ENV_MEDIA_BUCKET = "MEDIA_BUCKET"
ENV_WINDOWS_QUEUE = "WINDOWS_QUEUE_URL"
ENV_FINDINGS_QUEUE = "FINDINGS_QUEUE_URL"
ENV_BELATED_QUEUE = "BELATED_QUEUE_URL"
ENV_COMMANDS_QUEUE = "COMMANDS_QUEUE_URL"
ENV_PLATFORM_KEY_SECRET = "PLATFORM_KEY_SECRET_ARN"  # noqa: S105, names a secret, is none
ENV_IOT_ENDPOINT = "IOT_DATA_ENDPOINT"
ENV_SERIES_URL = "SERIES_URL"
ENV_SERIES_TOKEN_SECRET = "SERIES_TOKEN_SECRET_ARN"  # noqa: S105, names a secret, is none
ENV_SERIES_DATABASE = "SERIES_DATABASE"
ENV_ISSUER = "OIDC_ISSUER"
ENV_JWKS_URL = "OIDC_JWKS_URL"
ENV_CLIENT_ID = "OIDC_CLIENT_ID"
ENV_AUDIENCE = "OIDC_AUDIENCE"
"""Set where the issuer is no Cognito: the `aud` that access tokens for this API carry."""

METRICS_NAMESPACE = "Plume"

# S3. A device may write under its own thing in each of these and nowhere else.
BACKLOG_PREFIX = "backlog/{thing}/"
"""In the bucket of segments: bundles of segments that waited at the edge (DESIGN 3)."""
MEDIA_PREFIX = "media/{thing}/"
"""In the bucket of media: snapshots and clips, kept; presigned paths begin with it, too."""
LIVE_PREFIX = "live/{thing}/{camera}/"
"""In the bucket of media: HLS of a camera that is being watched, gone after a day."""
LIVE_PLAYLIST = "live.m3u8"
"""The playlist under `LIVE_PREFIX`; its segments lie beside it and are named relative to it."""

MAX_SEGMENT_BYTES = 5_000
"""IoT Core bills per started 5 KB, Nucleus Lite caps an IPC frame at 10,000 bytes."""
MAX_SEGMENT_AGE_SECONDS = 10
"""A segment of points closes after this long at the latest (DESIGN 3)."""
MAX_FRAME_AGE_SECONDS = 1
"""A segment that holds a HJ 212 frame closes after this long: the page is to be live."""
