"""What a speech recogniser wrote down wrong, put right before a note is read: 爆价 → 报价, 下五三点 → 下午三点.

Only by sound, only to words of the trade, names on file and surnames before a title, and only where the text
as it stands is no known word, so that what was typed stays as it is. The length never changes: positions in
the text stay valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from intents.lexicon import Lexicon, common_words, sound_key
from intents.normal import data_lines, fold
from intents.patterns import words
from intents.people import AFTER_NAME, BEFORE_NAME, SURNAMES, TITLES, titled_people
from intents.pinyin import syllable, syllables

_HAN = r"[\u4e00-\u9fff]"
_HAN_RUN = re.compile(f"{_HAN}+")
_NUMERAL = re.compile(r"[零一二三四五六七八九十百千万亿半两几\d]")
_LONGEST_WORD = 5
# A word that begins or ends with these is more likely two words: 以加强, 跟金鼎.
_NO_BEGIN = frozenset("以就也都在跟给把被的了是要会能有不没我你他她这那个很再又还从向为与及第今每各该此另某氧")
_NO_END = frozenset("的了是在和就也都把被让给跟第寄")
_DIGIT_OF = {
    "yi": "一", "er": "二", "liang": "两", "san": "三", "si": "四", "wu": "五", "liu": "六", "qi": "七", "ba": "八",
    "jiu": "九", "shi": "十",
}  # fmt: skip
_DIGITS = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,2})"
# A character of time words that is certain from its neighbours: pattern, its sound, what it is.
_TIME_SLIPS = (
    (re.compile(rf"(?<=[上下中]){_HAN}(?={_DIGITS}点)"), "wu", "午"),
    (re.compile(rf"(?<=[上下本这]){_HAN}(?=[一二三四五六日天])"), "zhou", "周"),
    (re.compile(rf"(?<=[今明昨]){_HAN}(?={_DIGITS}点)"), "wan", "晚"),
    (re.compile(rf"(?<=[今明昨后])[田甜填添](?!{_HAN}?[局园])"), "tian", "天"),
    (re.compile(rf"(?<=[上下中]午[一二两三四五六七八九十\d]){_HAN}(?=[半一之以前左钟去给到，,。]|$)"), "dian", "点"),
    (re.compile(r"(?:(?<=[十\d])|(?<=[月十][一二三四五六七八九]))好(?=[之以前到左上下晚早，,。]|$)"), "hao", "号"),
    (re.compile(r"(?<=月)[低抵敌帝](?=[之以前给要付交，,。]|$)"), "di", "底"),
    (re.compile(r"(?:(?<=[\d半一二两三四五六七八九十]小时)|(?<=分钟))候"), "hou", "后"),
)
_DAY_PART = "(?:(?<=[上下中]午)|(?<=早上)|(?<=晚上)|(?<=凌晨)|(?<=傍晚))"
_HOUR = re.compile(rf"{_DAY_PART}[^一二两三四五六七八九十\d](?=点(?!餐|菜|名|击|评))")
# The commonest surname of each sound: written for another character where a title follows.
_COMMON_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董肖程曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶潘杜戴夏钟田任"
    "范方石姚谭廖邹熊金郝孔白崔康毛邱秦顾侯邵孟龙段钱尹"
)
_NO_SURNAME = frozenset("副正总各该某每本两几大小老原前现兼代和跟的是在有要会")
_SURNAME_SLIP = re.compile(rf"(?:^|(?<=[跟和给找约问见请陪催的与同向处部科,，。;；!?\s])){_HAN}(?={TITLES})")
_NAME_BEFORE = re.compile(BEFORE_NAME)
_NAME_AFTER = re.compile(AFTER_NAME)
_LONGEST_PERSON = 4


def put_right(text: str, lexicon: Lexicon) -> str:
    """`text` (simplified) with what only sounds like a known word or name spelt as that; same length."""
    for slips in (_misspelt, _time_slips, _hour_slips, _surname_slips, _person_slips):
        folded, chars = fold(text), list(text)
        for start, word in slips(folded, lexicon):
            chars[start : start + len(word)] = word
        text = "".join(chars)
    return text


# --- words of the trade -----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _terms() -> frozenset[str]:
    return words(*data_lines("trade_terms.txt"))


@lru_cache(maxsize=1)
def _terms_by_sound() -> dict[str, str]:
    """Sound → term; sounds that two terms share are left out."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for term in sorted(_terms()):
        key = sound_key(syllables(term))
        shared |= {key} & found.keys()
        found[key] = term
    return {key: term for key, term in found.items() if key not in shared}


