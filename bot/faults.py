"""What may be told of an error outside the database: its kinds and where it happened, never what was in it."""

from __future__ import annotations

import traceback
from pathlib import Path

ROOT = Path(__file__).parent.parent


def describe(error: BaseException) -> str:
    """`IntegrityError in sales/recording.py:120`. Messages of errors may carry what people wrote, so they stay out."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    where = f" in {Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}" if ours else ""
    return f"{_kinds(error)}{where}"


def frames(error: BaseException) -> str:
    """The traceback without the messages, the causes first."""
    parts = [frames(error.__cause__)] if error.__cause__ is not None else []
    parts += ["".join(traceback.format_tb(error.__traceback__)) + _kinds(error)]
    return "\n".join(parts)


def _kinds(error: BaseException) -> str:
    """The error's class, and the driver's own under it."""
    original = getattr(error, "orig", None)
    return type(error).__name__ + (f" ({type(original).__name__})" if original is not None else "")


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(ROOT) and ".venv" not in path.parts
