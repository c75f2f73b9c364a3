"""Who may talk to the local messenger: the right Host, the right Origin and, outside a demo, the token.

A page on the internet can make a browser call 127.0.0.1; a name that resolves to it (DNS rebinding) is caught by the
Host header, a foreign page by its Origin.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.config import LocalSettings, WebSettings
from bot.local.wire import Refused

log = logging.getLogger(__name__)

COOKIE = "gendan_local"
COOKIE_S = 30 * 86_400
_ALWAYS = frozenset({"127.0.0.1", "localhost", "::1"})
_ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": CSP,
    "Cross-Origin-Resource-Policy": "same-origin",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps every handler of the local messenger. `token` empty means that none is needed (a demo)."""

    def __init__(self, settings: LocalSettings, web_settings: WebSettings, demo: bool, token: str) -> None:
        configured = (settings.host, web_settings.host, urlsplit(web_settings.public_url).hostname or "")
        self._hosts = _ALWAYS | {host.strip("[]").lower() for host in configured if host not in _ANYWHERE}
        self._demo = demo
        self._token = token
        self._cookie = hashlib.sha256(f"local cookie:{token}".encode()).hexdigest()

    def wrap(self, handler: Handler) -> Handler:
        """`handler` behind the checks; a `Refused` of it becomes JSON with its sentence."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check(request)
                response = await handler(request)
            except Refused as refusal:
                response = web.json_response({"error": refusal.sentence}, status=refusal.status)
            if not response.prepared:
                for name, value in _HEADERS.items():
                    response.headers.setdefault(name, value)
                response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    def exchange(self, request: web.Request) -> web.Response | None:
        """Where the address carries the right token: a cookie, and the same address without it."""
        given = request.query.get("token")
        if not self._token or given is None or not _same(given, self._token):
            return None
        response = web.Response(status=303, headers={"Location": request.path})
        response.set_cookie(
            COOKIE,
            self._cookie,
            max_age=COOKIE_S,
            path="/local",
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return response

    def _check(self, request: web.Request) -> None:
        if not self._host_allowed(request):
            log.warning("local messenger: refused a foreign Host header")
            raise Refused(403, "不认识这个网址。请用启动时打印的地址，或在 [local] host 里填上它。")
        if not _origin_allowed(request):
            log.warning("local messenger: refused a foreign Origin")
            raise Refused(403, "请求来自别的网站，已拒绝。")
        if not self._token_ok(request):
            raise Refused(401, "需要口令：请打开启动时打印的那个完整网址。")

    def _host_allowed(self, request: web.Request) -> bool:
        host = _hostname(request.headers.get("Host", ""))
        return host in self._hosts or (self._demo and host is not None and host == _own_address(request))

    def _token_ok(self, request: web.Request) -> bool:
        if not self._token or self.exchange(request) is not None:
            return True
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(bearer, self._token):
            return True
        return _same(request.cookies.get(COOKIE, ""), self._cookie)


def _same(given: str, secret: str) -> bool:
    """In a time that tells nothing. What is not UTF-8 in a header comes as surrogates."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), secret.encode())


def _hostname(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None when it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _own_address(request: web.Request) -> str | None:
    """The address on which this connection reached us, as a Host header writes it."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    if not isinstance(name, tuple):
        return None
    address = ipaddress.ip_address(str(name[0]).partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _origin_allowed(request: web.Request) -> bool:
    """A browser names the page that asks. Who names none is no browser's page, or a plain navigation."""
    if request.method in ("GET", "HEAD") and request.headers.get("Upgrade", "").lower() != "websocket":
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    return urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()
