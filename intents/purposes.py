"""What a note is for: a report, an instruction, a question, a forecast, or news of a deal won or lost."""

from __future__ import annotations

import re

from intents.model import Intent
from intents.patterns import any_of, one_of

_CLAUSE = r"[^,，。;；]"
_DEAL = one_of("单子? 项目 标 客户 订单")
_GONE = r"(?:丢|输|黄|飞|没戏|泡汤|凉|跑)(?:了|掉了)"
_ADVERB = "(?:也|又|算是|彻底|就|基本|最后|最终|还是|已经|给)*"
_OTHERS = one_of("竞品 对手 竞争对手 友商 人家 别人 别家 另?外?一家 其他家")
_CHOSE = one_of("选了 选择了 定了 签了 签给了 用了 选定了 换成了? 选的是")
_LOST = any_of(
    rf"""
    丢单 输单 {_GONE}(?=[,，。;；!\s]|$) 输在(?!了?起跑) (?:这|那|个|的|张)?{_DEAL}{_ADVERB}{_GONE}
    (?:丢|输)了(?:这|那)?(?:个|张)?(?:单|标|项目|客户) 没(?:有)?中标 未中标 落标 落选 没(?:有)?(?:能)?拿下
    没(?:有)?签下来 没签成 没谈成 没(?:有)?成交 招标{_CLAUSE}{{0,6}}没中
    (?:客户|对方|他们|最后|最终|已经|还是|决定){_CLAUSE}{{0,6}}{_CHOSE}{_CLAUSE}{{0,4}}(?:{_OTHERS}|另|别|其它|竞争)
    选(?:择)?了{_OTHERS} (?:被|让){_CLAUSE}{{1,8}}(?:抢走|抢了|截胡|拿走|中了|撬走) 输给了?
    (?:项目|采购|计划|订单|单子){_CLAUSE}{{0,4}}(?:取消|终止|叫停|搁置)了
    不(?:做|买|采购|合作|考虑我们|续约|续签|跟我们合作)了 放弃(?:了)?(?:采购|合作|这个项目) 竞品中标 对手中标
    别家中标
    """
)
_SIGNED = one_of(
    """
    签了(?!没|吗|给) 签下来?了? 签完了? 签回来 签好了 签掉了 正式签 签约了 签署了 签订了 拿下了? 成交了? 搞定了
    成了 谈成了 落袋 盖完章 双签 赢了? 敲定了
    """
)
_WON = any_of(
    rf"""
    (?:合同|协议|单子?|订单|这单|项目){_CLAUSE}{{0,8}}{_SIGNED} (?:^|[^没未])中标了
    (?:我们|咱们|成功|顺利|终于)(?:{_CLAUSE}{{0,4}})(?:中标|拿下|签约|成交|签下|赢) 签约成功 成功签约 成交了
    签单了 赢单 签下了 签了{_CLAUSE}{{0,4}}(?:合同|单|协议|约) 拿下了 续签了 签了(?=[!！,，。;；\s]|$)
    (?:已经|正式|刚|终于)(?:签约|签单|下单|成交|签合同)了? 下了(?:正式)?订单 下单了 签到了
    """
)
_NO_DEAL = re.compile(r"保密|nda|意向|框架|备忘|纪要|试用|会议|考勤|验收|收货|签收")
_AHEAD = one_of(
    """
    没有? 还没 未 尚未 不 准备 打算 预计 争取 等 如果 要是 快 马上 差点 能 什么时候 才能 再 可能 大概 应该 希望
    待 计划 之后 以后 要 想 会 别 催 之前把? 之内 以内 提醒 记得
    """
)
_NOT_REALLY = re.compile(rf"{_AHEAD}{_CLAUSE}{{0,10}}$")
_PLANNED_INSIDE = any_of(
    "没 未 不 准备 预计 争取 等 如果 快 马上 能 才 再 可能 应该 希望 待 计划 要 想 会 催 下周 明天 后天 下月 下个月"
)
_MIGHT = one_of("如果 要是 万一 怕 担心 可能 会 差点 别 险些 不能 再不 否则 不然")
_HYPOTHETICAL_LOSS = re.compile(rf"{_MIGHT}{_CLAUSE}{{0,8}}$")
_EXPECT = one_of(
    """
    预计 预测 预估 估计 争取 有望 大概率 有把握 把握 目标是 力争 应该能 差不多能 我判断 我看 我觉得
    """
)
_CLOSE = one_of("签 成交 拿下 落地 关单 下单 定标 落单 成单 能成 中标 业绩 落袋 定下来 敲定 拍板 赢单 达成 完成\\d")
_SOON_CLOSED = one_of("签 成(?![为本果长]) 拿下 落单 下单 关单 中标")
_FORECAST = any_of(
    rf"""
    {_EXPECT}{_CLAUSE}{{0,18}}{_CLOSE}
    预测(?:改|调|更新|提|报|填|是|为) (?:赢单|成交|签单|签约)(?:概率|把握|可能性)
    [一二三四五六七八九十\d]+成(?:的)?把握 把握{_CLAUSE}{{0,4}}(?:成|%|大)
    (?:能|可以|会)(?:签|成交|拿下|落单|下单|成单){_CLAUSE}{{0,10}}(?:\d|万)
    (?:月|号|周|季度|月底|年底)(?:之?前|内)?(?:应该|大概|肯定)?(?:能|可以|会){_SOON_CLOSED}
    """
)
_TASK = any_of(
    rf"""
    提醒(?:我|一下|大家|[小老]) 记得 别忘 不要忘 帮我(?!们?(?:公司|申请))
    (?:建|加|新建|设|添加|创建|记)(?:一)?(?:个|条|一下)?(?:待办|任务|提醒|日程|闹钟)
    ^(?:待办|任务|todo)[:：,，\s] 叫我(?:一声|一下|起|去|$)
    (?:把|将){_CLAUSE}{{1,20}}(?:改到|改成|改为|推迟到|推到|延到|延期到|提前到|挪到|调到|顺延到|换到|改约)
    """
)
_ASK_LEAD = r"^(?:请|麻烦)?(?:帮我|给我|替我)?"
_ASK_VERB = one_of("查 看 找 搜 列 统计 汇总 说说 讲讲 告诉我 我想知道 想问 问")
_ASK_WORD = one_of(
    """
    多少 几个 哪天 哪一天 哪家 哪位 何时 哪些 哪个 哪几 (?<!没有)(?<!没)什么 怎么样 怎样 如何 谁 有没有 是否 啥
    咋样 到哪 哪一步 吗 呢 么 几(?:个|单|家|台|天|次|条|笔|张|成)
    """
)
_ASKED_OURSELVES = re.compile(rf"{_ASK_LEAD}(?:{_ASK_VERB}(?:一?下|一看|看|出|询|找|问)?|{_ASK_WORD})|{_ASK_WORD}")
_QUESTION_END = re.compile(r"(?:[?？]|吗|呢|么|没有|没)\s*[?？。!]*$")
_OUR_DATA = any_of(
    """
    进展 情况 待办 任务 业绩 单子? 商机 线索 客户 合同 回款 预测 承诺 负责 在跟 跟进 到哪 阶段 金额 安排 日程
    联系人 电话 报表 排名 完成率 逾期 哪一步 什么时候 上次 多久 用的 谁 纪要 资料 发了 签 报价 方案 价格 地址 需求
    拜访
    """
)
_REPORTED = any_of(
    """
    说 问(?!题)(?:我|了|能|是|我们|一下|到) 提(?:了|出) 客户(?:想|要(?!拜访)|问|担心|关心|希望|觉得) 答应
    承诺(?![^,，]{0,3}[没未])
    刚(?:刚|才)? 去了 拜访[了过] 聊了 通完 回复了 反馈 已经 做完 发了 送了 寄 一共 总共 接通 打了
    """
)
_DONE_YET = re.compile(r"了吗[?？]?$|了没有?[?？]?$|没(?:做|完成|交|办|回|发|跟进|联系)完?(?:的)?[?？]?$")
# 还没签呢 states; 一共几家 asks, however it is told.
_STILL = re.compile(r"(?:还没|还未|还在|正在|没|正)[^,，。;；多几谁哪]{1,8}呢")
_COUNTED_UP = re.compile(r"(?:一共|总共)[^,，]{0,10}(?:几[个家单台次条笔]|多少)")
_REPORT = any_of(
    r"""
    了(?!解) 过(?![去来两几]|一?会) 说 刚 已经 我(?!们的) 我们(?!的) 他们 客户 对方 答应 承诺 要求 希望 觉得
    正在 想 预计 目前 还在 在(?:走|审|谈) 不错 犹豫 需要 来(?:我们|咱们)?(?:公司|厂) 约[了好在] 定在 敲定 停产
    检修 放假 出差 搬家 (?<![需我只不])要[\d一二两三四五六七八九十百几]+[台套件吨个只箱支批条组块床份张本副卷桶袋双对把]
    咱们(?!的) 同意
    """
)
_ORDER = one_of(
    """
    给 把 去 跟 找 约 联系 拜访 发 寄 送 打 催 回 回复 准备 整理 提交 交 安排 确认 核对 跟进 做 写 改 更新 预约
    订 买 开 申请 报 提供 问 通知 汇报 完成 回访 演示 参加 对 查 带 补 签 盖
    """
)
_IMPERATIVE = re.compile(rf"{_ORDER}{_CLAUSE}{{1,}}")
_WORK_DONE = re.compile(r"([把将][^,，。]+?)了(?=[,，。]?$)")
_EXPECTED_BY_CUSTOMER = re.compile(r"(?:客户|对方|他们|他)(?:说|那边)?$")
_NO_NEWS_AFTER = re.compile(r"吗|没|么|以后|之后|后|再|才|的话|就")


