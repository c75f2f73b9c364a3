"""Answers in words: a manager's to an alert (提醒, 延期, 转派, 忽略), and short ones alone (好的, 做完了)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from intents.calendar import WorkCalendar
from intents.normal import fold
from intents.patterns import any_of, one_of
from intents.times import TimeSpan, find_times


@dataclass(frozen=True, slots=True)
class Remind:
    """提醒他一下."""


@dataclass(frozen=True, slots=True)
class Extend:
    """延到周五. `until` is aware, in the zone of the `now` that was given."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Reassign:
    """让小李接手. `person` as it was said, for the caller to look up."""

    person: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """先放一放."""


@dataclass(frozen=True, slots=True)
class Comment:
    """Anything else: a remark to pass on."""

    text: str


Reply = Remind | Extend | Reassign | Dismiss | Comment

_DISMISS = any_of(
    """
    放一放 先放着? 忽略 不用管 不管 别管 没事 没关系 不要紧 不用提醒 别提醒 不用催 先别催 别催 不催 不用处理
    先不处理 不处理 搁置 算了 关掉 关闭 撤掉 跳过 ^知道了$ ^了解$ ^收到$ ^ok$ ^好的?$
    """
)
_REMIND = any_of(
    """
    提醒 催 敦促 督促 抓紧 赶紧 赶快 盯 问(?:一?下|问)?(?:是)?(?:什么|啥)?(?:他|她|原因|情况) 跟(?:他|她)说
    叫(?:他|她) 让(?:他|她) 通知(?:他|她) 尽快
    """
)
_EXTEND = any_of(
    """
    延 推迟 推后 推到 宽限 宽延 缓 往后 改到 改成 改为 放到 挪到 顺延 展期 再给 多给 到.*(?:为止|之前|前) 之前
    截止
    """
)
_NOT_EXTENDED = re.compile(r"不(?:能|要|许|可以|准)?(?:再)?(?:延|推迟|拖)|别(?:再)?(?:延|推|拖)")
_GIVE = one_of(
    """
    转派给? 转交给? 转给 移交给? 交给 分给 派给 换成 换 改派给? 改由 改成 由 让 叫 请 安排 派 给
    """
)
_TAKE = one_of(
    """
    接手 接替 接管 接着 接 跟进 跟一?下 跟 负责 处理 做 办 顶上 顶 去 来 上 吧 (?=[,，。!]|$)
    """
)
_HANDOVER = re.compile(rf"{_GIVE}(?P<person>[\u4e00-\u9fffa-z]{{1,6}}?)(?:来|去)?{_TAKE}")
_PRONOUN = re.compile(r"^(?:他们?|她们?|我|我们|你|自己|谁|大家|客户|一下|下|时间|[他她].*)$")
_NO_PERSON = re.compile(r"[点号月天]|周[一二三四五六日末内]|[上下这本]周|小时|放|提醒|忽略|延")
_LENGTH = r"(?:\d+|[一二两三四五六七八九十半]+)个?(?:半)?(?:工作日|小时|天|日|周|星期|礼拜|月)"
_BARE_DURATION = re.compile(
    rf"(?:延期?|延长|宽限|推迟|推后|再给|多给|往后)(?:他|她)?(?:延|推|们)?(?P<span>{_LENGTH})(?!内|后|之)"
)


def parse_reply(text: str, now: datetime, calendar: WorkCalendar) -> Reply:
    """What the manager decided; what is none of the four decisions is a comment. Never fails."""
    folded = fold(text).strip()
    extended = _extended(text.strip(), folded, now, calendar)
    person = _person(folded)
    if person and not (extended and extended.start < folded.find(person)):
        return Reassign(person)
    if extended and extended.due > now:
        return Extend(extended.due)
    if _DISMISS.search(folded):
        return Dismiss()
    if _REMIND.search(folded) and not _NOT_EXTENDED.search(folded):
        return Remind()
    return Comment(text.strip())


def _extended(text: str, folded: str, now: datetime, calendar: WorkCalendar) -> TimeSpan | None:
    if _NOT_EXTENDED.search(folded):
        return None
    bare = _BARE_DURATION.search(folded)
    if bare:
        text = bare["span"] + "内"
    spans = find_times(text, now, calendar)
    alone = len(spans) == 1 and spans[0].end - spans[0].start >= len(folded.rstrip("吧。!前之")) - 2
    return spans[-1] if spans and (bare or alone or _EXTEND.search(folded)) else None


