"""Slash commands: names, aliases, typing mistakes, and notes that are none."""

from __future__ import annotations

import pytest

from intents.commands import Command, CommandSpec, Unknown, parse_command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/todo", Command("todo", "")),
        ("/待办 本周", Command("todo", "本周")),
        ("／ＴＯＤＯ", Command("todo", "")),
        ("、完成 3", Command("done", "3")),
        ("/who华昌电子", Command("who", "华昌电子")),
        ("/谁在跟 华昌电子", Command("who", "华昌电子")),
        ("/tood", Command("todo", "")),
        ("/forcast 五月", Command("forecast", "五月")),
        ("/代办", Command("todo", "")),
        ("帮助", Command("help", "")),
        ("help", Command("help", "")),
        ("待办。", Command("todo", "")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert parse_command(text) == command


@pytest.mark.parametrize("text", ["", "  ", "待办还有哪些", "done", "明天完成报价", "https://example.com/todo"])
def test_notes_are_no_commands(text: str) -> None:
    assert parse_command(text) is None


def test_an_unknown_one_gets_the_nearest_three() -> None:
    answer = parse_command("/xyzzy 1")
    assert isinstance(answer, Unknown)
    assert answer.typed == "xyzzy"
    assert len(answer.nearest) == 3


def test_own_commands_with_chinese_names() -> None:
    specs = [CommandSpec("weekly", ("周报",)), CommandSpec("rank", ("排名",))]
    assert parse_command("/周报 上周", specs) == Command("weekly", "上周")
    assert parse_command("/排明", specs) == Command("rank", "")
