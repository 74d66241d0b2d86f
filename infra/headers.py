"""The security headers of the page, for every server of it."""

from collections.abc import Mapping
from types import MappingProxyType

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def content_security_policy(*talks_to: str) -> str:
    """Give the policy: everything from the page's own origin; nothing inline, no frame.

    `talks_to` are the sources the page may send requests to.
    """
    rules = {**_POLICY, "connect-src": " ".join(talks_to)}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
"""Inspectors take photos and say where they are; nothing else is asked of the browser."""

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": content_security_policy("'self'"),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""What every answer carries; over TLS also `Strict-Transport-Security`."""
