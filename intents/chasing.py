"""Whether a manager's 提醒 is about the work at hand, or has a time or an object of its own."""

from __future__ import annotations

import re
from datetime import datetime

from intents.calendar import WorkCalendar
from intents.normal import fold
from intents.patterns import one_of
from intents.times import find_times

_CLAUSE = re.compile(r"[^,，。.!！?？;；、~\s]+")
_CHASE = re.compile(one_of("提醒 催 敦促 督促 抓紧 赶紧 赶快 盯 问 说 叫 让 通知 尽快"))
_PLAIN = re.compile(
    one_of(
        """
        跟进 他们 她们 这个 这家 这条 这件 那个 那家 一下 一声 一次 再次 没有 有没有 情况 单子 步骤 事情 快点 紧
        提醒 催促 催 敦促 督促 抓紧 赶紧 赶快 盯 问问 问 跟 和 对 说 叫 让 通知 尽快 尽早 马上 立刻 快 早点
        他 她 人家 负责人 销售 同事 请 麻烦 帮忙 给 把 再 先 也 就 还 要 得 必须 一定 务必 应该 可以
        一 下 吧 啊 呀 哦 了 呢 嘛 的 着 去 来 点 到底 是不是 是 没
        这 那 单 客户 线索 事 进度 进展 原因 什么 啥 怎么 为 回事
        处理 联系 推进 完成 落实 办 做 弄 回复 动 别 不要 不能 拖 忘 逾期 超时 超期 到期 承诺 兑现
        """
    )
)


def chases_something_else(text: str, own: str, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether a reminder (提醒他周五前交周报) is about something else than the work at hand, which `own` describes.

    `text` must be without the names of who is reminded and of the customer.
    """
    if find_times(text, now, calendar):
        return True
    said = next((clause for clause in _CLAUSE.findall(fold(text)) if _CHASE.search(clause)), "")
    return not set(_PLAIN.sub("", said)) <= set(fold(own))
