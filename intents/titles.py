"""Titles of to-dos: the words of the note without its time, its subject and its politeness."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intents.clauses import Clause
from intents.normal import fold
from intents.patterns import one_of
from intents.times import TimeSpan

MAX_TITLE = 60
_LONG, _SHORT_ENOUGH, _WORTH = 16, 2, 4
_STATEMENT = re.compile(
    r"(?<!小)说(?![明服好])了?|(?:让|要|催|叫)我们?|(?<![给跟向])我们?(?=[要把去给先再得会来跟])"
    "|[了呢吧](?=[我他让要把给])"
)
_AFTER_TIME = re.compile(
    r"(?:之前|以前|之内|以内|前|内)(?!台|面|期|后|提|部|容|往)|(?:那天|左右|的时候|之间|期间|截止)"
)
_BEFORE_TIME = re.compile(
    one_of(
        """
        最晚 最迟 最好 必须 争取 尽量 务必 赶在 约定在 约在 定在 安排在 放在 排在 不晚于 截止到? 截至 预计 大概
        大约 差不多 改到 改成 改为 推迟到 提前到 调到 挪到 延到 在 于 从 到
        """
    )
    + "$"
)
_FILLERS = """
    [\\s,，、。.:：;；!的] 哦对了 对了 好的?(?=[,，]) 嗯 呃 啊 那个?(?=我|就) 然后 另外 还有(?!什么) 还(?=得|要)
    而且 所以 但是 不过 并且 同时 就(?=要|得|是|把|给|去) 也(?=要|得) 再(?=给|把) 我们(?!的) 我(?!的|们)
    咱们?(?!的)
"""
_SPEAKERS = """

(?:客户|对方|他们|她们|他|她)(?:那边|这边)?(?:说了?|表示|答应了?|承诺了?|保证|同意|要求|希望|想要|想让|想|需要|让|要|催|会|也)
客户(?=要|让|催) 答应了?(?:他们?|客户|对方|她)? 承诺了?(?:他们?|客户|对方)? 保证 说好了? 说了?(?!明|服)
[让要叫请催]我们? 要求我们? 希望我们? 要求 希望
"""
_POLITENESS = """
    提醒我一下 提醒一?下?我 提醒我 提醒 记得 别忘了? 不要忘了? 帮我 请 麻烦 需要(?!的) 必须 务必 一定要? 得(?!到|分|知)
    要(?!点|求|素|件) 会(?!议|面|谈|员|场|务|后|签|晤) 将(?!军) 已经 准备(?=去|给|把|跟|安排|约) 打算 争取 尽量
    跟[^,，跟]{1,4}说好?了?(?!明)
    尽快 最晚 最迟 最好 大概 约好了? 约定 定在 安排在 能(?=给|把|发) 可以
"""
_LEADING = re.compile(f"^{one_of(_FILLERS, _SPEAKERS, _POLITENESS)}+")
_ASKING = r"(?:让|要|叫|请|催|要求|希望|想让|需要)我们?(?!的)"
_REPORTED = re.compile(
    rf"^(?:[^,，打发把给问去约]{{0,14}}?(?:{_ASKING}|说(?![明服好定])|要求|希望|答应|承诺(?![书函])|表示)(?:他们|会)?)"
    r"(?=[^,，]{2,})"
)
_EDGES = " ,，、。.;；:：!！?？的了\n"
_SAYS_WHEN = """
    我们 我 他们 客户 对方 已经 又 都 也 就 再 最后 最终 后来 双方 那就 还是 约了? 约好 约在 约的是 定了? 定在
    定的 定好 改 改到 改成 改为 改在 推 推迟 推到 推迟到 延 延到 延期到 提前到 挪到 调到 安排在? 安排了 说好
    说定 确定 敲定 是 在 的 了 吧 行 可以 好的 好 哦 嗯 不对 不是 应该 之前 以前 左右 时间 时间是 时候 完成 搞定
    弄好 要 得 必须 争取 最晚 最迟 一定 有空 见 到 为准
