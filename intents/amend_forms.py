"""How a correction is put in words: what it is about, and the new value ("报价改到下周一", "不是周五，是周六")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intents.numerals import parse_int
from intents.patterns import any_of, one_of

_HESITATION = r"(?:哦|噢|啊|呃|嗯|等等|等一下|抱歉|不好意思|刚才那[条个]|刚才|刚刚|那[条个]|[,，\s])*"
_LABEL_WORDS = """
    客户 公司 金额 总额 合同额 成交价 预算 付款 回款 联系人 对接人 时间 日期 截止 到期 内容 标题 事项 待办 阶段
    触点 负责人
"""
_LABELS = one_of(_LABEL_WORDS)
_LABEL = _LABELS + "(?:名称|名字|名|时间|日期)?"
_LABEL_LAST = re.compile(rf"({_LABELS})(?:名称|名字|名|时间|日期)?的?$")
_MARK = re.compile(
    rf"^{_HESITATION}(?P<mark>(?:(?:我|{_LABEL})?(?:都|也)?(?:不对|错了|有误|[说记写听弄搞打]错了?|改一下|更正一?下?|纠正一?下?|修正)"
    r"[,，。:\s]*)+)?"
)
_REVERSED = re.compile(r"是(?P<y>[^,，是]{1,14}?)[,，]?(?:而)?不是(?P<x>[^,，是]{1,14})$")
_CONTRAST = re.compile(r"^(?P<what>.{0,12}?)不是(?P<x>[^是]{1,14}?)[,，]?(?:而|应该)?是(?P<value>[^,，。;；是]{1,20})")
_TO = one_of(
    """
    改成 改为 改到 改在 改约 换成 换到 换为 推迟到 推迟至 推到 延到 延期到 延至 提前到 挪到 调到 调整到 调整为 调成
    顺延到 应该是 应该叫 应为
    """
)
_CHANGE = re.compile(rf"^(?:把|将)?(?P<what>[^,，。;；!?]{{0,16}}?)[,，]?{_TO}(?P<value>(?:(?!{_TO}).){{1,40}})$")
_IS = re.compile(rf"^(?:把|将)?(?P<what>.{{0,8}}?{_LABEL})[,，]?(?:是|叫|:)(?P<value>.{{1,40}})$")
_MEANT = re.compile(r"^(?P<what>)我(?:说|指|讲|要说)的是(?P<value>.{1,20})$")
_NTH = re.compile(r"第(?P<n>[一二三四五六七八九\d])(?:个|条|项)(?:待办|事项)?(?!客户|公司)")
_ALL = re.compile(r"[两三四五]个都|[都全]部?(?=推|往|延|提|顺|删|取|不)|所有(?:的)?待办|全部")
_BARE_HEAD = re.compile(r"^(?:是|应该是|就是|在|叫|改|换)")
_TAIL = " ,，。.!！~吧啊哦呢呀哈的了"

_CUT = one_of("删掉 删了 删除 去掉 取消掉? 作废 不用管?了? 不要了? 不做了? 不需要了? 免了 划掉 撤掉")
_REMOVE = (
    re.compile(rf"^(?:把|将)?(?P<what>[^,，。;；!?]{{1,14}}?)(?:给|都|也|就|先)*{_CUT}(?:[做办去发弄送寄给])?[了吧]*$"),
    re.compile(rf"^(?:就|先|把)?{_CUT}(?P<what>[^,，。;；!?]{{1,14}}?)[了吧]*$"),
)
_LENGTH = r"(?P<n>半|\d+|[一二两三四五六七八九十]+)个?(?P<unit>小时|钟头|分钟|刻钟|天|日|周|星期|礼拜|月)(?P<half>半)?"
_LATER = one_of("推迟 推后 往后推 往后延 往后挪 往后 延后 延迟 延期 顺延 延长 再延 延 晚 缓 后推")
_EARLIER = one_of("提前 往前推 往前挪 往前提 往前 提早 早")
_SHIFT = re.compile(
    rf"^(?:把|将)?(?P<what>[^,，。;；!?]{{0,14}}?)(?:再|都|先|就|要|给我)*(?:(?P<later>{_LATER})|{_EARLIER})了?{_LENGTH}"
    r"(?:再?[说做办去交给发]|吧|了|左右)*$"
)
_RING = re.compile(
    r"^(?P<what>[^,，。;；!?]{0,14}?)(?:要|请)?提[前早](?P<n>半|\d+|[一二两三四五六七八九十]+)个?"
    r"(?P<unit>小时|分钟|天|刻钟)(?:提醒|叫|通知|告诉)(?:我|一下)*$"
)
_HAND = re.compile(
    r"^(?P<what>[^,，。;；!?]{1,14}?)(?:改|就|还是)?(?:让|由|叫|请|安排|交给|转给|派给?|换)(?P<who>[\u4e00-\u9fff]{2,3}?)"
    r"(?:来|去)?(?:做|负责|跟进|跟|处理|办|弄|完成|发|送|准备|报|出|搞)?[吧了]*$"
)
_ADD = re.compile(
    r"^(?:再|另外|还要|还有)*[加添补](?:上)?(?:一?[条项]|一?个待办|一?个(?=[:,，]))(?:待办|事项)?[:,，\s]*(?P<value>.{2,40})$"
)
_CONTACT_TOO = re.compile(
    r"^(?:还有|另外|再)*(?:加上?)?(?:一?[个位])?(?:联系人|对接人)(?:还有|也有|再加|再加上|加上|加)?(?:一?[个位])?(?:也?[叫是]|:)?"
    r"(?P<value>[^,，。;；!?是叫]{2,8})$"
)
_MORE = re.compile(r"^(?:还有|另外|再|加)|还有|再加|也[叫是]|加上?(?:一?[个位])?")
_MINUTES = {
    "小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15, "天": 1440, "日": 1440, "周": 10080, "星期": 10080, "礼拜": 10080,
}  # fmt: skip
_MONTH_MINUTES = 30 * 1440
_REPORT = any_of("拜访 聊了 沟通了 通完 演示(?:完|了) 刚(?:跟|从|去) 今天(?:去|跟) (?<!不)答应 承诺")


@dataclass(frozen=True, slots=True)
class Words:
    """A correction taken apart: [start, end) of the new value in the text, and the words that say what it is about.

    `marked`: the text says that something was wrong (不对, 说错了); `contrast`: what was denied (不是X，是Y);
    `changes`: it has a word of changing; else the value stands alone.
    """

    start: int
    end: int
    what: str
    label: str = ""
    marked: bool = False
    contrast: str | None = None
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """So many minutes later (or earlier, if negative); `half_day`: to the other half of the day."""

    what: str
    minutes: int
    half_day: bool = False


def turned(folded: str) -> str:
    """是Y不是X as 不是X,是Y, which is the order that everything else reads."""
    return _REVERSED.sub(r"不是\g<x>,是\g<y>", folded)


def is_report(folded: str) -> bool:
    """Whether it tells what happened, so that it is a note of its own."""
    return bool(_REPORT.search(folded))


def body_of(folded: str) -> tuple[int, str]:
    """Where the text begins after the words that say that something was wrong, and those words."""
    found = _MARK.match(folded)
    return (found.end(), found["mark"] or "") if found else (0, "")


def words_of(folded: str) -> Iterator[Words]:
    """The ways to read a text as "this is now that", the most explicit first."""
    begin, mark = body_of(folded)
    body = folded[begin:].rstrip(_TAIL)
    label = re.findall(_LABELS, mark)[-1:] or [""]
    for form in (_CONTRAST, _MEANT, _CHANGE, _IS):
        if found := form.match(body):
            start, end = found.span("value")
            named = _LABEL_LAST.findall(found["what"]) or label
            denied = found["x"] if form is _CONTRAST else None
            yield Words(begin + start, begin + end, found["what"], named[0], bool(mark), denied, changes=True)
    start = 0
    numbered = _NTH.match(body)
    if numbered:
        start = numbered.end()
    while head := _BARE_HEAD.match(body, start):
        start = head.end()
    if start < len(body):
        yield Words(begin + start, begin + len(body), body[:start], label[0], bool(mark))


def removal_of(folded: str) -> Iterator[str]:
    """What is to be taken off the list: 报价不用了, 第二个删掉, 取消勘测."""
    begin, _ = body_of(folded)
    body = folded[begin:].rstrip(_TAIL)
    for form in _REMOVE:
        if found := form.match(body):
            yield found["what"]


def shift_of(folded: str) -> Shift | None:
    """推迟一天, 往后推两天, 两个都推迟一周, 提前半天."""
    begin, _ = body_of(folded)
    found = _SHIFT.match(folded[begin:].rstrip(_TAIL))
    if not found:
        return None
    minutes = _minutes(found["n"], found["unit"], half=bool(found["half"]))
    half_day = found["n"] == "半" and found["unit"] in ("天", "日")
    return Shift(found["what"], minutes if found["later"] else -minutes, half_day)


def ring_of(folded: str) -> Shift | None:
    """第一个提前一小时提醒我: how long before it the reminder rings."""
    found = _RING.match(folded.rstrip(_TAIL))
    return Shift(found["what"], _minutes(found["n"], found["unit"], half=False)) if found else None


def handing_of(folded: str) -> tuple[str, str] | None:
    """报价让小李去做: what, and who."""
    begin, _ = body_of(folded)
    found = _HAND.match(folded[begin:].rstrip(_TAIL))
    return (found["what"], found["who"]) if found else None


def addition_of(folded: str) -> int | None:
    """Where the words of one more to-do begin: 再加一条：周五前寄样品."""
    found = _ADD.match(folded)
    return found.start("value") if found else None


def one_more_contact(folded: str) -> tuple[int, int] | None:
    """Where the name of one more contact stands: 还有一个联系人叫李敏."""
    found = _CONTACT_TOO.match(folded.rstrip(_TAIL))
    return found.span("value") if found and _MORE.search(folded[: found.start("value")]) else None


def number_in(what: str) -> int | None:
    """The number of the to-do that is meant: 第二个."""
    found = _NTH.search(what)
    return parse_int(found["n"]) if found else None


def means_all(what: str) -> bool:
    """两个都, 全部."""
    return bool(_ALL.search(what)) or what in ("都", "两个", "全")


def _minutes(number: str, unit: str, *, half: bool) -> int:
    count = 0.5 if number == "半" else float(parse_int(number) or 0)
    each = _MINUTES.get(unit, _MONTH_MINUTES)
    return int(min((count + (0.5 if half else 0)) * each, 10**6))
