"""Which customer a note speaks of: exact names, short ones, and what a recogniser made of them.

A name is taken only when it is clearly nearer than any other; else the near ones become candidates, so that
the speaker is asked instead of being misunderstood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from intents.lexicon import Form, Lexicon, common_words, industries, sound_key
from intents.patterns import any_of, one_of, words
from intents.pinyin import likeness, syllables

SURE = 0.89
POSSIBLE = 0.8
MARGIN = 0.045
MAX_CANDIDATES = 4
_FORM_SCORE = {Form.FULL: 1.0, Form.PREFIX: 0.93, Form.CORE: 0.93}
_SOUNDS_SAME = 0.88
_MINE_BONUS = 0.05
_LONGEST_HEARD = 8
_CUES_NEEDED = {2: 2, 3: 2, 4: 1}
_OTHER_TRADE_SCORE = 0.85
_ANY_COMPANY = words(
    "公司 集团 集团公司 总公司 分公司 厂 总厂 工厂 总部 项目 技术 设备 管理 服务 系统 信息 数据 工程"
)
_CJK = re.compile(r"[\u4e00-\u9fffa-z0-9]+")
_CUE_BEFORE = re.compile(
    one_of(
        """
        ^ [,，。;；:!?\\s、"] 跟 和 与 同 给 去 到 在 约 约了 找 拜访 拜访了 走访 从 把 联系 联系了 向 为 由 帮
        见 见了 催 问 是 对 叫 寄给 发给 交到 送到 了 上次 那个 这个 客户 签了 丢了 今天 昨天 明天 刚刚 刚 上午
        下午 中午 晚上 早上 提醒我 记得 答应 答应了 承诺 承诺了
        """
    )
    + "$"
)
_TITLES = r"[\u4e00-\u9fff]{1,2}(?:总|工|经理|主任|厂长|总监|处|科长|部长|老师)"
_CUE_AFTER = any_of(
    rf"""
    $ [,，。;；:!?\s、的] 那边 这边 那里 那儿 说 要 想 觉得 希望 答应 承诺 今天 昨天 明天 下周 刚 已经 现在 这个
    这单 那个 项目 合同 单子 公司 客户 对方 第一次 首次 需求 方案 演示 采购 财务 法务 技术 老板 决定 选 签 丢 问
    嫌 付 打 回 发 开 约 做 送 寄 报 谈 有 了 {_TITLES}
    """
)
_DENIED = re.compile(r"(?:不是|并非|不叫|没说|不对|别搞成|而非)(?:说)?(?:的)?$")
_ASIDE = re.compile(
    one_of("竞争对手 竞品 对手 友商 跟?像 类似 参考 另一家 输给了? 选了 选择了 签给了? 被") + "(?:的)?(?:是)?$"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer by its name on file and how near the spoken words come, 0-1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a customer is spoken of: `ranked` holds the possible ones, the nearest first."""

    start: int
    end: int
    ranked: tuple[Candidate, ...]
    denied: bool = False
    aside: bool = False

    @property
    def customer(self) -> str | None:
        """The one meant, or None when two are about as close or none is close enough."""
        if not self.ranked or self.ranked[0].score < SURE:
            return None
        runner_up = self.ranked[1].score if len(self.ranked) > 1 else 0.0
        return self.ranked[0].name if self.ranked[0].score - runner_up >= MARGIN else None

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names to choose from when `customer` is None."""
        if self.customer is not None:
            return ()
        floor = self.ranked[0].score - 0.15 if self.ranked else 0.0
        return tuple(candidate.name for candidate in self.ranked if candidate.score >= floor)[:MAX_CANDIDATES]


def find_mentions(folded: str, lexicon: Lexicon) -> list[Mention]:
    """All customers spoken of in a folded text, in order, not overlapping."""
    found = _exact_mentions(folded, lexicon)
    found += _heard_mentions(folded, lexicon, found)
    chosen: list[Mention] = []
    for mention in sorted(found, key=_weight, reverse=True):
        if all(mention.end <= other.start or mention.start >= other.end for other in chosen):
            chosen.append(mention)
    ordered = sorted(_without_weak(folded, chosen, lexicon), key=lambda mention: mention.start)
    return [_in_context(folded, mention) for mention in ordered]


def _weight(mention: Mention) -> tuple[float, int]:
    length = mention.end - mention.start
    best = mention.ranked[0].score
    return (round(best * 4) / 4 + length * 0.12 + best * 0.4, -mention.start)


def _in_context(folded: str, mention: Mention) -> Mention:
    before = folded[max(0, mention.start - 8) : mention.start]
    return replace(mention, denied=bool(_DENIED.search(before)), aside=bool(_ASIDE.search(before)))


# --- exact spellings --------------------------------------------------------------------------------------------


def _exact_mentions(folded: str, lexicon: Lexicon) -> list[Mention]:
    mentions: list[Mention] = []
    position = 0
    while position < len(folded) - 1:
        mention = _exact_at(folded, position, lexicon)
        if mention:
            mentions.append(mention)
        position = mention.end if mention else position + 1
    return mentions


def _exact_at(folded: str, start: int, lexicon: Lexicon) -> Mention | None:
    """The longest known spelling that starts here."""
    for end in range(min(len(folded), start + lexicon.longest), start + 1, -1):
        owners = lexicon.exact.get(folded[start:end])
        if owners and not _cuts_latin(folded, start, end):
            mention = _of_owners(folded, start, end, owners, lexicon)
            if mention:
                return mention
    return None


def _cuts_latin(folded: str, start: int, end: int) -> bool:
    """A Latin or numeric name must not be part of a longer word."""

    def inside(left: int) -> bool:
        pair = folded[max(0, left) : left + 2] if left >= 0 else ""
        return len(pair) == 2 and pair.isascii() and pair.isalnum()

    return inside(start - 1) or inside(end - 1)


def _of_owners(folded: str, start: int, end: int, owners: dict[int, Form], lexicon: Lexicon) -> Mention | None:
    full = any(form == Form.FULL for form in owners.values())
    if end - start <= 3 and not _stands_alone(folded, start, end, lexicon, owners, full=full):
        return None
    scores = {index: _FORM_SCORE[form] for index, form in owners.items()}
    trade = None if full else _trade_after(folded, end)
    if trade:
        other = [index for index in scores if trade not in lexicon.name(index)]
        scores |= dict.fromkeys(other, _OTHER_TRADE_SCORE)
    if not full:
        key = folded[start:end]
        for index, rivals in _rivals(key, lexicon):
            scores[index] = max(scores.get(index, 0.0), rivals)
    return Mention(start, end, _rank(scores, lexicon))


def _trade_after(folded: str, end: int) -> str | None:
    """The trade that follows a short name: 华星电器 is not 华星电子, though it may be."""
    return next((word for word in industries() if word not in _ANY_COMPANY and folded.startswith(word, end)), None)


def _stands_alone(
    folded: str, start: int, end: int, lexicon: Lexicon, owners: dict[int, Form], *, full: bool
) -> bool:
    """Whether a short spelling is a name here, not a part of other words."""
    if folded[start:end] in common_words():
        return False
    if end - start == 3 and full:
        return True
    before, after = _cues(folded, start, end)
    trade = _trade_after(folded, end)
    after = after or any(trade in lexicon.name(index) for index in owners if trade)
    mine = any(lexicon.customers[index].mine for index in owners)
    return (before and after) or (mine and (before or after)) or (end - start == 3 and (before or after))


def _cues(folded: str, start: int, end: int) -> tuple[bool, bool]:
    before = bool(_CUE_BEFORE.search(folded[max(0, start - 6) : start]))
    return before, bool(_CUE_AFTER.match(folded, end))


def _rivals(key: str, lexicon: Lexicon) -> Iterable[tuple[int, float]]:
    """Other customers whose short name sounds the same as `key` does."""
    sounds = syllables(key)
    for index, form in lexicon.by_sound.get(sound_key(sounds), ()):
        if len(form) == len(key):
            yield index, _SOUNDS_SAME if form != key else _FORM_SCORE[Form.CORE]


def _rank(scores: dict[int, float], lexicon: Lexicon) -> tuple[Candidate, ...]:
    """The nearest first; one's own customers count a little nearer, never as much as a better match."""
    named: dict[str, float] = {}
    for index, score in scores.items():
        bonus = _MINE_BONUS if lexicon.customers[index].mine else 0.0
        name = lexicon.name(index)
        named[name] = max(named.get(name, 0.0), score + bonus)
    order = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(name, min(score, 1.0 + _MINE_BONUS)) for name, score in order[:MAX_CANDIDATES])


