"""Slash commands with Chinese names, forgiving about width, spaces and typing mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from intents.normal import fold
from intents.pinyin import syllables

_NEAREST = 3
_TYPO = 80
_HEAD = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command's English name and its other names, all without the slash."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All names under which the command is known, folded."""
        return tuple(fold(word) for word in (self.name, *self.aliases))


@dataclass(frozen=True, slots=True)
class Command:
    """A known command and the rest of the line, trimmed."""

    name: str
    args: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something with a slash that no command is called, and the names of the (up to three) nearest ones."""

    typed: str
    nearest: tuple[str, ...]


DEFAULT_COMMANDS = (
    CommandSpec("help", ("帮助", "菜单", "怎么用", "?")),
    CommandSpec("todo", ("待办", "我的待办", "任务")),
    CommandSpec("done", ("完成", "办完", "搞定")),
    CommandSpec("lead", ("线索",)),
    CommandSpec("stage", ("阶段", "触点")),
    CommandSpec("who", ("谁", "谁负责", "谁在跟")),
    CommandSpec("forecast", ("预测",)),
    CommandSpec("promise", ("承诺",)),
    CommandSpec("undo", ("撤销", "撤回", "取消")),
    CommandSpec("why", ("为什么", "为啥")),
)


def parse_command(text: str, specs: Sequence[CommandSpec] = DEFAULT_COMMANDS) -> Command | Unknown | None:
    """The command in `text`; None when it is none (a note).

    With a slash (half or full width, or `、` which Chinese keyboards give for it): exact name, name with the
    argument stuck to it ("/who华昌"), or a small typing mistake; anything else is `Unknown`. Without a slash
    only a name standing alone ("帮助", "待办") is a command.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if stripped[0] not in "/／、":
        return _alone(stripped, specs)
    body, folded = stripped[1:].lstrip(), fold(stripped[1:].lstrip())
    return _exact(body, folded, specs) or _mistyped(body, folded, specs)


def _alone(stripped: str, specs: Iterable[CommandSpec]) -> Command | None:
    word = fold(stripped).rstrip("。.!?~ ")
    for spec in specs:
        if word in spec.words and not word.isascii():
            return Command(spec.name, "")
        if word == spec.name == "help":
            return Command(spec.name, "")
    return None


def _exact(body: str, folded: str, specs: Iterable[CommandSpec]) -> Command | None:
    """The longest name that `folded` begins with; a Latin name must not go on in Latin letters."""
    names = sorted(((word, spec.name) for spec in specs for word in spec.words), key=lambda pair: -len(pair[0]))
    for word, name in names:
        rest = folded[len(word) :]
        if folded.startswith(word) and not (word[-1].isalpha() and word.isascii() and re.match(r"[a-z]", rest)):
            return Command(name, body[len(word) :].strip(" :：,，\n"))
    return None


def _mistyped(body: str, folded: str, specs: Sequence[CommandSpec]) -> Command | Unknown:
    found = _HEAD.match(folded)
    typed = found.group() if found else folded.split(" ")[0]
    ranked = sorted(specs, key=lambda spec: -_closeness(typed, spec))
    best = [_closeness(typed, spec) for spec in ranked[:2]]
    clear = len(best) == 1 or (best and best[0] - best[1] >= 10)
    if best and best[0] >= _TYPO and clear:
        return Command(ranked[0].name, body[len(typed) :].strip())
    return Unknown(typed, tuple(spec.name for spec in ranked[:_NEAREST]))


def _closeness(typed: str, spec: CommandSpec) -> float:
    """0-100: the best likeness of the typed word to one of the names, by letters or by sound."""
    return max(_word_closeness(typed, word) for word in spec.words)


def _word_closeness(typed: str, word: str) -> float:
    letters = fuzz.ratio(typed, word)
    transposed = 90.0 if typed != word and sorted(typed) == sorted(word) and typed[:1] == word[:1] else 0.0
    if word.isascii():
        return max(letters, transposed)
    sound = 95 * fuzz.ratio(" ".join(syllables(typed)), " ".join(syllables(word))) / 100
    return max(letters, sound, fuzz.ratio(typed, "".join(syllables(word))))
