"""Values that only this installation can have written: signed, good until a time, for one purpose."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence


class NotOurs(Exception):
    """Not signed by this installation, or for another purpose."""


class Expired(Exception):
    """Ours, but its time is over."""


class Sealer:
    """HMAC-SHA256 under one secret; who knows it can sign anything. Times are seconds since the epoch."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"gendan:seal:" + secret.encode()).digest()

    def seal(self, purpose: str, values: Sequence[str], expires_at: float) -> str:
        """The values as a word that fits into a URL, a cookie and a form. Anybody can read them."""
        packed = json.dumps([int(expires_at), *values], ensure_ascii=False, separators=(",", ":"))
        body = urlsafe_b64encode(packed.encode()).rstrip(b"=").decode()
        return f"{body}.{self._signature(purpose, body)}"

    def open(self, purpose: str, sealed: str, now: float) -> list[str]:
        """The values that `seal` was given. Raises `NotOurs` or `Expired`."""
        body, _, signature = sealed.partition(".")
        if not sealed.isascii() or not hmac.compare_digest(signature, self._signature(purpose, body)):
            raise NotOurs
        expires_at, *values = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if now >= expires_at:
            raise Expired
        return [str(value) for value in values]

    def _signature(self, purpose: str, body: str) -> str:
        digest = hmac.digest(self._key, f"{purpose}:{body}".encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
