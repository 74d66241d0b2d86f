"""How fleet provisioning turns a claim into a thing of its own: the template's body as data."""

from collections.abc import Mapping, Sequence


def provisioning_template(
    *, thing_type: str, group: str, policies: Sequence[str]
) -> Mapping[str, object]:
    """Give the body: thing `edge-<serial>`, its certificate, the policies of all devices.

    The serial number is in lower case, as the device says it; the hook has checked it, the
    fingerprint and the key before the template is applied.
    """
    return {
        "Parameters": {
            "SerialNumber": {"Type": "String"},
            "Fingerprint": {"Type": "String"},
            "SigningKey": {"Type": "String"},
            "AWS::IoT::Certificate::Id": {"Type": "String"},
        },
        "Resources": {
            "thing": _thing(thing_type, group),
            "certificate": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {
                    "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"},
                    "Status": "Active",
                },
            },
            **{f"policy{at or ''}": _policy(name) for at, name in enumerate(policies)},
        },
    }


def _policy(name: str) -> Mapping[str, object]:
    return {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": name}}


def _thing(thing_type: str, group: str) -> Mapping[str, object]:
    return {
        "Type": "AWS::IoT::Thing",
        "Properties": {
            "ThingName": {"Fn::Join": ["", ["edge-", {"Ref": "SerialNumber"}]]},
            "ThingTypeName": thing_type,
            "ThingGroups": [group],
            "AttributePayload": {"fingerprint": {"Ref": "Fingerprint"}},
        },
        "OverrideSettings": {
            "AttributePayload": "REPLACE",
            "ThingTypeName": "REPLACE",
            "ThingGroups": "DO_NOTHING",
        },
    }