# --- what was heard ---------------------------------------------------------------------------------------------


def _heard_mentions(folded: str, lexicon: Lexicon, exact: list[Mention]) -> list[Mention]:
    """Spellings that only sound like a name: windows of two to eight characters outside the sure mentions."""
    sounds = syllables(folded)
    taken = {i for mention in exact if _is_sure(mention) for i in range(mention.start, mention.end)}
    known = {(mention.start, mention.end) for mention in exact}
    mentions = []
    for run in _CJK.finditer(folded):
        for start in range(run.start(), run.end() - 1):
            for end in range(start + 2, min(run.end(), start + _LONGEST_HEARD) + 1):
                if not taken.isdisjoint(range(start, end)):
                    break
                mention = _heard_at(folded, sounds, start, end, lexicon)
                if mention and (start, end) not in known:
                    mentions.append(mention)
    return mentions


def _is_sure(mention: Mention) -> bool:
    return mention.customer is not None and mention.end - mention.start >= 4


def _heard_at(
    folded: str, sounds: tuple[str, ...], start: int, end: int, lexicon: Lexicon
) -> Mention | None:
    found = lexicon.sounding_like(sounds[start:end])
    if not found:
        return None
    length = end - start
    if folded[start:end] in common_words() or sum(_cues(folded, start, end)) < _CUES_NEEDED.get(length, 0):
        return None
    scores: dict[int, float] = {}
    for index, form in found:
        if len(form) == length:
            score = _heard_score(folded[start:end], sounds[start:end], form)
            scores[index] = max(scores.get(index, 0.0), score)
    if max(scores.values(), default=0.0) < POSSIBLE:
        return None
    for index, score in _short_names_within(folded[start:end], lexicon).items():
        scores[index] = max(scores.get(index, 0.0), score)
    ranked = tuple(candidate for candidate in _rank(scores, lexicon) if candidate.score >= POSSIBLE)
    return Mention(start, end, ranked) if ranked else None


