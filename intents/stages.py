"""Which touchpoint a note shows to have happened; what is only planned shows none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents.model import Stage
from intents.patterns import any_of, one_of

_CLAUSE = r"[^,，。;；]"
_NOT_YET = any_of(
    """
    没有?(?!问题) 还没 未 约了 约好 约在 定在 安排了 准备 打算 计划 预约 想看 想约 希望 要求 下次 以后再 等 如果
    要是 改到 推迟 不 催 提醒 需要 能不能 什么时候 争取
    """
)
_DONE = r"(?:了|完|过|好|完了|做完|完成|结束|定|清楚|下来|通过|敲定|明确)"
_CONTRACT_MOVES = one_of(
    """
    看完 审完 审核 在审 审批 通过 发过去 发给 发了 寄 走流程 走 过了 定稿 盖章 盖好 用印 会签 没问题 改了 初稿
    草案 草稿 条款 修改 改好 确认了 拟好 谈
    """
)
_CLOSING = any_of(
    rf"""
    合同{_CLAUSE}{{0,8}}{_CONTRACT_MOVES} 法务{_CLAUSE}{{0,6}}(?:审|看|过|走|改|抠|没问题|反馈|提)
    走(?:合同|用印|盖章|签约|采购)流程 商务条款 签约(?:准备|流程)
    (?:准备|等着|就等|马上|快要?|可以)(?:签|盖章|走合同|签合同) (?:只差|就差)(?:签|盖章) 进入(?:合同|签约|商务)
    谈(?:到)?合同 合同(?:已经)?(?:在)?(?:走|审) 定价(?:谈|敲)定 价格(?:谈|敲)定
    商务(?:谈判|谈)(?:完|好|定|差不多)
    """
)
_RIVALS = one_of("同行 别家 竞品 对手 竞争对手 友商 市场价 其他家 人家 我们")
_OBJECTION = any_of(
    rf"""

    (?:价格|报价|价钱|费用|成本|单价|总价|预算){_CLAUSE}{{0,10}}(?:高|贵|超|接受不了|有异议|有意见|不满|谈不拢|卡)
    太贵 嫌 不够(?!意思) 达不到 不满足 偏贵 偏高 贵了 压价 砍价 还价 犹豫 顾虑
    担心 异议 质疑 疑虑 不放心 不太满意 不满意 不认可 不同意 不接受 不愿意 不肯 接受不了 竞品 竞争对手 友商
    同行(?:报|只|更|便宜) 别家(?:报|便宜|更) 比{_RIVALS}{_CLAUSE}{{0,8}}(?:高|贵|慢|长|差|低|便宜)
    (?:交期|工期|货期|周期){_CLAUSE}{{0,6}}(?:太长|太慢|长了|接受不了) (?:再|必须|要求|让我们)(?:降|便宜|让)
    货比三家 对比(?:一下)?(?:别家|竞品|几家) 拿(?:竞品|别家|对手)
    """
)
_SHOW = one_of("演示 demo 宣讲 讲解 路演 展示 试讲")
_DEMO = any_of(
    rf"""
    {_SHOW}{_CLAUSE}{{0,6}}{_DONE} (?:做|完成|给{_CLAUSE}{{1,8}})(?:了|完|过){_CLAUSE}{{0,10}}(?:{_SHOW}|汇报)
    演示(?:的)?(?:效果|反响|反馈|结果|很|非常|比较|挺|顺利|成功)
    方案{_CLAUSE}{{0,4}}(?:讲|汇报|介绍|演示|宣讲|过)(?:完|了|过|好)
    (?:演示|看)(?:了|过)(?:我们的?)?(?:系统|方案|产品|样机|demo)
    (?:今天|上午|下午|昨天|刚刚?){_CLAUSE}{{0,12}}(?:演示|demo)(?:方案|系统|产品)?$
    """
)
_SETTLED = one_of("确认 明确 敲定 定下来 定 梳理 对齐 摸清 聊清楚 谈清楚 理清 锁定 沟通清楚 调研")
_NEEDED = one_of("需求 要求 配置 规格 参数 清单 范围")
_NEEDS = any_of(
    rf"""
    {_NEEDED}{_CLAUSE}{{0,6}}{_SETTLED}{_CLAUSE}{{0,2}}(?:了|完|好|清楚|下来|过)
    (?:确认|明确|敲定|梳理|对齐|摸清|理清|锁定)(?:了|完|好|清楚){_CLAUSE}{{0,10}}{_NEEDED}
    需求(?:已经|都|基本|大致|也)*(?:确认|明确|清楚|定|敲定|摸清|理清) 需求调研(?:做完|完成|结束|完)
    """
)
_MEETING = one_of("接触 拜访 见面 见 沟通 联系 聊 通话 上门 去 打电话 电话")
_FIRST = any_of(
    rf"""
    第一次{_MEETING} 第一次(?:跟|和|与){_CLAUSE}{{1,10}}{_MEETING} [首初]次{_MEETING} 初步(?:接触|联系|认识)
    头一?次{_MEETING} 刚(?:刚)?(?:认识|接触|加上|加了|联系上|搭上) 陌拜 陌生拜访 扫楼
    加(?:了|上)?(?:我|他|她|对方|[\u4e00-\u9fff]{{1,4}})?(?:的)?(?:微信|企微|企业微信|钉钉|飞书)
    (?:换|交换|递|留|发)了?名片 新客户 新线索 (?:展会|展台|会上|活动)(?:上)?认识 介绍(?:我们)?认识 转介绍
    自我介绍 介绍了(?:一下)?(?:我们)?公司 主动(?:联系|找)(?:了)?我们
    """
)
# The furthest first.
_RULES = (
    (Stage.CLOSING_PREP, _CLOSING),
    (Stage.OBJECTION_HANDLING, _OBJECTION),
    (Stage.SOLUTION_DEMO, _DEMO),
    (Stage.NEEDS_CONFIRMED, _NEEDS),
    (Stage.FIRST_CONTACT, _FIRST),
)
_UNDER_WAY = re.compile(r"已经|正在|在[走审]|还在|(?<![约定])了(?!解)|过了")
_EVENTS = (Stage.SOLUTION_DEMO, Stage.NEEDS_CONFIRMED)
_NO_OBJECTION = re.compile(
    r"(?:没有?|没什么|不|无)(?:太大?|什么|任何|再)?(?:的)?(?:异议|顾虑|犹豫|担心|嫌|疑虑|质疑|意见)|不用担心|别担心"
)
_NOT_AT_CONTRACT = re.compile(
    r"下一步|接下来|之后再|还没(?:到|开始|谈)?(?:合同|签)|没(?:有)?合同|合同(?:还)?没"
)


def find_stage(clauses: Iterable[tuple[str, bool]]) -> tuple[Stage, str] | None:
    """The furthest touchpoint and the words that show it. `clauses`: folded text and whether it speaks of later."""
    listed = list(clauses)
    for stage, pattern in _RULES:
        for clause, later in listed:
            found = pattern.search(clause)
            if found and not (later and _is_ahead(stage, clause, found)) and not _is_planned(stage, clause, found):
                return stage, found.group()
    return None


def _is_ahead(stage: Stage, clause: str, found: re.Match[str]) -> bool:
    """Whether what was found lies at the later time that the clause names."""
    if stage == Stage.FIRST_CONTACT:
        return "了" not in found.group()
    return stage in _EVENTS or (stage == Stage.CLOSING_PREP and not _UNDER_WAY.search(clause))


def _is_planned(stage: Stage, clause: str, found: re.Match[str]) -> bool:
    """Denied or only planned: 还没演示完, 约了演示, 需求还没确认, 没什么异议."""
    words = clause[max(0, found.start() - 8) : found.end()]
    if stage == Stage.OBJECTION_HANDLING:
        return bool(_NO_OBJECTION.search(words))
    if stage == Stage.CLOSING_PREP:
        return bool(_NOT_AT_CONTRACT.search(words))
    return bool(_NOT_YET.search(words))
