"""Numbers as they are spoken and written in Chinese: 二十三, 两万五, 3.5, 八百六, 壹萬."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {char: value for value, chars in enumerate(("零〇", "一壹", "二两贰", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
           for char in chars}  # fmt: skip
_DIGITS["幺"] = 1
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SECTIONS = {"万": 10**4, "亿": 10**8}
_DIGIT_CHARS = "".join(_DIGITS)
_UNIT_CHARS = "".join(_UNITS)

# A spoken or written whole number without 万/亿, as in dates and counts.
SMALL = rf"(?:\d{{1,4}}|廿[{_DIGIT_CHARS}]?|[{_DIGIT_CHARS}{_UNIT_CHARS}]{{1,7}})"
# Any number, with 万/亿, decimals and thousands separators.
NUMBER = (
    rf"(?:\d{{1,3}}(?:[,，]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|[{_DIGIT_CHARS}{_UNIT_CHARS}]"
    rf"[{_DIGIT_CHARS}{_UNIT_CHARS}]*(?:点[{_DIGIT_CHARS}]+)?)"
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_TENS_VAGUE = re.compile(rf"^([{_DIGIT_CHARS}])([{_DIGIT_CHARS}])(十|百|千)$")


def parse_number(text: str) -> Decimal | None:
    """The value of a number in digits or Chinese numerals; None if `text` is not one.

    A trailing digit after a unit counts the next lower one: 两万五 = 25000, 八百六 = 860. "二三十" gives the
    larger (30), as deadlines do.
    """
    text = text.replace(",", "").replace("，", "").replace("廿", "二十").strip()
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if "点" in text:
        return _decimal(text)
    vague = _TENS_VAGUE.match(text)
    if vague and _DIGITS[vague.group(2)] == _DIGITS[vague.group(1)] + 1:
        text = vague.group(2) + vague.group(3)
    return _sections(text)


def parse_int(text: str) -> int | None:
    """Like `parse_number`, for whole numbers."""
    value = parse_number(text)
    return int(value) if value is not None and value == value.to_integral_value() else None


def parse_spoken_digits(text: str) -> str | None:
    """Digits read one by one: 二零二六 → "2026"."""
    digits = [char if char.isdigit() and char.isascii() else str(_DIGITS.get(char, "x")) for char in text]
    joined = "".join(digits)
    return joined if joined.isdigit() else None


def _decimal(text: str) -> Decimal | None:
    whole, _, fraction = text.partition("点")
    digits = parse_spoken_digits(fraction)
    base = _sections(whole)
    if base is None or not digits:
        return None
    return base + Decimal(f"0.{digits}")


def _sections(text: str) -> Decimal | None:
    """Split at 亿 and 万, largest first."""
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.partition(unit)
        if found:
            high = _sections(head)
            low = _tail(tail, value)
            return high * value + low if high is not None and low is not None else None
    return _below_ten_thousand(text)


def _tail(tail: str, unit: int) -> Decimal | None:
    if not tail:
        return Decimal(0)
    if len(tail) == 1 and tail in _DIGITS:
        return Decimal(_DIGITS[tail] * unit // 10)
    return _sections(tail)


def _below_ten_thousand(text: str) -> Decimal | None:
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        digits = parse_spoken_digits(text)
        return Decimal(digits) if digits else None
    total, digit, last_unit, zero = 0, None, 1, False
    for char in text:
        if char in _UNITS:
            last_unit = _UNITS[char]
            total += (1 if digit is None else digit) * last_unit
            digit, zero = None, False
        else:
            zero = zero or _DIGITS[char] == 0
            digit = _DIGITS[char]
    if digit is not None:
        short = last_unit > 10 and not zero
        total += digit * (last_unit // 10 if short else 1)
    return Decimal(total)
