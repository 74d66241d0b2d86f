"""Where Plume is deployed, and how: the typed values every stack is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from aws_cdk import Duration
from constructs import Node

ROOT = Path(__file__).parents[1]


class Target(StrEnum):
    """The kind of AWS."""

    GLOBAL = "global"
    CHINA = "china"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a kind of AWS has and lacks.

    Source:
        CloudFormation's resource tables per region, and the "Getting Started" pages of
        docs.amazonaws.cn; for the local AWS, what ministack 1.5.33 refuses.
    """

    tls: bool
    user_pools: bool
    tracing: bool
    origin_access_control: bool
    edge_functions: bool
    token_exchange: bool
    iot_logging: bool
    greengrass: bool
    managed_series: bool
    publishes_web: bool
    own_domain_needed: bool
    default_region: str


TRAITS: Mapping[Target, Traits] = MappingProxyType(
    {
        Target.GLOBAL: Traits(
            tls=True,
            user_pools=True,
            tracing=True,
            origin_access_control=True,
            edge_functions=True,
            token_exchange=True,
            iot_logging=True,
            greengrass=True,
            managed_series=True,
            publishes_web=True,
            own_domain_needed=False,
            default_region="ap-southeast-1",
        ),
        Target.CHINA: Traits(
            tls=True,
            user_pools=False,
            tracing=False,
            origin_access_control=False,
            edge_functions=False,
            token_exchange=True,
            iot_logging=True,
            greengrass=True,
            managed_series=True,
            publishes_web=True,
            own_domain_needed=True,
            default_region="cn-north-1",
        ),
        Target.LOCAL: Traits(
            tls=False,
            user_pools=True,
            tracing=False,
            origin_access_control=True,
            edge_functions=True,
            token_exchange=False,
            iot_logging=False,
            greengrass=False,
            managed_series=False,
            publishes_web=False,
            own_domain_needed=False,
            default_region="us-east-1",
        ),
    }
)


WITHOUT_GREENGRASS = frozenset({"cn-northwest-1"})
"""Regions whose AWS has no Greengrass: edge components run there as plain services.

Source:
    CloudFormation's resource table of Ningxia lacks the types of GreengrassV2.
"""


EDGE_PLATFORMS: Mapping[str, str] = MappingProxyType(
    {"x86_64": "x86_64-manylinux_2_28", "aarch64": "aarch64-manylinux_2_28"}
)
"""Industrial PCs and gateways, with Debian 12 and its Python."""


class SeriesEngine(StrEnum):
    """The parameter group that selects the engine of Timestream for InfluxDB 3."""

    CORE = "InfluxDBV3Core"
    ENTERPRISE = "InfluxDBV3Enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """How carefully a stage keeps what it is given.

    `evidence_years` is how long nobody can delete a bundle of segments; 0 leaves a day, and to
    administrators the right to delete.
    """

    keeps_data: bool
    evidence_years: int
    log_days: int
    series_engine: SeriesEngine
    series_instance: str


CARE: Mapping[str, Care] = MappingProxyType(
    {
        "prod": Care(
            keeps_data=True,
            evidence_years=5,  # 排污许可管理条例 (2021) art. 21: records are kept five years
            log_days=365,  # 网络安全法 art. 21: network logs are kept six months at least
            series_engine=SeriesEngine.ENTERPRISE,
            series_instance="db.influx.xlarge",
        ),
        "dev": Care(
            keeps_data=False,
            evidence_years=0,
            log_days=30,
            series_engine=SeriesEngine.CORE,
            series_instance="db.influx.medium",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An OpenID provider outside this app: China has no Cognito user pools."""

    issuer: str
    jwks_url: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSeries:
    """A time-series store outside this app: the local stand-in, or a cluster kept elsewhere."""

    url: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The name people type; China refuses the one CloudFront gives, and has no ACM for it."""

    name: str
    iam_certificate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the things that are uploaded lie on disk."""

    functions: Path
    web: Path
    layer: Path | None
    """A folder to use as the layer as it is; None: bundle one."""
    edge: Path | None
    """A folder of ready artifacts, `<component>.zip`; None: bundle them."""
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One deployment of Plume."""

    name: str
    target: Target
    region: str
    endpoint: str
    """The address of the local AWS as its functions reach it; empty in AWS."""
    runtime: str
    arm64: bool
    edge_platform: str
    """What edge devices run on, as uv names it."""
    care: Care
    login: Login | None
    series: OutsideSeries | None
    domain: Domain | None
    sources: Sources

    @property
    def traits(self) -> Traits:
        """What this kind of AWS has."""
        return TRAITS[self.target]

    @property
    def greengrass(self) -> bool:
        """Whether the edge is deployed by Greengrass here, or by hand as services."""
        return self.traits.greengrass and self.region not in WITHOUT_GREENGRASS

    @property
    def evidence_lock(self) -> Duration:
        """How long a bundle cannot be deleted."""
        return Duration.days(max(1, 365 * self.care.evidence_years))


def stage_of(node: Node) -> Stage:
    """Read the stage from the context (`cdk -c target=china -c stage=prod`).

    Raises:
        ValueError: a value is unknown, or one that the target needs is missing.
    """
    target = Target(_text(node, "target") or Target.GLOBAL)
    name = _text(node, "stage") or "dev"
    if name not in CARE:
        raise ValueError(f"stage is one of {', '.join(CARE)}, not {name}")
    return Stage(
        name=name,
        target=target,
        region=_text(node, "region") or TRAITS[target].default_region,
        endpoint=_endpoint(node, target),
        runtime=_text(node, "runtime") or "python3.13",
        arm64=_text(node, "architecture") != "x86_64",
        edge_platform=EDGE_PLATFORMS[_text(node, "edgeArchitecture") or "x86_64"],
        care=CARE[name],
        login=_login(node, TRAITS[target]),
        series=_series(node, TRAITS[target]),
        domain=_domain(node, TRAITS[target]),
        sources=_sources(node),
    )


def _text(node: Node, key: str) -> str:
    return str(node.try_get_context(key) or "")


def _endpoint(node: Node, target: Target) -> str:
    return _needed(node, "endpoint").rstrip("/") if target is Target.LOCAL else ""


def _login(node: Node, traits: Traits) -> Login | None:
    issuer = _text(node, "issuer")
    if not issuer and traits.user_pools:
        return None
    return Login(
        issuer=_needed(node, "issuer"),
        jwks_url=_needed(node, "jwksUrl"),
        client_id=_needed(node, "clientId"),
    )


def _series(node: Node, traits: Traits) -> OutsideSeries | None:
    url = _text(node, "seriesUrl")
    if not url and traits.managed_series:
        return None
    return OutsideSeries(url=_needed(node, "seriesUrl"), token=_text(node, "seriesToken"))


def _domain(node: Node, traits: Traits) -> Domain | None:
    if not _text(node, "domain") and not traits.own_domain_needed:
        return None
    return Domain(
        name=_needed(node, "domain"), iam_certificate_id=_needed(node, "iamCertificateId")
    )


def _sources(node: Node) -> Sources:
    layer, edge = _text(node, "layer"), _text(node, "edge")
    return Sources(
        functions=ROOT / (_text(node, "functions") or "functions"),
        web=ROOT / (_text(node, "web") or "frontend/dist"),
        layer=ROOT / layer if layer else None,
        edge=ROOT / edge if edge else None,
        version=_text(node, "version") or "development",
    )


def _needed(node: Node, key: str) -> str:
    if value := _text(node, key):
        return value
    raise ValueError(f"this target needs -c {key}=...")
