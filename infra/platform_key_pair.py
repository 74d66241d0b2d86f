"""The platform's own key pair: devices encrypt to it, functions open with it."""

from pathlib import Path

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.foundation import Foundation
from infra.plume_function import PlumeFunction, Spec

PUBLIC_KEY_PARAMETER = "/plume/platform-key"

MAKE_PLATFORM_KEY = Spec(
    name="make_platform_key",
    says="Makes the platform's key pair once; what exists stays.",
    memory=256,
    timeout=Duration.seconds(60),
    folder=Path(__file__).with_name("platform_key"),
)


class PlatformKeyPair(Construct):
    """A P-256 key pair, made when first deployed, never seen by the one who deploys.

    The secret holds the private key as PKCS 8 PEM; the parameter `/plume/platform-key` holds the
    public one as PEM, for the devices.
    """

    def __init__(self, scope: Construct, foundation: Foundation) -> None:
        super().__init__(scope, "PlatformKeyPair")
        secret = secretsmanager.CfnSecret(
            self,
            "Secret",
            description="The platform's private P-256 key (PKCS 8 PEM).",
            kms_key_id=foundation.key.key_arn,
        )
        secret.apply_removal_policy(foundation.removal)
        self.secret_arn = secret.attr_id
        made = CustomResource(
            self,
            "Made",
            resource_type="Custom::PlatformKey",
            service_token=self._maker(foundation).function_arn,
            properties={"SecretArn": self.secret_arn},
            service_timeout=Duration.minutes(3),
        )
        ssm.StringParameter(
            self,
            "PublicKey",
            parameter_name=PUBLIC_KEY_PARAMETER,
            description="The platform's public P-256 key (PEM): devices encrypt to it.",
            string_value=made.get_att_string("PublicKey"),
        )

    def _maker(self, foundation: Foundation) -> PlumeFunction:
        maker = PlumeFunction(self, foundation, MAKE_PLATFORM_KEY)
        maker.may("secretsmanager", ("GetSecretValue", "PutSecretValue"), self.secret_arn)
        maker.uses_key()
        maker.add_permission(
            "CloudFormation", principal=iam.ServicePrincipal("cloudformation.amazonaws.com")
        )
        return maker
