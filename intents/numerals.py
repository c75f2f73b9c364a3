"""Numbers as they are spoken and written in Chinese: 二十三, 两万五, 3.5, 八百六, 壹萬, 5万4千6百."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGIT_ROWS = ("零〇", "一壹", "二两贰", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {char: value for value, chars in enumerate(_DIGIT_ROWS) for char in chars} | {"幺": 1}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
_SECTIONS = {"万": 10**4, "w": 10**4, "亿": 10**8}
_DIGIT_CHARS = "".join(_DIGITS)
_UNIT_CHARS = "".join(unit for unit in _UNITS if not unit.isascii())

# A spoken or written whole number without 万/亿, as in dates and counts.
SMALL = rf"(?:\d{{1,4}}|廿[{_DIGIT_CHARS}]?|[{_DIGIT_CHARS}{_UNIT_CHARS}]{{1,7}})"
_GROUPED = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?"
_PLAIN = r"\d{1,20}(?:\.\d{1,8})?(?:[百千]零?\d{0,3}){0,3}"
_SPOKEN = rf"[{_DIGIT_CHARS}{_UNIT_CHARS}]{{1,24}}(?:点[{_DIGIT_CHARS}]{{1,8}})?"
# Any number below 万, with decimals and thousands separators; 万 and 亿 are the caller's.
NUMBER = rf"(?:{_GROUPED}|{_PLAIN}|{_SPOKEN})"

_VAGUE_TENS = re.compile(rf"^([{_DIGIT_CHARS}])([{_DIGIT_CHARS}])([十百千].*)$")
_ABOUT = re.compile(r"(?<=[十百千零\d])[余多来几](?=[万亿]|$)")
_TOKEN = re.compile(
    rf"(?P<plain>\d+(?:\.\d+)?)|(?P<digit>[{_DIGIT_CHARS}])|(?P<unit>[{''.join(_UNITS)}])|(?P<section>[万亿w])"
)


def parse_number(text: str) -> Decimal | None:
    """The value of a number in digits or Chinese numerals; None if `text` is not one.

    A trailing digit after a unit counts the next lower one: 两万五 = 25000, 八百六 = 860. "二三十" gives the
    larger (30), as deadlines do; 几, 多 and 余 add nothing.
    """
    text = re.sub(r"[,，\s]", "", text).replace("廿", "二十").replace("卅", "三十")
    negative = text[:1] in ("负", "-")
    text = _ABOUT.sub("", text[1:] if negative else text)
    vague = _VAGUE_TENS.match(text)
    if vague and _DIGITS[vague.group(2)] == _DIGITS[vague.group(1)] + 1:
        text = vague.group(2) + vague.group(3)
    value = _with_fraction(text)
    return -value if negative and value is not None else value


def parse_int(text: str) -> int | None:
    """Like `parse_number`, for whole numbers."""
    value = parse_number(text)
    return int(value) if value is not None and value == value.to_integral_value() else None


def parse_spoken_digits(text: str) -> str | None:
    """Digits read one by one: 二零二六 → "2026"."""
    digits = [char if char.isdigit() and char.isascii() else str(_DIGITS.get(char, "x")) for char in text]
    joined = "".join(digits)
    return joined if joined.isdigit() else None


def _with_fraction(text: str) -> Decimal | None:
    """三点五, 八十六点五万."""
    whole, point, rest = text.partition("点")
    if not point:
        return _Sum().of(text)
    digits = re.match(rf"[{_DIGIT_CHARS}\d]+", rest)
    base, spoken = _Sum().of(whole), parse_spoken_digits(digits.group()) if digits else None
    if base is None or digits is None or spoken is None:
        return None
    value = base + Decimal(f"0.{spoken}")
    for unit in rest[digits.end() :]:
        factor = _SECTIONS.get(unit) or _UNITS.get(unit)
        if factor is None:
            return None
        value *= factor
    return value


class _Sum:
    """Adds up a numeral from left to right: total + section (below 万) + the digits read last."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.section = Decimal(0)
        self.last: Decimal | None = None
        self.unit = 0
        self.after_zero = False

    def of(self, text: str) -> Decimal | None:
        """The value of the whole text, None if it is no numeral."""
        if spoken := parse_spoken_digits(text):
            return Decimal(spoken)
        position = 0
        while token := _TOKEN.match(text, position):
            self._add(token.lastgroup, token.group())
            position = token.end()
        if not text or position < len(text):
            return None
        return self.total + self.section + self._tail()

    def _add(self, kind: str | None, word: str) -> None:
        match kind:
            case "plain":
                self.last = Decimal(word)
            case "unit":
                self._close_unit(_UNITS[word])
            case "section":
                self._close_section(_SECTIONS[word])
            case _ if _DIGITS[word]:
                self.last = Decimal(_DIGITS[word])
            case _:
                self.after_zero = True

    def _close_unit(self, unit: int) -> None:
        self.unit = unit
        self.section += (Decimal(1) if self.last is None else self.last) * self.unit
        self.last, self.after_zero = None, False

    def _close_section(self, unit: int) -> None:
        self.unit = unit
        here = self.section + (self.last or 0)
        if unit == _SECTIONS["亿"] or not here:
            self.total = (self.total + here) * self.unit
        else:
            self.total += here * self.unit
        self.section, self.last, self.after_zero = Decimal(0), None, False

    def _tail(self) -> Decimal:
        """两万五 = 25000, but 两万零五 = 20005 and 二十五 = 25."""
        if self.last is None:
            return Decimal(0)
        short = self.unit > 10 and not self.after_zero and self.last < 10
        return self.last * (self.unit // 10) if short else self.last
