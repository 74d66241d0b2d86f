"""The page's one origin: what lies under which path."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]


@pytest.mark.parametrize("target", ["global", "cn-north-1"])
def test_media_come_from_their_bucket_by_their_signature_alone(
    target: str, resources: Resources
) -> None:
    (made,) = resources(target, "AWS::CloudFront::Distribution").values()
    told = made["DistributionConfig"]
    behaviours = {each["PathPattern"]: each for each in told["CacheBehaviors"]}
    origins = {each["Id"]: each for each in told["Origins"]}
    for path in ("/media/*", "/live/*"):
        behaviour = behaviours[path]
        origin = origins[behaviour["TargetOriginId"]]
        assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD"}
        assert behaviour["ResponseHeadersPolicyId"]
        assert "MediaBucket" in str(origin["DomainName"])
        assert "OriginAccessControlId" not in origin
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
