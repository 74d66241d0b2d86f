"""One origin for page, API and login, as the CloudFront distribution is in AWS.

| path | goes to |
| --- | --- |
| `/api/*` | the REST API of the local AWS |
| `/media/*`, `/live/*` | the media bucket, which believes the signature of the address |
| `/idp/` | the user pool, and only what a person may ask of it without a key |
| anything else | the web bucket; an address of the page itself is `index.html` |
"""

from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from infra.headers import SECURITY_HEADERS
from infra.local.web_proxy.forward import forward
from infra.local.web_proxy.site import Files, Site
from plume.wire.names import LIVE_PREFIX, MEDIA_PREFIX

API_SECONDS = 60
MOST_CONNECTIONS = 100
MOST_BYTES = 10 << 20
"""What the REST API of AWS takes at most."""

SESSION = web.AppKey("session", ClientSession)
POOL = "AWSCognitoIdentityProviderService."
LOGIN_ACTIONS = frozenset(
    {
        "InitiateAuth", "RespondToAuthChallenge", "RevokeToken", "GlobalSignOut", "GetUser",
        "ChangePassword", "AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference",
    }
)  # fmt: skip


def application(*, api: str, login: str, media: str, files: Files) -> web.Application:
    """Join all of them behind one application; `media` is the address of the bucket."""
    app = web.Application(client_max_size=MOST_BYTES)
    site = Site(files)
    login_url = login.rstrip("/") + "/"

    async def to_api(request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix("/api")
        return await forward(request, request.app[SESSION], api.rstrip("/") + path)

    async def to_login(request: web.Request) -> web.StreamResponse:
        action = request.headers.get("X-Amz-Target", "").removeprefix(POOL)
        if action not in LOGIN_ACTIONS:
            raise web.HTTPForbidden(text="not an action of the login")
        return await forward(request, request.app[SESSION], login_url)

    async def to_media(request: web.Request) -> web.StreamResponse:
        address = media.rstrip("/") + request.rel_url.raw_path
        return await forward(request, request.app[SESSION], address)

    for place in (MEDIA_PREFIX, LIVE_PREFIX):
        app.router.add_get(f"/{place.split('{')[0]}{{path:.*}}", to_media)
    app.router.add_route("*", "/api/{path:.*}", to_api)
    app.router.add_post("/idp/", to_login)
    app.router.add_get("/{path:.*}", site.answer)
    app.cleanup_ctx.append(_session)
    app.on_response_prepare.append(_secure)
    return app


async def _session(app: web.Application) -> AsyncIterator[None]:
    timeout = ClientTimeout(total=API_SECONDS)
    connector = TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=30)
    async with ClientSession(
        connector=connector, timeout=timeout, auto_decompress=False
    ) as session:
        app[SESSION] = session
        yield


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)
