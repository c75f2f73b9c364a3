"""Reading what a browser uploads, and what it is: by content, never by name or declared type."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import puremagic
from aiohttp import BodyPartReader, web

from bot.events import MediaKind
from bot.local.wire import Refused, clean

MAX_BODY = 256 * 1024
_OVERHEAD = 64 * 1024
_HEAD = 64 * 1024
_FALLBACK = "application/octet-stream"

_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), mime)
    for pattern, mime in (
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"....ftyp(?:heic|heix|hevc|mif1|msf1|avif)", "image/heic"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"#!AMR-WB", "audio/amr-wb"),
        (rb"#!AMR", "audio/amr"),
        (rb"\x02?#!SILK", "audio/silk"),
        (rb"fLaC", "audio/flac"),
        (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
        (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
        (rb"OggS.{0,400}(?:theora|video)", "video/ogg"),
        (rb"OggS", "audio/ogg"),
        (rb"\x1aE\xdf\xa3.*V_(?:VP|AV1|MPEG|MS)", "video/webm"),
        (rb"\x1aE\xdf\xa3", "audio/webm"),
        (rb"....ftyp.*hdlr.{8}vide", "video/mp4"),
        (rb"....ftyp(?:M4A|M4B)", "audio/mp4"),
        (rb"%PDF-", "application/pdf"),
    )
)
_MP4 = re.compile(rb"....ftyp", re.DOTALL)


@dataclass(slots=True)
class Upload:
    """A multipart form: its plain fields, and the bytes and name of its one file."""

    fields: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    name: str = ""


async def read_body(request: web.Request) -> bytes:
    """A JSON body. Raises `Refused` when it is over the limit."""
    chunks = request.content.iter_chunked(16 * 1024)
    return await _read(chunks, MAX_BODY, "这段内容太长了，请分几条发。")


async def read_form(request: web.Request, max_mb: int) -> Upload:
    """A form with a file of at most `max_mb` megabytes. Raises `Refused`."""
    limit = max_mb * 1024 * 1024
    too_big = f"文件太大了，最多 {max_mb} MB。录音请截短或压缩后再发。"
    if (request.content_length or 0) > limit + _OVERHEAD:
        raise Refused(413, too_big)
    upload = Upload()
    try:
        async for part in await request.multipart():
            await _take(upload, part, limit, too_big)
    except (ValueError, AssertionError) as error:
        raise Refused(400, "上传的表单读不懂，请重试。") from error
    return upload


async def _take(upload: Upload, part: object, limit: int, too_big: str) -> None:
    if not isinstance(part, BodyPartReader) or part.name is None:
        raise ValueError("nested or nameless part")
    if part.name == "file":
        if upload.data is not None:
            raise Refused(400, "一次发一个文件。")
        upload.data, upload.name = await _read(_chunks(part), limit, too_big), _file_name(part.filename)
    else:
        text = await _read(_chunks(part), _OVERHEAD, "表单里的文字太长了。")
        upload.fields[part.name] = text.decode("utf-8", "replace")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(64 * 1024):
        yield chunk


async def _read(chunks: AsyncIterator[bytes], limit: int, too_big: str) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise Refused(413, too_big)
    return bytes(data)


def _file_name(name: str | None) -> str:
    """The last part of a name, short, without control characters."""
    last = re.split(r"[/\\]", clean(name or ""))[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).strip()[-100:] or "文件"


def sniff(data: bytes) -> str:
    """The MIME type of the bytes."""
    head = data[:_HEAD]
    for pattern, mime in _SIGNATURES:
        if pattern.match(head):
            return mime
    if _MP4.match(head):
        return "video/mp4" if re.search(rb"hdlr.{8}vide", data, re.DOTALL) else "audio/mp4"
    try:
        return puremagic.from_string(data, mime=True) or _FALLBACK
    except (puremagic.PureError, ValueError):
        return _FALLBACK


def kind_of(mime: str) -> MediaKind:
    """What a messenger would call it."""
    kinds = {"audio": MediaKind.VOICE, "image": MediaKind.IMAGE, "video": MediaKind.VIDEO}
    return MediaKind.FILE if mime == "image/svg+xml" else kinds.get(mime.partition("/")[0], MediaKind.FILE)


def is_playable(mime: str) -> bool:
    """Whether a browser may show it in place; anything else is a download, so that no upload runs as a page."""
    return kind_of(mime) is not MediaKind.FILE