"""
_EMPTY = re.compile(rf"^(?:{one_of(_SAYS_WHEN)}[\s,，]*)*$")
_TO_WHOM = """
    给 跟 向 对 帮 把 再 就 直接 先 马上 统一 我们 我 他们 他 她 客户 对方 你 它 这个 那个 一份 一个 一下 去 来
    [^,，]{1,3}(?:总|工|经理|主任|厂长|总监|处长|科长|部长|老师)
"""
_GIVES = """
    付清 结清 还清 打 汇 发 寄 送 交 给 提供 准备 回 做 出 弄 办 补 签 付 带 处理 安排 拿 完成 确认
"""
_WHERE_TO = """
    给[\u4e00-\u9fff]{2}
    过去 过来 给他们? 给她 给客户 给对方 给我们? 出来 完 好 到位 到 回去 回来 一下 他们? 她 客户 对方 了 出 上去
    下来
"""
_VERB_ONLY = re.compile(f"^{one_of(_TO_WHOM)}*{one_of(_GIVES)}{one_of(_WHERE_TO)}*$")


_PEOPLE = one_of(
    """
    他们? 她们? 客户 对方 我们? 咱们
    [\\u4e00-\\u9fff]{1,3}(?:总|工|经理|主任|厂长|总监|处长|科长|部长|老师|院长|姐|哥)
    """
)
_AT_THEIRS = one_of("那里 那边 手里 手上 店里 公司 厂里 看看? 过目")
_VERB_TO_WHOM = re.compile(
    rf"^{one_of(_TO_WHOM)}*(?:{one_of(_GIVES)}(?:过去|回)?)?(?:给|到|去){_PEOPLE}{_AT_THEIRS}*$"
)


def without_time(text: str, clause: Clause, span: TimeSpan | None) -> str:
    """The clause without its time and the words that belong to it (之前, 最晚, 在)."""
    if span is None:
        return text[clause.start : clause.end]
    after = fold(text[span.end : clause.end])
    tail = _AFTER_TIME.match(after)
    head = _BEFORE_TIME.sub("", text[clause.start : span.start])
    return head + text[span.end + (tail.end() if tail else 0) : clause.end]


def clean_title(words: str) -> str:
    """A clause as a title; "" if nothing is left of it."""
    for pattern in (_LEADING, _REPORTED, _LEADING):
        lead = pattern.match(fold(words))
        words = words[lead.end() :] if lead else words
    return words.strip(_EDGES)[:MAX_TITLE]


def shortened(title: str, names: Sequence[str]) -> str:
    """Without the customer's name before what is to be done, and of a long run only its last statement."""
    folded = fold(title)
    for name in names:
        lead = re.match(rf"{re.escape(name)}(?:公司)?(?:那边|这边)?(?:的)?", folded) if name else None
        if lead and len(title) - lead.end() >= _SHORT_ENOUGH:
            title, folded = title[lead.end() :], folded[lead.end() :]
    if len(title) > _LONG:
        starts = [found.end() for found in _STATEMENT.finditer(folded) if len(title) - found.end() >= _WORTH]
        title = title[starts[-1] :] if starts else title
    return clean_title(title) or title


def is_empty_action(title: str) -> bool:
    """约了, 改到, 最后定了: says when, not what."""
    return bool(_EMPTY.match(fold(title)))


def bare_verb(title: str) -> bool:
    """发过去, 给他: a verb without its object, which the clause before must have named."""
    folded = fold(title)
    return bool(_VERB_ONLY.match(folded) or _VERB_TO_WHOM.match(folded))


def join_titles(first: str, second: str) -> str:
    """Both, the second only as far as there is room."""
    return f"{first}，{second}"[:MAX_TITLE].rstrip(_EDGES) if first and second else first or second
