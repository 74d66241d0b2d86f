"""Make the platform's key pair once.

Trigger   CloudFormation, when `Custom::PlatformKey` is created, changed or deleted
Reads     the secret
Writes    the secret, when it holds no key yet; a key that exists is never replaced
Emits     the public key (PEM) as attribute `PublicKey`
On error  the deployment fails with the reason
"""

import json
from typing import Any
from urllib.request import Request, urlopen

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def handler(event: dict[str, Any], _context: object) -> None:
    """Answer CloudFormation, whatever happens: it waits for an answer."""
    try:
        data = {} if event["RequestType"] == "Delete" else {"PublicKey": _public_key(event)}
    except Exception as failure:
        _answer(event, {"Status": "FAILED", "Reason": f"{type(failure).__name__}: {failure}"})
        raise
    _answer(event, {"Status": "SUCCESS", "Data": data})


def _public_key(event: dict[str, Any]) -> str:
    pem = _private_key(event["ResourceProperties"]["SecretArn"])
    public = serialization.load_pem_private_key(pem.encode(), password=None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def _private_key(secret: str) -> str:
    if held := _held(secret):
        return held
    fresh = _fresh_key()
    boto3.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=fresh)
    return fresh


def _held(secret: str) -> str:
    """Give the key that is there; an empty text for a secret that has no value yet."""
    client = boto3.client("secretsmanager")
    try:
        return str(client.get_secret_value(SecretId=secret).get("SecretString") or "")
    except client.exceptions.ResourceNotFoundException:
        return ""


def _fresh_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _answer(event: dict[str, Any], said: dict[str, Any]) -> None:
    names = ("StackId", "RequestId", "LogicalResourceId")
    body = {name: event[name] for name in names} | said | {"PhysicalResourceId": "platform-key"}
    request = Request(  # noqa: S310, the address comes from CloudFormation
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT"
    )
    request.add_header("Content-Type", "")
    with urlopen(request, timeout=20):  # noqa: S310, ditto
        pass