def _short_names_within(heard: str, lexicon: Lexicon) -> dict[int, float]:
    """Customers whose short name begins the window letter by letter: 华昌电气 may still mean 华昌电子."""
    found: dict[int, float] = {}
    for end in range(2, len(heard)):
        for index, form in lexicon.exact.get(heard[:end], {}).items():
            if form == Form.CORE:
                found[index] = _OTHER_TRADE_SCORE
    return found


def _heard_score(heard: str, sounds: tuple[str, ...], form: str) -> float:
    """The mean likeness of the syllables; a short name must sound the same throughout to count as near."""
    alike = [
        1.0 if char == other else likeness(sound, meant)
        for char, other, sound, meant in zip(heard, form, sounds, syllables(form), strict=True)
    ]
    mean = sum(alike) / len(alike)
    same = sum(char == other for char, other in zip(heard, form, strict=True))
    if len(form) == 2:
        return mean - 0.14 + 0.04 * same
    if len(form) == 3:
        return mean - 0.04 + 0.01 * same
    return mean + (0.02 if len(form) > 4 else -0.02) + 0.005 * same


def _without_weak(folded: str, mentions: list[Mention], lexicon: Lexicon) -> list[Mention]:
    """With a long, sure name in the note, short or unsure look-alikes elsewhere are only chance."""
    strong = [m for m in mentions if m.customer and (m.end - m.start >= 4 or _known_short(folded, m, lexicon))]
    if not strong:
        return mentions
    sure = {m.customer for m in strong}
    return [
        m for m in mentions
        if m in strong or (m.customer and m.end - m.start >= 3) or _another_unsure(folded, m, lexicon, sure)
    ]  # fmt: skip


def _another_unsure(folded: str, mention: Mention, lexicon: Lexicon, sure: set[str | None]) -> bool:
    """A short name, spelt out, that several customers share, none of whom the note names in full."""
    owners = lexicon.exact.get(folded[mention.start : mention.end], {})
    shared = sum(form == Form.CORE for form in owners.values()) > 1
    return shared and mention.customer is None and sure.isdisjoint(c.name for c in mention.ranked)


def _known_short(folded: str, mention: Mention, lexicon: Lexicon) -> bool:
    owners = lexicon.exact.get(folded[mention.start : mention.end], {})
    return any(lexicon.customers[index].mine or form == Form.CORE for index, form in owners.items())


# --- names not on file ------------------------------------------------------------------------------------------

_LED_BY = one_of(
    """
    ^ [,，。;；!\\s、的了] 拜访 走访 联系 接触 认识 客户 刚从 刚去 跟进 叫做 今天 昨天 上午 下午
    [跟和与给去到约找见把向] 答应了? 承诺了?
    """
)
_TRADES = "|".join(word for word in industries() if len(word) > 1)
_NEW_NAME = re.compile(
    rf"{_LED_BY}(?:(?:答应|承诺)了?)?(?P<name>[\u4e00-\u9fff]{{2,4}}?(?:{_TRADES})(?:股份|集团|公司|有限公司)*)"
)
_DEALT_WITH = re.compile(
    rf"(?:拜访了?|走访了?|去了|联系了?|接触了?|见了|(?:^|[,，。;；!\s])(?:另外|然后|还有)?(?:[跟和去])?)"
    rf"(?P<name>[\u4e00-\u9fff]{{2,4}}?(?:{_TRADES})(?:股份|集团|公司|有限公司)*)"
    r"(?=那边|这边|的|说|要|想|聊|也|[,，。;；]|$)"
)
_NOT_IN_NAME = any_of(
    """
    [我你他她它们的了是在有要不没这那个和跟给去到把被让说问今明昨周月号点] 客户 对方 公司的 一家 发送 提供 安排
    准备 需要 提醒 支持 采购 生产 做 搞 买 卖 第 几 多
    """
)


def find_new_customer(folded: str) -> str | None:
    """A company-like name (某某电子, 某某科技) where a customer is spoken of; the caller has found none on file."""
    return next((folded[start:end] for start, end in _new_names(folded, _NEW_NAME)), None)


def find_visited(folded: str) -> list[tuple[int, int]]:
    """Where company-like names stand as whom one dealt with, for a note that names customers on file too."""
    return list(_new_names(folded, _DEALT_WITH))


def _new_names(folded: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    position = 0
    while found := pattern.search(folded, position):
        position = found.start() + 1
        name = found["name"]
        core = name
        for word in industries():
            if name.endswith(word):
                core = name.removesuffix(word)
                break
        if len(core) >= 2 and core not in common_words() and not _NOT_IN_NAME.search(core):
            position = found.end("name")
            yield found.span("name")
