"""What a device may do, and what a claim may: policies of IoT Core as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plume.wire.names import (
    ACK_TOPIC,
    BACKLOG_PREFIX,
    COMMANDS_TOPIC,
    LIVE_PREFIX,
    MEDIA_PREFIX,
    PROVISIONING_TEMPLATE,
    SEGMENTS_TOPIC,
)

THING = "${iot:Connection.Thing.ThingName}"
CREDENTIALS_THING = "${credentials-iot:ThingName}"
"""The same thing, where its credentials of the token exchange are judged."""
CREATE = "$aws/certificates/create/json"
CREATE_FROM_CSR = "$aws/certificates/create-from-csr/json"
PROVISION = f"$aws/provisioning-templates/{PROVISIONING_TEMPLATE}/provision/json"
CLAIM_CLIENTS = "plume-claim-*"
"""A claim connects under a name of its own and can never take a device's place."""


@dataclass(frozen=True, slots=True)
class Realm:
    """The first part of every ARN of one account and region: `arn:<partition>:iot:...`."""

    prefix: str

    def arns(self, kind: str, *names: str) -> list[str]:
        """Give `<prefix>:<kind>/<name>` for each name."""
        return [f"{self.prefix}:{kind}/{name}" for name in names]


def device_policy(realm: Realm, role_alias: str) -> Mapping[str, object]:
    """Let a thing connect as itself, publish its own segments, hear what is told to it.

    With its certificate it may also have temporary credentials of the role behind `role_alias`.
    """
    told = [topic.format(thing=THING) for topic in (ACK_TOPIC, COMMANDS_TOPIC)]
    connect = _allow("iot:Connect", realm.arns("client", THING))
    connect["Condition"] = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    statements = [
        connect,
        _allow("iot:Publish", realm.arns("topic", SEGMENTS_TOPIC.format(thing=THING))),
        _allow("iot:Subscribe", realm.arns("topicfilter", *told)),
        _allow("iot:Receive", realm.arns("topic", *told)),
        _allow("iot:AssumeRoleWithCertificate", realm.arns("rolealias", role_alias)),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def core_policy(realm: Realm, greengrass: Realm) -> Mapping[str, object]:
    """Let the nucleus of a Greengrass core device fetch its deployments and tell how it fares.

    Source:
        AWS IoT Greengrass V2 developer guide, minimal policy of a core device, narrowed to the
        device's own thing; its jobs and shadows carry the deployments.
    """
    own = [f"$aws/things/{THING}/{kind}/*" for kind in ("jobs", "shadow")]
    health = f"$aws/things/{THING}/greengrassv2/health/json"
    core = greengrass.arns("coreDevices", THING)
    statements = [
        _allow("iot:Publish", realm.arns("topic", *own, health)),
        _allow("iot:Subscribe", realm.arns("topicfilter", *own)),
        _allow("iot:Receive", realm.arns("topic", *own)),
        _allow("greengrass:GetDeploymentConfiguration", core),
        _allow("greengrass:ListThingGroupsForCoreDevice", core),
        _allow("greengrass:ResolveComponentCandidates", ["*"]),
        _allow("greengrass:GetComponentVersionArtifact", ["*"]),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def own_objects(thing: str, segments_arn: str, media_arn: str) -> list[str]:
    """Name the objects that one thing may put, in the two buckets named by their ARNs."""
    backlog = BACKLOG_PREFIX.format(thing=thing)
    media, live = MEDIA_PREFIX.format(thing=thing), LIVE_PREFIX.format(thing=thing, camera="*")
    return [f"{segments_arn}/{backlog}*", f"{media_arn}/{media}*", f"{media_arn}/{live}*"]


def claim_policy(realm: Realm) -> Mapping[str, object]:
    """Let a claim certificate ask for a certificate and register a thing, and nothing else."""
    asked = (CREATE, CREATE_FROM_CSR, PROVISION)
    answered = [f"{topic}/{answer}" for topic in asked for answer in ("accepted", "rejected")]
    statements = [
        _allow("iot:Connect", realm.arns("client", CLAIM_CLIENTS)),
        _allow("iot:Publish", realm.arns("topic", *asked)),
        _allow("iot:Subscribe", realm.arns("topicfilter", *answered)),
        _allow("iot:Receive", realm.arns("topic", *answered)),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(action: str, resources: Sequence[str]) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources)}
