"""The way a stack is made here."""

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Environment, Stack, Tags
from constructs import Construct

from infra.stage import Stage, Target
from plume.wire.names import PROJECT


class PlumeStack(Stack):
    """A stack `Plume-<Name>` that says what it holds."""

    def __init__(self, scope: Construct, name: str, stage: Stage, says: str) -> None:
        # The local AWS checks signatures, but its bootstrap roles cannot publish assets.
        local = stage.target is Target.LOCAL
        super().__init__(
            scope,
            f"Plume-{name}",
            env=Environment(region=stage.region),
            description=f"Plume {name}: {says}",
            synthesizer=CliCredentialsStackSynthesizer() if local else None,
            termination_protection=stage.care.keeps_data,
        )
        Tags.of(self).add("project", PROJECT)
        Tags.of(self).add("stage", stage.name)

    def output(self, name: str, value: str) -> None:
        """Tell the one who deploys a value under a plain name."""
        CfnOutput(self, name, value=value)