def _misspelt(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    sounds = syllables(folded)
    taken = _known(folded, lexicon)
    for run in _HAN_RUN.finditer(folded):
        position = run.start()
        while position < run.end() - 1:
            term = _term_at(folded, sounds, taken, position, run.end())
            if term:
                yield position, term
            position += len(term) if term else 1


def _term_at(folded: str, sounds: tuple[str, ...], taken: list[bool], start: int, limit: int) -> str | None:
    """The longest term that the free characters from `start` on sound like."""
    for end in range(min(limit, start + _LONGEST_WORD), start + 1, -1):
        if folded[start] in _NO_BEGIN or folded[end - 1] in _NO_END or any(taken[start:end]):
            continue
        if term := _terms_by_sound().get(sound_key(sounds[start:end])):
            return term
    return None


def _known(folded: str, lexicon: Lexicon) -> list[bool]:
    """Which characters belong to known words, numbers, names of people or customers."""
    taken = [bool(_NUMERAL.match(char)) for char in folded]
    for start, end in _known_spans(folded, lexicon):
        taken[start:end] = [True] * (end - start)
    return taken


def _known_spans(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    yield from titled_people(folded)
    longest = max(_LONGEST_WORD, lexicon.longest)
    for start in range(len(folded) - 1):
        for end in range(start + 2, min(len(folded), start + longest) + 1):
            word = folded[start:end]
            if word in common_words() or word in _terms() or word in lexicon.exact:
                yield start, end


# --- hours and people -------------------------------------------------------------------------------------------


def _time_slips(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """下五三点 → 下午三点, 下轴二 → 下周二, 两小时候 → 两小时后."""
    for pattern, sound, right in _TIME_SLIPS:
        for found in pattern.finditer(folded):
            if syllable(found.group()) == sound and found.group() != right:
                yield found.start(), right


def _hour_slips(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """上午就点 → 上午九点."""
    for found in _HOUR.finditer(folded):
        digit = _DIGIT_OF.get(syllable(found.group()))
        if digit and folded[found.start() : found.end() + 1] not in common_words():
            yield found.start(), digit


@lru_cache(maxsize=1)
def _surname_of() -> dict[str, str]:
    return {syllable(surname): surname for surname in reversed(_COMMON_SURNAMES)}


def _surname_slips(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """采购部流主任 → 采购部刘主任."""
    for found in _SURNAME_SLIP.finditer(folded):
        char, pair = found.group(), folded[found.start() : found.end() + 1]
        surname = _surname_of().get(syllable(char))
        if surname and char not in SURNAMES and char not in _NO_SURNAME and pair not in common_words():
            yield found.start(), surname


def _person_slips(folded: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """Names of people on file that were spelt otherwise, where a name is expected: 给照明打电话 → 给赵敏打电话."""
    if not lexicon.people_by_sound:
        return
    sounds = syllables(folded)
    for cue in _NAME_BEFORE.finditer(folded):
        start = cue.end()
        for end in range(start + 2, min(len(folded), start + _LONGEST_PERSON) + 1):
            name = lexicon.people_by_sound.get(sound_key(sounds[start:end]))
            if name and name != folded[start:end] and _NAME_AFTER.match(folded, end):
                yield start, name
