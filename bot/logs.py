"""Structured logs: one JSON object a line, ids and codes only."""

from __future__ import annotations

import json
import logging
import sys

from bot.faults import frames

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """`time`, `level`, `logger`, `message`, what `extra` brought, and where an error came from.

    Messages of errors are left out: they may carry what people wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(level: str) -> None:
    """Log to standard error. SQL statements carry contents, so SQLAlchemy's own logs stay off."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("sqlalchemy", "aiosqlite", "asyncio", "aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
