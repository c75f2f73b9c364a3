"""Clauses with a time ahead that ask for nothing: circumstances, rivals' plans, what others do among themselves."""

from __future__ import annotations

import re

from intents.owners import Voice
from intents.patterns import any_of, one_of
from intents.time_pieces import Granularity
from intents.times import TimeSpan
from intents.titles import is_empty_action

_STATE = any_of(
    r"""
    (?:要|想|准备|打算|计划)(?:换|采购|扩产|扩建|搬|招标|立项|涨价|裁员|上线|投产|开业|开新?店|装修|招人)
    才(?:能)?(?:回来|回|有|能|知道|上班|开始|决定|有空|方便|到岗|开工|启动)
    (?<!带|拿|发|寄|送|退|传|收|签|打|要)回来(?!以后|之后|后) 出差 休假 请假 放假 不在 开学 到期 过期 休息 没空
    有空 生日 开业 上市 搬家 搬(?:到|去|新) 到货期 停产 涨价 淡季 旺季 调休 值班 入职 离职 上班 开工 停工 停电
    检修 盘点 年会 团建 有(?:展会|活动|考试|检查|会要?开)
    """
)
_ACTIONS_IN_STATE = any_of(
    """
    [打付汇]款 能[付打汇给签发寄出](?!差) 给(?:我|你|他|客户) 回复 答复 签合同 发货 送 演示 上门 提醒 续签 拜访
    联系 订[^单货] 买 祝 打电话 问候
    """
)
_WE = r"(?:我们?|咱们?|我方|我司)"
_OURS = any_of(
    rf"""
    (?:让|叫|请|催|要求|希望|等|约|要){_WE}(?!的)
    (?<![给跟向帮对和与同]){_WE}(?:这边|自己|也|就|还|都|下周|明天)?(?:得|要|会|准备|打算|再|去|来|给|把|跟|先|约|带|送|发|做|出|找)
    约[了好在] 答应 承诺(?!书) 说好 记得 别忘 提醒 务必 必须 [要得须]把 (?:^|[,，。;；\s])(?:把|给|帮|请)
    """
)
_OTHERS = one_of("竞争对手 竞品 对手 友商 别家 同行 另一家 另外一家")
_RIVAL = re.compile(rf"^[^,，。;；]{{0,10}}{_OTHERS}(?!的)[^,，。;；]{{0,6}}{one_of('要 会 去 来 也 准备 约 给')}")
_IS_DATE = re.compile(r"^(?:虽然|正好|刚好|就|又|也|不)*是$")
_NO = any_of(
    """
    没法 没办法 无法 不会(?!议) 没时间 没定 还没 定不 不急 不着急 不接待 不采购 不考虑 不开 不上班 不方便
    不能(?![晚超拖少再]) 不想 不打算 不用 不需要
    """
)
_AMONG_THEM = any_of(
    """
    开[完个]?[^,，。个一]{0,3}会(?!议室) 上会 过会 董事会 讨论 商量 研究一?下?(?!方案) 评审 开评 考虑 对比 比较
    比价 内部 挂网 公示 发布 公告
    """
)
_ONLY_THEIRS = any_of("(?<!线)上会 过会 董事会 挂网 公示 发布 公告")
_RESULT = any_of("给(?:出|我|结|答|个|回|反|说|准|消) 结果 结论 答复 回复 反馈 回音 回话 定下来 拍板 通知 告诉")
_POSTPONED = re.compile(
    r"(?:^|[^重不])再(?:谈|说|看|聊|定|议|考虑|采购|决定|启动|商量|讨论|买|上|做|考察)(?!一次|一下|一遍|[^,，。]{0,4}(?:次|回|轮))"
)
_KEEPS_TOUCH = any_of("联系 回访 拜访 跟进 打电话")
_INSIDE = one_of("仓库 物流 车间 工厂 厂里 生产部? 供应商 研发部?")
_OUR_HOUSE = re.compile(
    rf"(?<![给跟找让催]){_INSIDE}(?:那边)?(?:说|讲|回复)?[^,，。;；]{{0,4}}(?:能|可以|才|预计|应该)"
)
_ARRIVES = re.compile(r"(?:预计|估计|应该|可能|说不定|也许)[^,，。]{0,8}(?:到|好|完成|出来|结束|能|收)")
_LEAD_TIME = re.compile(r"(?:交货|交付|供货|出货|到货)(?!$|时间表)|(?:交货|交付|供货|出货)$")
_RELATIVE = re.compile(r"[天日周月]$|[天日周月](?:之内|以内|内)$")
_DEADLINE = re.compile(r"^(?:之?以?前|内|之内|以内|必须|要(?!求)|得(?!到)|下班)")
_TOLD_BEFORE = re.compile(r"(?:了|过|完)(?!解)[^,，。;；]{0,8}$")
_DOES_SOMETHING = any_of(
    """
    [发寄给交签付打送报回带买订派装修调测改验看谈聊见约催问查讲拿取收领] 过去 过来 去(?!年) 来(?!年) 提供 参加
    培训 确认 准备 安排 评审 会议 演示 汇报 联系 跟进 拜访
    面谈 上门 勘 交流 对接 整理 完成 出(?!差) 做
    """
)


def is_fact(raw: str, body: str, voice: Voice, span: TimeSpan, before: str) -> bool:
    """Whether a clause only tells what will be.

    `raw` is the folded clause, `body` the same without its time, `before` what stands before the time.
    """
    after = raw[len(before) + span.end - span.start :]
    if is_empty_action(body):
        return False
    if _RIVAL.search(raw):
        return True
    if _told_before(before, after):
        return True
    if _OURS.search(raw):
        return False
    if is_state(body):
        return True
    if _IS_DATE.match(body):
        return True
    deadline = bool(_DEADLINE.match(after))
    if _NO.search(body) or (_POSTPONED.search(body) and not deadline) or _OUR_HOUSE.search(raw):
        return True
    among_them = _ONLY_THEIRS.search(body) or (_AMONG_THEM.search(body) and voice.they)
    if among_them and not span.has_clock and not _RESULT.search(body):
        return True
    vague = span.granularity == Granularity.MONTH and not deadline and not _KEEPS_TOUCH.search(body)
    if vague and not _promised(voice):
        return True
    return _is_lead_time(span, body) or (not deadline and _does_nothing(body, voice))


def is_state(words: str) -> bool:
    """Whether the words tell how things are at a time: 出差, 放假, 上班."""
    return bool(_STATE.search(words)) and not _ACTIONS_IN_STATE.search(words)


def is_guess(raw: str, body: str) -> bool:
    """样机预计后天到: nobody has to do anything for it."""
    guessed = re.search(r"可能(?!的话)|也许|说不定", raw) or _ARRIVES.search(raw)
    return bool(guessed) and not _ACTIONS_IN_STATE.search(body)


def _promised(voice: Voice) -> bool:
    return voice.promise or (voice.owner == "customer" and voice.said)


def _told_before(before: str, after: str) -> bool:
    """跟他们签了五十二万三明天…: what stands before the time is over, and nothing follows."""
    return not after and bool(_TOLD_BEFORE.search(before)) and not re.search(r"约|定了|说|改|答应|推|延", before)


def _is_lead_time(span: TimeSpan, body: str) -> bool:
    """要求四十五天内交货 is what they need of an order, not a date."""
    return bool(_RELATIVE.search(span.text) and _LEAD_TIME.search(body))


def _does_nothing(body: str, voice: Voice) -> bool:
    """他们老板下周三在外地: a subject of theirs, and no verb that we or they act with."""
    return voice.they and not voice.said and not _DOES_SOMETHING.search(body)
