"""Tell API Gateway who asks, and let them through or not.

Trigger   REST API, TOKEN authorizer on every method but the public ones
Reads     table `users`; the identity provider's key set
Answers   a policy for the whole stage, and the person as context for the API
On error  a bad token is 401; a person who is unknown or disabled is 403; a provider or table
          that does not answer is 500, and nobody is let through
"""

import json
from datetime import UTC, datetime
from os import environ
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.model.person import Person
from plume.usecases.recognise_person import BadToken, Issuer, NoSuchPerson, recognise_person
from plume.wire import names

logger = Logger()
metrics = Metrics(namespace=names.METRICS_NAMESPACE, service="authorize")

BEARER = "bearer "


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001, Lambda's signature
    """Entry point named in infra/api_stack.py."""
    try:
        person = _person(str(event.get("authorizationToken") or ""))
    except BadToken as fault:
        _note("TokenRefused", fault.message)
        raise Exception("Unauthorized") from None  # noqa: TRY002, the word API Gateway turns into 401
    except NoSuchPerson as fault:
        _note("PersonRefused", fault.message)
        return _policy("nobody", "Deny", str(event["methodArn"]))
    _note("PersonRecognised", person.role.value)
    return _policy(person.id, "Allow", str(event["methodArn"])) | {"context": _context(person)}


def _person(authorization: str) -> Person:
    if authorization[: len(BEARER)].lower() != BEARER:
        raise BadToken("no bearer token")
    return recognise_person(
        authorization[len(BEARER) :],
        issuer=_issuer(),
        keys=wiring.signing_keys(),
        people=wiring.people(),
        now=datetime.now(tz=UTC),
    )


def _issuer() -> Issuer:
    return Issuer(
        url=environ[names.ENV_ISSUER],
        client_id=environ[names.ENV_CLIENT_ID],
        audience=environ.get(names.ENV_AUDIENCE, ""),
    )


def _policy(principal: str, effect: str, method_arn: str) -> dict[str, Any]:
    """Speak for the whole stage, so that a cached answer serves every method."""
    api, stage, *_ = method_arn.split("/")
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": f"{api}/{stage}/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": document}


def _context(person: Person) -> dict[str, str]:
    scope = {
        "regions": person.scope.regions,
        "enterprises": person.scope.enterprises,
        "outlets": person.scope.outlets,
    }
    logged_in_at = person.logged_in_at
    return {
        "loggedInAt": logged_in_at.isoformat() if logged_in_at else "",
        "personId": person.id,
        "username": person.username,
        "role": person.role.value,
        "name": person.name,
        "organisation": person.organisation,
        "scope": json.dumps(scope, ensure_ascii=True),
    }


def _note(event: str, particulars: str) -> None:
    metrics.add_metric(name=event, unit=MetricUnit.Count, value=1)
    logger.info(event, particulars=particulars)
