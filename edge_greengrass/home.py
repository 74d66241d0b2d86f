"""Where the components of one device meet: the logs and files under `home`.

Each log has one writer and one reader (`outbox.log.AppendLog`). What goes up is written by the
component that observed it and read by the uplink; what comes down is written by the uplink and
read by the component that must obey. A record going up is `plume.evidence.payload.encode`d; one
coming down is a message of `plume.wire.commands`.
"""

FRAMES = "intake"
"""HJ 212 frames and what the collector has to tell, by the collector. Never given up."""
TELEMETRY = "telemetry"
"""Point blocks of sources without frames, by the collector. Thinned when space is short."""
CAMERA = "camera"
"""Manifests and health of cameras, by the camera component."""
SENTINEL = "sentinel"
"""Findings made on site, by the sentinel."""
UPLINK = "uplink"
"""What the uplink itself has to tell: gaps, routes, certificates, its own receipts."""

UPWARD = (FRAMES, CAMERA, SENTINEL, UPLINK, TELEMETRY)
"""Every log that the uplink reads, in the order in which they are served."""

COLLECTOR_COMMANDS = "commands-collector"
CAMERA_COMMANDS = "commands-camera"
CAMERA_WISHES = "wishes-camera"
"""Commands to cameras by the sentinel, of what must be filmed while the line is down."""

OUTBOX = "outbox"
"""Sealed segments, by and for the uplink."""
IDENTITY = "identity"
TAP = "tap.sock"
"""Unix socket on which the collector shows accepted records to whoever listens on site."""
LINE = "line.json"
"""`{"up": bool, "since": ISO 8601}`: how the uplink stands with the cloud, replaced as a whole."""
LAWS = "laws.json"
"""By which limits and facilities each outlet is judged on site, by the uplink for the sentinel;
replaced as a whole (`site_laws`)."""
WAY_OUT = "way-out.json"
"""`{"port": int}`: the uplink's proxy on loopback, there while it has several network routes."""
