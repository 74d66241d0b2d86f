"""The certificates of devices in AWS IoT Core."""

from plume.aws.clients import iot
from plume.aws.failures import told_as_unavailable
from plume.errors import Refused
from plume.model.identity import ThingName


class IotCertificates:
    """`plume.ports.certificates.DeviceCertificates`; an id is the SHA-256 of the certificate."""

    def retire_others(self, thing: ThingName, certificate_id: str) -> int:
        """Deactivate every certificate of the thing but this one; give how many were active."""
        with told_as_unavailable(f"certificates of {thing}"):
            pages = iot().get_paginator("list_thing_principals").paginate(thingName=thing)
            arns = [arn for page in pages for arn in page["principals"] if ":cert/" in arn]
            known = [arn.rpartition("/")[2] for arn in arns]
            if certificate_id not in known:
                raise Refused(f"{certificate_id} is no certificate of {thing}")
            return sum(_retired(one) for one in known if one != certificate_id)


def _retired(certificate_id: str) -> bool:
    """Deactivate one; whether it was active."""
    told = iot().describe_certificate(certificateId=certificate_id)
    if told["certificateDescription"]["status"] != "ACTIVE":
        return False
    iot().update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    return True
