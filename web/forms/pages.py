"""What the pages look like: the door behind a link, the form, the sentence when there is none."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cards.model import Card, InputKind

TICKET = "_ticket"
"""The hidden input that no card's input is called like."""

_FOLDER = Path(__file__).parent / "templates"
_CSS = (_FOLDER / "page.css").read_text(encoding="utf-8")
_KINDS = {
    InputKind.TEXT: Markup('type="text"'),
    InputKind.NUMBER: Markup('type="text" inputmode="decimal"'),
    InputKind.DATE: Markup('type="date"'),
}
"""Amounts may be typed as 50万, so a number is text to the browser."""

_STYLE = b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_PAGES.globals.update(css=Markup(_CSS), kinds=_KINDS, ticket_name=TICKET)  # noqa: S704 - our own file


def door(path: str, token: str) -> web.Response:
    """One button: who fetches a link to show what is behind it does not press it."""
    return _page("door.html", 200, path=path, token=token)


def form(path: str, card: Card, ticket: str, outcome: str = "") -> web.Response:
    """The card's inputs. `outcome`: what became of the submission before."""
    return _page("form.html", 200, path=path, card=card, ticket=ticket, outcome=outcome, submit=card.buttons[0].label)


def sorry(status: int, sentence: str) -> web.Response:
    return _page("sorry.html", status, sentence=sentence)


def to_form(path: str) -> web.Response:
    """Off to the form, with nothing of the link left in the address."""
    return web.Response(status=303, headers={**_HEADERS, "Location": path})


def _page(template: str, status: int, **values: str | Card) -> web.Response:
    text = _PAGES.get_template(template).render(values)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
