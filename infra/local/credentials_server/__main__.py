"""Run the stand-in: `python -m infra.local.credentials_server --config FILE`."""

import argparse
import json
import ssl
from pathlib import Path

from aiohttp import web

from infra.local.credentials_server.app import application
from infra.local.credentials_server.local_iot import Buckets, LocalIot
from infra.local.settings import HOST


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="infra.local.credentials_server", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    chosen = json.loads(parser.parse_args().config.read_text(encoding="utf-8"))
    buckets = Buckets(chosen["segmentsBucket"], chosen["mediaBucket"])
    web.run_app(
        application(LocalIot(buckets), chosen["roles"]),
        host=HOST,
        port=chosen["port"],
        ssl_context=mutual_tls(chosen["certificate"], chosen["key"], chosen["clientCaFile"]),
        access_log=None,
        print=None,
        shutdown_timeout=1,
    )


def mutual_tls(certificate: str, key: str, client_ca_file: str) -> ssl.SSLContext:
    """Ask every client for a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(client_ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


if __name__ == "__main__":
    main()
