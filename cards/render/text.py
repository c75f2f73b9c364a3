"""A card as plain text: the fallback for what a messenger cannot show, and the cutting of long texts."""

from __future__ import annotations

import re

from cards.model import Card, Severity

ICONS = {Severity.INFO: "", Severity.SUCCESS: "✅ ", Severity.WARNING: "🟠 ", Severity.DANGER: "🔴 "}

_MARKS = (
    (re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)"), r"\1（\2）"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"^#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[-*+][ \t]+", re.MULTILINE), r"\1· "),
    (re.compile(r"^>[ \t]?", re.MULTILINE), ""),
)


def plain(markdown: str) -> str:
    """`markdown` without its marks, for places that show characters as they are."""
    for pattern, instead in _MARKS:
        markdown = pattern.sub(instead, markdown)
    return markdown.strip()


def render(card: Card) -> str:
    """All that can be read on the card; what can be pressed or filled in is left out."""
    lines = [f"{ICONS[card.severity]}{card.title}"]
    lines += [f"{field.name}：{field.value}" for field in card.fields]
    if card.markdown:
        lines.append(plain(card.markdown))
    if card.image and card.image.startswith("http"):
        lines.append(f"图片：{card.image}")
    lines += [f"{link.label}：{link.url}" for link in card.links]
    if card.note:
        lines.append(card.note)
    return "\n".join(lines)


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; what was cut shows as `…`."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def split(text: str, max_bytes: int) -> list[str]:
    """`text` in pieces of at most `max_bytes` UTF-8 bytes: between lines where possible, never within a character.

    Joined by line breaks the pieces read like the whole; nothing but line breaks at the cuts gets lost.
    """
    pieces: list[str] = []
    while len(text.encode()) > max_bytes:
        cut = _cut(text, max_bytes)
        if piece := text[:cut].rstrip("\n"):
            pieces.append(piece)
        text = text[cut:].lstrip("\n")
    return [*pieces, text] if text or not pieces else pieces


def _cut(text: str, max_bytes: int) -> int:
    """How many characters go first: up to the last line break in the second half, else as many as fit."""
    fits = len(text.encode()[:max_bytes].decode(errors="ignore"))
    line_end = text.rfind("\n", fits // 2, fits)
    return line_end + 1 if line_end >= 0 else max(fits, 1)