def find_intent(folded: str, *, has_time: bool) -> tuple[Intent, str]:
    """The intent and the words that show it ("" for the default). `has_time`: the note names a time ahead."""
    question = _question(folded)
    if question:
        return Intent.QUERY, question
    for intent, pattern in ((Intent.LOST, _LOST), (Intent.WON, _WON)):
        found = next((m for m in pattern.finditer(folded) if not _hypothetical(folded, m, intent)), None)
        if found and not (intent == Intent.WON and _planned_after(folded, found)):
            return intent, found.group()
    task = _TASK.search(folded)
    forecast = _FORECAST.search(folded)
    if forecast and not (task and task.start() < forecast.start()) and not _customer_expects(folded, forecast):
        return Intent.FORECAST, forecast.group()
    if task and not _is_afterthought(folded, task):
        return Intent.TODO, task.group()
    return _plain(folded, has_time=has_time)


def _is_afterthought(folded: str, task: re.Match[str]) -> bool:
    """他们约我们周四去试样，记得带夹具: told first, so it is a report."""
    told = re.split(r"[,，。;；!?]", folded[: task.start()])[0]
    return task.group() in ("记得", "别忘") and told != folded[: task.start()] and bool(_REPORT.search(told))


def _plain(folded: str, *, has_time: bool) -> tuple[Intent, str]:
    """An order without a speaker in it (周五前给华昌送报价) is a to-do, everything else a report."""
    order = _IMPERATIVE.search(folded)
    told = _WORK_DONE.sub(r"\1", folded)
    if has_time and order and not _REPORT.search(told):
        return Intent.TODO, order.group()
    return Intent.NOTE, ""


