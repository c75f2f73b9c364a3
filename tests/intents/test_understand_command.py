"""`main.py understand`: JSON lines out, one clear line for wrong input."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import understand
from cli.base import Env, Fault

CUSTOMERS = "name,aliases\n昊天机电,\n四海国际物流,四海、四海物流\n"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a config.toml of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8-sig")


def write(name: str, text: str, encoding: str = "utf-8") -> None:
    """A file in the folder where the command runs."""
    Path(name).write_text(text, encoding=encoding)


async def run(*words: str) -> int:
    """The command as `main.py` starts it; the machine's clock stands at 10:00 of a Wednesday in Shanghai."""
    parser = argparse.ArgumentParser()
    understand.register(parser.add_subparsers())
    args = parser.parse_args(["understand", *words])
    code: int = await args.run(args, Env(utc_now=lambda: datetime(2026, 5, 13, 2, 0, tzinfo=UTC)))
    return code


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_one_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("--customers", "customers.csv", "四海物流的尾款明天付") == 0
    (answer,) = printed(capsys)
    assert answer["id"] is None
    assert answer["record"]["customer"] == "四海国际物流"
    assert answer["record"]["todos"][0]["due"] == "2026-05-14T18:00:00+08:00"
    assert answer["records"] == [answer["record"]]


async def test_the_now_of_a_line_wins(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"id": "a", "text": "提醒我明天发报价", "now": "2026-06-01T09:00:00+08:00"},
        {"id": 2, "text": "提醒我明天发报价"},
        {"id": "utc", "text": "提醒我明天发报价", "now": "2026-06-01T17:00:00Z"},
    ]
    write("notes.jsonl", "\n".join(map(json.dumps, lines)) + "\n\n")
    assert await run("--now", "2026-05-20T09:00:00", "--jsonl", "notes.jsonl") == 0
    answers = printed(capsys)
    assert [answer["id"] for answer in answers] == ["a", 2, "utc"]
    dues = [answer["record"]["todos"][0]["due"][:10] for answer in answers]
    assert dues == ["2026-06-02", "2026-05-21", "2026-06-03"]


async def test_half_a_surrogate_pair_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    write("notes.jsonl", '{"id": "\\ud800", "text": "提醒我明天发\\ud83d报价"}')
    assert await run("--jsonl", "notes.jsonl") == 0
    (answer,) = printed(capsys)
    assert answer["id"] == "?"
    assert answer["record"]["todos"][0]["title"] == "发?报价"


@pytest.mark.parametrize("words", [[], ["一段文字", "--jsonl", "notes.jsonl"]])
async def test_text_or_file_but_not_both(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "请给出一段文字，或者用 --jsonl 指定文件，二者选一。\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{not json", "notes.jsonl 第 2 行：不是有效的 JSON"),
        ('{"id": 1}', "notes.jsonl 第 2 行：.*缺少文字"),
        ('{"text": "x", "now": "昨天"}', "notes.jsonl 第 2 行的 now：“昨天”不是 ISO 时间"),
    ],
)
async def test_a_wrong_line_is_named_and_nothing_printed(
    line: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("notes.jsonl", '{"text": "好的"}\n' + line)
    with pytest.raises(Fault, match=complaint):
        await run("--jsonl", "notes.jsonl")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--jsonl", "missing.jsonl"], "读不了文件 missing.jsonl"),
        (["--customers", "missing.csv", "好"], "读不了文件 missing.csv"),
        (["--now", "周三", "好"], "--now：“周三”不是 ISO 时间"),
        (["--customers", "gbk.csv", "好"], "不是 UTF-8 编码"),
        (["--customers", "headless.csv", "好"], "缺少客户名称一列"),
    ],
)
async def test_wrong_input(words: list[str], complaint: str) -> None:
    write("gbk.csv", CUSTOMERS, "gb18030")
    write("headless.csv", "昊天机电\n")
    with pytest.raises(Fault, match=complaint):
        await run(*words)
