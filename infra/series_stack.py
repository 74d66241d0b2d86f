"""The time-series store: Timestream for InfluxDB 3 in a private network, or one kept outside."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_timestream as timestream
from constructs import Construct

from infra.foundation import Foundation
from infra.plume_function import Network, PlumeFunction
from infra.plume_stack import PlumeStack
from infra.stage import OutsideSeries
from plume.wire.names import ENV_SERIES_DATABASE, ENV_SERIES_TOKEN_SECRET, ENV_SERIES_URL

PORT = 8181
DATABASE = "plume"


@dataclass(frozen=True, slots=True)
class SeriesStore:
    """Where the store is, what opens it, and from where it can be reached (None: anywhere)."""

    url: str
    token_arn: str
    network: Network | None

    def serves(self, function: PlumeFunction) -> None:
        """Let the function write and read curves."""
        function.opens(self.token_arn, ENV_SERIES_TOKEN_SECRET)
        function.add_environment(ENV_SERIES_URL, self.url)
        function.add_environment(ENV_SERIES_DATABASE, DATABASE)


class SeriesStack(PlumeStack):
    """The store of curves; everything in it can be rebuilt from the bundles."""

    def __init__(self, scope: Construct, foundation: Foundation) -> None:
        super().__init__(scope, "Series", foundation.stage, "curves.")
        self._foundation = foundation
        outside = foundation.stage.series
        self.store = self._outside(outside) if outside else self._timestream()
        self.output("SeriesUrl", self.store.url)
        self.output("SeriesTokenSecretArn", self.store.token_arn)

    def _outside(self, series: OutsideSeries) -> SeriesStore:
        token = secretsmanager.CfnSecret(
            self,
            "Token",
            description="The token of a time-series store outside this app.",
            kms_key_id=self._foundation.key.key_arn,
            secret_string=self.to_json_string({"token": series.token}),
        )
        return SeriesStore(series.url, token.attr_id, None)

    def _timestream(self) -> SeriesStore:
        vpc = self._vpc()
        callers = ec2.SecurityGroup(
            self, "Callers", vpc=vpc, description="The functions that use the curves."
        )
        self._endpoints(vpc, callers)
        cluster = self._cluster(vpc, callers)
        url = f"https://{cluster.attr_endpoint}:{PORT}"
        token_arn = cluster.attr_influx_auth_parameters_secret_arn
        return SeriesStore(url, token_arn, Network(vpc, callers))

    def _vpc(self) -> ec2.Vpc:
        log = ec2.FlowLogDestination.to_cloud_watch_logs(self._foundation.log(self, "FlowLog"))
        return ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                )
            ],
            flow_logs={"rejected": ec2.FlowLogOptions(destination=log)},
        )

    def _endpoints(self, vpc: ec2.Vpc, callers: ec2.SecurityGroup) -> None:
        """Open the ways to what the functions inside need; there is no way to the internet."""
        aws = ec2.InterfaceVpcEndpointAwsService
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        for name, service in (("Secrets", aws.SECRETS_MANAGER), ("Sqs", aws.SQS)):
            group = ec2.SecurityGroup(
                self, f"{name}Door", vpc=vpc, allow_all_outbound=False, description=f"To {name}."
            )
            group.add_ingress_rule(callers, ec2.Port.tcp(443), "The functions inside.")
            vpc.add_interface_endpoint(name, service=service, security_groups=[group], open=False)

    def _cluster(self, vpc: ec2.Vpc, callers: ec2.SecurityGroup) -> timestream.CfnInfluxDBCluster:
        care = self._foundation.stage.care
        door = ec2.SecurityGroup(
            self, "Door", vpc=vpc, allow_all_outbound=False, description="To the curves."
        )
        door.add_ingress_rule(callers, ec2.Port.tcp(PORT), "The functions that use the curves.")
        cluster = timestream.CfnInfluxDBCluster(
            self,
            "Cluster",
            name="plume-series",
            db_instance_type=care.series_instance,
            db_parameter_group_identifier=care.series_engine,
            vpc_subnet_ids=vpc.select_subnets(
                subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
            ).subnet_ids,
            vpc_security_group_ids=[door.security_group_id],
            publicly_accessible=False,
        )
        cluster.apply_removal_policy(self._foundation.removal)
        return cluster
