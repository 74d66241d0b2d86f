"""cdk-nag finds nothing that is not so on purpose, for the reason written here."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that stays: rule and construct as patterns, and why."""

    rule: str
    path: str
    reason: str


ROLE = r".*Surroundings/Role/DefaultPolicy/Resource"
PUBLISHER = r"Plume-Web/Custom::CDKBucketDeployment.*"

ACCEPTED = (
    Accepted(r"IAM5\[Resource::.*/index/\*\]", ROLE, "every index of a table it was given"),
    Accepted(
        r"IAM5\[Resource::.*/(bundles|backlog)/\*\]",
        ROLE,
        "objects under one prefix of one bucket",
    ),
    Accepted(r"IAM5\[Resource::.*/(media|live)/\*\]", ROLE, "what any camera recorded"),
    Accepted(r"IAM5\[Resource::.*:topic/plume/\*/ack\]", ROLE, "any device may be acknowledged"),
    Accepted(
        r"IAM5\[Resource::.*:(thing|cert)/\*\]", ROLE, "any device's old certificate is retired"
    ),
    Accepted(r"IAM5\[Resource::.*:topic/plume/\*/commands\]", ROLE, "any device is commanded"),
    Accepted(r"IAM5\[Resource::\*\]", ROLE, "X-Ray and network interfaces know no resources"),
    Accepted(
        r"IAM5\[Resource::.*/(backlog|media|live)/<credentials-iot:ThingName>/(\*/)?\*\]",
        r"Plume-Edge/TokenExchange/.*",
        "objects under the prefix of the device's own thing",
    ),
    Accepted(
        r"IAM5\[Resource::.*log-group:AWSIotLogsV2:\*\]",
        r"Plume-Edge/LogWriter/.*",
        "IoT Core names the streams of its log group itself",
    ),
    Accepted(
        r"IAM5\[Resource::<(JudgeWindow|SendCommands).*\.Arn>:\*\]",
        r"Plume-(Judge|Command)/SchedulerRole.*",
        "every version of one function",
    ),
    Accepted(r"(IAM4|IAM5|L1).*", PUBLISHER, "CDK's own function that uploads the page"),
    Accepted(r"L1", r".*/Resource", "the runtime is a parameter; the layer is bundled for it"),
    Accepted(
        r"IAM4\[.*AWSIoTThingsRegistration\]",
        r"Plume-Edge/Registrar/.*",
        "AWS keeps this policy for fleet provisioning, as its steps change",
    ),
    Accepted(
        r"IAM4\[.*AmazonAPIGatewayPushToCloudWatchLogs\]",
        r"Plume-Api/RestApi/CloudWatchRole/.*",
        "the account-wide role API Gateway asks for, with AWS's own policy",
    ),
    Accepted(
        r"SMG4",
        r"Plume-Data/PlatformKeyPair/Secret",
        "what is sealed for years opens with this key; a new pair is a decision, not a timer",
    ),
    Accepted(
        r"SQS3",
        r"Plume-(Judge/JudgeWindowSurroundings/JudgeWindowCallsDead|Ingest/RuleErrors"
        r"|Command/SendCommandsSurroundings/SendCommandsCallsDead)/.*",
        "it is a dead queue, of a schedule and of a rule, which cdk-nag does not see",
    ),
    Accepted(r"APIG2", r".*", "the API validates its input and answers with problem details"),
    Accepted(r"APIG3|CFR2", r".*", "no web application firewall yet; the stage throttles"),
    Accepted(r"APIG4", r".*/(health|openapi\.json)/.*", "public on purpose: health and contract"),
    Accepted(r"COG4", r".*", "a Lambda authorizer, the same where there is no Cognito"),
    Accepted(r"COG2", r".*", "TOTP is each person's choice at login; step-up guards commands"),
    Accepted(r"CFR1", r".*", "one country's platform, visited from wherever its staff travels"),
    Accepted(r"CFR4", r".*", "the domain without a certificate is CloudFront's own"),
)


def accepted_by(finding: tuple[str, str]) -> list[Accepted]:
    rule, path = finding
    return [
        one
        for one in ACCEPTED
        if re.fullmatch(f"AwsSolutions-(?:{one.rule})", rule) and re.fullmatch(one.path, path)
    ]


def test_every_finding_has_a_reason(nagged: list[tuple[str, str]]) -> None:
    assert not [finding for finding in nagged if not accepted_by(finding)]


def test_every_reason_is_about_a_finding(nagged: list[tuple[str, str]]) -> None:
    used = {one.reason for finding in nagged for one in accepted_by(finding)}
    assert {one.reason for one in ACCEPTED} == used
