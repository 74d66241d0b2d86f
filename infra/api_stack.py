"""The REST API: one Chalice function behind its own routes, an authorizer; commands to devices."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.command_stack import CommandStack
from infra.data_stack import DataStack
from infra.plume_function import PlumeFunction, Spec
from infra.plume_stack import PlumeStack
from infra.problems import PROBLEMS, template_of
from infra.routes import routes_of
from infra.series_stack import SeriesStore
from infra.stage import Login
from plume.wire.names import (
    ENV_BELATED_QUEUE,
    ENV_CLIENT_ID,
    ENV_COMMANDS_QUEUE,
    ENV_ISSUER,
    ENV_JWKS_URL,
    ENV_PLATFORM_KEY_SECRET,
)

API = Spec(
    name="api",
    says="Answers the page: scoped reads and commands.",
    memory=1024,
    timeout=Duration.seconds(28),  # the gateway gives up after 29
    entry="app.app",
)
AUTHORIZE = Spec(
    name="authorize",
    says="Verifies a token and says who it is and what it may see.",
    memory=512,
    timeout=Duration.seconds(10),
)
STAGE_NAME = "api"
"""The stage is called as the path is on the page's origin: `/api/me` needs no rewriting."""
PUBLIC = ("/health", "/openapi.json")
TRUSTED_FOR = Duration.seconds(30)
"""How long a right that was taken away still holds at most."""
REQUESTS_PER_SECOND = 200


class ApiStack(PlumeStack):
    """What the page talks to."""

    def __init__(
        self,
        scope: Construct,
        data: DataStack,
        login: Login,
        series: SeriesStore,
        command: CommandStack,
    ) -> None:
        super().__init__(scope, "Api", data.foundation.stage, "what the page talks to.")
        self._data, self._login, self._series = data, login, series
        self._command = command
        self.api = self._gateway()
        self._add_routes(self._answers(), self._authorizes())
        self._add_problems()
        self.output("ApiUrl", self.api.url.removesuffix("/"))
        self.output("RestApiId", self.api.rest_api_id)
        self.output("ApiStage", STAGE_NAME)

    def _answers(self) -> PlumeFunction:
        data, series = self._data, self._series
        function = PlumeFunction(self, data.foundation, API, network=series.network)
        function.reads(data.tables, "segments", "latest", "readings", "users", "devices")
        function.writes(data.tables, "commands", "audit")
        function.sends(self._command.queue, ENV_COMMANDS_QUEUE)
        function.sends(data.belated_queue, ENV_BELATED_QUEUE)
        function.writes(data.tables, "alarms", "registry", "media")
        function.opens(data.platform_key_arn, ENV_PLATFORM_KEY_SECRET)
        function.looks_at(data.media, "media", "live")
        function.gets(data.segments, "bundles")
        series.serves(function)
        return function

    def _authorizes(self) -> PlumeFunction:
        function = PlumeFunction(self, self._data.foundation, AUTHORIZE)
        function.reads(self._data.tables, "users")
        function.add_environment(ENV_ISSUER, self._login.issuer)
        function.add_environment(ENV_JWKS_URL, self._login.jwks_url)
        function.add_environment(ENV_CLIENT_ID, self._login.client_id)
        return function

    def _gateway(self) -> apigateway.RestApi:
        foundation = self._data.foundation
        return apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name="plume",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE_NAME,
                tracing_enabled=foundation.stage.traits.tracing,
                metrics_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                throttling_rate_limit=REQUESTS_PER_SECOND,
                throttling_burst_limit=2 * REQUESTS_PER_SECOND,
                access_log_destination=apigateway.LogGroupLogDestination(
                    foundation.log(self, "AccessLog")
                ),
                access_log_format=_access_log(),
            ),
        )

    def _add_routes(self, answers: PlumeFunction, authorizes: PlumeFunction) -> None:
        integration = apigateway.LambdaIntegration(answers, scope_permission_to_method=False)
        authorizer = apigateway.TokenAuthorizer(
            self, "Authorizer", handler=authorizes, results_cache_ttl=TRUSTED_FOR
        )
        folder = self._data.foundation.stage.sources.functions / API.name
        kinds = apigateway.AuthorizationType
        for path, methods in routes_of(folder).items():
            public = path in PUBLIC
            for method in methods:
                self.api.root.resource_for_path(path).add_method(
                    method,
                    integration,
                    authorization_type=kinds.NONE if public else kinds.CUSTOM,
                    authorizer=None if public else authorizer,
                )

    def _add_problems(self) -> None:
        """Let the gateway's own refusals look like the API's: problem details in two tongues."""
        for problem in PROBLEMS:
            self.api.add_gateway_response(
                problem.response,
                type=apigateway.ResponseType.of(problem.response),
                status_code=str(problem.status),
                response_headers={"Content-Type": "'application/problem+json'"},
                templates={"application/json": template_of(problem)},
            )


def _access_log() -> apigateway.AccessLogFormat:
    return apigateway.AccessLogFormat.json_with_standard_fields(
        caller=False,
        http_method=True,
        ip=True,
        protocol=True,
        request_time=True,
        resource_path=True,
        response_length=True,
        status=True,
        user=True,
    )