def _person(folded: str) -> str | None:
    for found in _HANDOVER.finditer(folded):
        person = found["person"]
        if not _PRONOUN.match(person) and not _NO_PERSON.search(person):
            return person
    return None


# --- answers that are the whole message -------------------------------------------------------------------------

_ENDS = r"(?:[吧了啦哈啊呀哦呢的嘞~,，。.!！\s])*"
_LATER = r"(?:今天|明天|后天|下周|下次|回头|改天|以后|晚点|到时候?|过两天|过几天|之后|等会儿?|待会儿?|有空)"
_POLITE = one_of(
    f"""
    好的?(?!了) 好[滴嘞哒吧] 行 可以 嗯+ 哦+ 噢 ok okay 收到 知道 了解 明白 懂了 清楚 谢谢?[你您]? 多谢 感谢 辛苦
    没事 没问题 不客气 没关系 是的? 对的? 没错 哈+ [你您]好 早 早上好 早安 晚安 在吗 就这样 先这样 不错 真棒 厉害
    {_LATER}再?(?:说|聊|看|讲|弄) 再说 你真?棒 (?:没有|没)了 稍等 等等 等一下 thanks thx
    """
)
_ACKNOWLEDGED = re.compile(rf"(?:{_POLITE}{_ENDS})+")
_THIS = r"(?:(?:这|那|上)(?:个|条|件|项)?(?:事情?|待办|任务|活)?|待办|任务|事情?)?"
_ALREADY = r"(?:我|已经?|都|也|全部?|刚刚?|刚才|早就?|昨天|今天|上午|下午)*"
_DOES = one_of("做 办 弄 搞 处理 完成 发 打 寄 送 交 回 回复 联系 去 提交 跟进 解决 落实 整理 准备 写 确认 约 付 开")
_IS_DONE = one_of(
    f"""
    {_DOES}(?:完|好|掉|妥|定|出去|过去|过)(?:毕)?了? {_DOES}了 已{_DOES} (?:已经?|都|全部?)?(?:完成|搞定|办妥|做完|完毕)
    ok了 好了 done 完事了? 结束了
    """
)
_DONE = re.compile(rf"{_THIS}{_ALREADY}{_IS_DONE}{_ENDS}")
_NAME = r"(?P<person>[\u4e00-\u9fff]{2,4}?|[a-z][a-z ]{1,20}?)"
_GIVES_TO = one_of("转派给? 转交给? 转给 移交给? 交给 分给 分派给 派给 指派给 改派给? 改由 换成 交由")
_ASKS_TO = one_of("让 叫 请 由 安排 给")
_TAKES_ON = one_of("接手 接替 接管 跟进 跟一?下 跟 负责 处理 做 办 弄 来 完成 去")
_HANDS_OVER = (
    re.compile(rf"{_THIS}[先就]?{_GIVES_TO}{_NAME}(?:[来去]?{_TAKES_ON})?{_ENDS}"),
    re.compile(rf"{_THIS}[先就]?{_ASKS_TO}{_NAME}[来去]?{_TAKES_ON}{_ENDS}"),
)


def is_acknowledgement(text: str) -> bool:
    """Whether the whole text says nothing to record: 好的, 收到谢谢, 明天再说, 👍."""
    folded = fold(text).strip()
    return bool(_ACKNOWLEDGED.fullmatch(folded)) or (bool(folded) and not re.search(r"\w", folded))


def says_done(text: str) -> bool:
    """Whether the whole text says that what is spoken of is done, without naming it: 做完了, 已完成, 搞定."""
    return bool(_DONE.fullmatch(fold(text).strip()))


def hand_over_to(text: str) -> str | None:
    """Who is to do it, if the whole text gives the work away (转给李娜, 让小李去做); as said, to be looked up."""
    for pattern in _HANDS_OVER:
        found = pattern.fullmatch(fold(text).strip())
        if found and not _PRONOUN.match(found["person"]):
            return found["person"]
    return None