def _question(folded: str) -> str | None:
    stripped = folded.strip()
    asks = _ASKED_OURSELVES.search(stripped)
    if not asks or _TASK.search(stripped) or len(stripped) > 60:
        return None
    if _STILL.search(stripped):
        return None
    marked = _QUESTION_END.search(stripped) or asks.start() == 0 or not re.search(r"[,，。;；]", stripped)
    reported = _REPORTED.search(stripped) and not (_DONE_YET.search(stripped) or _COUNTED_UP.search(stripped))
    if not marked or reported:
        return None
    return asks.group() if _OUR_DATA.search(stripped) else None


def _hypothetical(folded: str, found: re.Match[str], intent: Intent) -> bool:
    before = re.split(r"[,，。;；!?]", folded[max(0, found.start() - 16) : found.start()])[-1]
    if intent == Intent.LOST:
        return bool(_HYPOTHETICAL_LOSS.search(before))
    words = found.group()
    return bool(_NOT_REALLY.search(before) or _PLANNED_INSIDE.search(words) or _NO_DEAL.search(before + words))


def _planned_after(folded: str, found: re.Match[str]) -> bool:
    """签了没, 签了吗, 签了以后: no news."""
    return bool(_NO_NEWS_AFTER.match(folded, found.end()))


def _customer_expects(folded: str, found: re.Match[str]) -> bool:
    before = re.split(r"[,，。;；!?]", folded[: found.start()])[-1]
    return bool(_EXPECTED_BY_CUSTOMER.search(before)) and "签" not in found.group()
