"""The page: static files behind CloudFront, and one origin for page, API and login."""

from functools import cached_property
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from infra.api_stack import ApiStack
from infra.data_stack import DataStack
from infra.edge_functions import LOGIN_PATH, PAGE_PATH
from infra.headers import SECURITY_HEADERS, content_security_policy
from infra.plume_stack import PlumeStack
from infra.stage import Domain, Login
from plume.wire.names import LIVE_PREFIX, MEDIA_PREFIX

MEDIA_PLACES = tuple(f"/{prefix.split('{')[0]}" for prefix in (MEDIA_PREFIX, LIVE_PREFIX))
TWO_YEARS = Duration.days(730)
OWN_HEADERS = ("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy")


class WebStack(PlumeStack):
    """One origin: `/` is the page, `/api/*` the API, `/idp/*` the login.

    `/media/*` and `/live/*` are what cameras recorded: the API signs each address for the bucket
    itself, and here it is carried there as it is. The bucket believes nothing but the signature.
    """

    def __init__(self, scope: Construct, data: DataStack, login: Login, api: ApiStack) -> None:
        super().__init__(scope, "Web", data.foundation.stage, "the page.")
        self._data, self._login, self._api = data, login, api
        self._stage = data.foundation.stage
        self.bucket = self._bucket()
        self.distribution = self._distribution()
        if self._stage.traits.publishes_web:
            self._publish()
        self.output("WebBucket", self.bucket.bucket_name)
        self.output("WebUrl", f"https://{self._host()}")

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Files",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self._stage.traits.tls,
            server_access_logs_bucket=self._data.access_logs,
            server_access_logs_prefix="web-bucket/",
            removal_policy=self._data.foundation.removal,
        )

    def _distribution(self) -> cloudfront.Distribution:
        domain = self._stage.domain
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Plume",
            default_root_object="index.html",
            default_behavior=self._page(),
            additional_behaviors=self._behaviours(),
            error_responses=self._errors(),
            domain_names=[domain.name] if domain else None,
            http_version=cloudfront.HttpVersion.HTTP2,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            log_bucket=self._data.access_logs,
            log_file_prefix="web/",
        )
        if domain:
            _certify(distribution, domain)
        return distribution

    def _behaviours(self) -> dict[str, cloudfront.BehaviorOptions]:
        api = f"{self._api.api.rest_api_id}.execute-api.{self.region}.{self.url_suffix}"
        behaviours = {"/api/*": self._forward(api)}
        behaviours |= {f"{place}*": self._media() for place in MEDIA_PLACES}
        if self._stage.login is None:
            cognito = f"cognito-idp.{self.region}.{self.url_suffix}"
            behaviours["/idp/*"] = self._forward(cognito, self._function("Login", LOGIN_PATH))
        return behaviours

    def _page(self) -> cloudfront.BehaviorOptions:
        has_functions = self._stage.traits.edge_functions
        return cloudfront.BehaviorOptions(
            origin=self._files(),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers,
            function_associations=[self._function("Page", PAGE_PATH)] if has_functions else None,
        )

    def _files(self) -> cloudfront.IOrigin:
        if self._stage.traits.origin_access_control:
            return origins.S3BucketOrigin.with_origin_access_control(self.bucket)
        return origins.S3BucketOrigin.with_origin_access_identity(self.bucket)

    def _forward(
        self, host: str, *functions: cloudfront.FunctionAssociation
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                host, origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2]
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            function_associations=list(functions),
        )

    def _media(self) -> cloudfront.BehaviorOptions:
        host = self._data.media.bucket_regional_domain_name
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                host, origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2]
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._headers,
        )

    def _function(self, name: str, code: str) -> cloudfront.FunctionAssociation:
        function = cloudfront.Function(
            self,
            f"{name}Path",
            code=cloudfront.FunctionCode.from_inline(code),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.FunctionAssociation(
            function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
        )

    def _errors(self) -> list[cloudfront.ErrorResponse] | None:
        """Show the page at an address of its own where no function can rewrite it.

        The status stays 403, as the bucket says of what it has not, so that a refusal of the
        API, which comes by the same distribution, still is one.
        """
        if self._stage.traits.edge_functions:
            return None
        return [
            cloudfront.ErrorResponse(
                http_status=403,
                response_http_status=403,
                response_page_path="/index.html",
                ttl=Duration.seconds(0),
            )
        ]

    @cached_property
    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            security_headers_behavior=self._security(),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header=name, value=SECURITY_HEADERS[name], override=True
                    )
                    for name in OWN_HEADERS
                ]
            ),
        )

    def _security(self) -> cloudfront.ResponseSecurityHeadersBehavior:
        login = self._stage.login
        talks_to = ["'self'", login.issuer] if login else ["'self'"]
        return cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=content_security_policy(*talks_to), override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption.DENY, override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=TWO_YEARS, include_subdomains=True, override=True
            ),
        )

    def _publish(self) -> None:
        """Upload the built page and what it must know of this deployment."""
        deployment.BucketDeployment(
            self,
            "Publish",
            sources=[
                deployment.Source.asset(str(self._stage.sources.web)),
                deployment.Source.json_data("config.json", self._config()),
            ],
            destination_bucket=self.bucket,
            distribution=self.distribution,
            distribution_paths=["/index.html", "/config.json"],
            prune=False,  # a page that is open still loads the files of its own version
            log_group=self._data.foundation.log(self, "PublishLog"),
        )

    def _config(self) -> dict[str, object]:
        login = self._login
        idp = {"url": "/idp/", "clientId": login.client_id, "region": self.region}
        if self._stage.login:
            idp["url"] = login.issuer
        return {"apiUrl": "/api", "idp": idp, "version": self._stage.sources.version}

    def _host(self) -> str:
        domain = self._stage.domain
        return domain.name if domain else self.distribution.distribution_domain_name


def _certify(distribution: cloudfront.Distribution, domain: Domain) -> None:
    """Name the certificate kept in IAM: China has no ACM for CloudFront, IAM serves everywhere."""
    raw = cast("cloudfront.CfnDistribution", distribution.node.default_child)
    raw.add_property_override(
        "DistributionConfig.ViewerCertificate",
        {
            "IamCertificateId": domain.iam_certificate_id,
            "SslSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        },
    )
