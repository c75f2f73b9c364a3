"""What the customer needs or minds, as short phrases in his words, each with its topic where it is not said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents.patterns import any_of, one_of

_NO_STOP = r"[^,，。;；!?]"
_TOPICS = (
    ("价格", """
        价格 报价 价钱 太贵 贵了 嫌贵 偏贵 便宜 折扣 打折 特价 优惠 降价 压价 砍价 还价 几成
        [一二三四五六七八九]成(?!交|功|把握) 单价 总价太 超预算 成本
    """),
    ("交期", """
        交期 交货 货期 工期 供货 交付时间 交付周期 实施周期 到货 排产 发货(?:快|慢|时间|周期) 多久能(?:交|到|发)
        产能
    """),
    ("分期付款", "分期 分[两三四二几]次付"),
    ("付款方式", "账期 月结 付款方式 付款条件 付款比例 预付比例 货到付款 承兑"),
    ("售后", "售后 质保 维保 保修 维修 响应时间 备件 驻场"),
    ("质量", "质量 良率 故障 不稳定 稳定性 可靠性 返修"),
    ("部署", "本地部署 私有化 私有部署 云部署 部署在 上云 数据安全 信创 国产化"),
    ("对接", "对接(?!人) 接口 集成 打通 兼容 同步数据"),
    ("资质", "资质 认证 检测报告 案例 业绩证明 iso\\d* 等保"),
    ("样品", "样品 样机 样板(?!房|间) 打样 试样"),
    ("试用", "试用 试点 poc 试运行 测试账号"),
    ("培训", "培训"),
    ("定制", "定制 二次开发 个性化 二开"),
)  # fmt: skip
_TOPIC_PATTERNS = [(topic, any_of(words)) for topic, words in _TOPICS]
_HOW_MUCH = r"(?:最|很|比较|特别|主要|更|还|就)?"
_CARES = r"(?:关心|关注|在意|看重|在乎|纠结|介意|担心|顾虑)(?:的是|的就是|的|就是|是)?"
_BUYS = r"采购(?![部的处科总经要会走流合订平计主那单申])"
_WISHES = one_of(
    f"""
    明?确?要求 希望 想要 想了解 想看看? 想问 需要 提出 提到 咨询 [找问]我们?要 打听 询问
    问(?![题候])(?:了|到|我们|一下|起)? 要的是 要的(?!那|这) 想买 想采购 想上 打算上 打算采购 计划采购 准备采购
    有意采购 {_BUYS} 想换 想做 想先 想 看中了? 感兴趣的是 嫌弃? 不同意 不接受 不愿意 不满意 输在 卡在 关键是 重点是
    主要是 问题是 原因是 (?:让|要|请|想让)我们(?:协助|配合)?(?:提供|支持|派|出)
    (?:客户|对方|他们)(?:还|也)?要(?=把|有|能|支持)
    (?:还|也)要(?=支持|有|能|求)
    """
)
_WANTS_PLAINLY = r"(?<![只不重主就需还快马])要(?!是|我|去|到|来|走|不|拖|把|等|开|付|打|回|签|找|跟|给|先|才|再)"
_THEN = r"(?:我们?|你们|咱们|能|了解|一下|看看|先|有|能够|提供|支持|确保|保证|我们的|你们的){0,5}"
_WANT = re.compile(rf"(?:{_HOW_MUCH}{_CARES}|{_WISHES}|{_WANTS_PLAINLY}){_THEN}(?P<what>{_NO_STOP}{{2,40}})")
_WHETHER = one_of("能不能 可不可以 是不是能 有没有 支不支持 是否 能否 可否 行不行 怎么")
_ASKS = re.compile(rf"(?P<what>[^,，。;；!?的是]{{0,10}}?{_WHETHER}{_NO_STOP}{{2,30}})")
_NUMBER = r"(?:\d+|[一二两三四五六七八九十百千万几]+)(?:来|多)?"
_MEASURE = r"(?:[台套件只吨批组条支盒箱辆米平张卷桶块份把床袋双斤副]|个(?![月点小星工人问季]))"
_QUANTITY = re.compile(rf"(?P<what>{_NUMBER}{_MEASURE}[^,，。;；!?、]{{2,14}})")
_REQUIRED = re.compile(
    rf"(?:客户|对方|他们|\w总|\w工|经理|主任)?(?:要求|希望|需要|必须)(?P<what>{_NO_STOP}{{2,40}})"
)
_TAKES_LONG = re.compile(rf"{_NUMBER}(?:个月|个?星期|天|周|年|个?小时)")
_INTEREST = re.compile(
    rf"对(?P<what>{_NO_STOP}{{2,16}}?)(?:很|比较|挺|特别|非常)?"
    "(?:感兴趣|有兴趣|有需求|不满意|不太满意|有顾虑|有疑虑)"
)
_FALLS_SHORT = one_of(
    "太[\\u4e00-\\u9fff]{1,2} 不够 太复杂 偏高 高了 贵了 不满足 不支持 缺少 只要我们的?[^,，。;；]{1,6}"
)
_LACK = re.compile(rf"(?P<what>{_NO_STOP}{{0,14}}{_FALLS_SHORT}{_NO_STOP}{{0,8}})")
_CUSTOMER_SIDE = any_of(
    "客户 对方 他们 他 她 甲方 总 工 经理 主任 厂长 老板 部 处 那边 问 要 想 说 原因 竞品 对手 同行 输"
)
_MINDS = re.compile(r"高|贵|低|犹豫|长|慢|嫌|压|砍|还价|不够|问题|竞品|同行|对手|成|比|短|谈|降|输")
_PRICED = re.compile(r"贵|成|高|低|便宜")
_OURS = re.compile(r"^(?:我们?|咱们?)(?!的)|我(?:需要|要|想|希望|得|准备)|提醒我|帮我|记得")
_THEIRS = re.compile(r"客户|对方|他们")
_EMPTY = re.compile(r"^(?:我们?|你们|咱们?|他们|客户|[的了是在下再去来])*$")
_TRIM = " ,，。;；、的了吗呢吧啊"
_LEADING = re.compile(
    "^"
    + one_of(
        """
        说 问 是 还是 一个 一下 的是 另外 还有 还 就是 我们的 你们的 主要 主要原因是 一个是 还有一个是 而且 他们
        客户 对方 最?关心 最?担心 要求 希望 想
        """
    )
    + "+"
)
MAX_NEEDS = 8


def find_needs(text: str, folded: str, clauses: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The needs in the given stretches of the text, in order, each once."""
    needs: list[str] = []
    context = ""
    for start, end in clauses:
        clause, before = folded[start:end], context
        context = clause
        if _OURS.search(clause) and not _THEIRS.search(clause):
            continue
        for phrase_start, phrase_end in _phrases(clause, before):
            needs.append(_with_topic(text[start + phrase_start : start + phrase_end].strip(_TRIM), clause))
    return tuple(_distinct(needs))[:MAX_NEEDS]


def _phrases(clause: str, before: str) -> list[tuple[int, int]]:
    found = []
    of_customer = _CUSTOMER_SIDE.search(clause) or _topic_of(clause) or "需求" in before
    for pattern in (_INTEREST, _WANT, _REQUIRED, _ASKS, _QUANTITY, _LACK):
        for match in pattern.finditer(clause):
            if pattern in (_QUANTITY, _LACK) and not of_customer:
                continue
            start, end = match.span("what")
            lead = _LEADING.match(clause, start, end)
            start = lead.end() if lead else start
            if end - start >= 2 and not _EMPTY.match(clause[start:end]) and not _TAKES_LONG.match(clause, start):
                found.append((start, end))
    if not found and _topic_of(clause) and _CUSTOMER_SIDE.search(clause) and _MINDS.search(clause):
        found.append((0, len(clause)))
    return _widest(found)


def _widest(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(found), key=lambda pair: (pair[0] - pair[1], pair[0])):
        if all(end <= a or start >= b for a, b in kept):
            kept.append((start, end))
    return sorted(kept)


def _topic_of(clause: str) -> str | None:
    return next((topic for topic, pattern in _TOPIC_PATTERNS if pattern.search(clause)), None)


def _with_topic(phrase: str, clause: str) -> str:
    """价格：竞品报价只要我们的八成. The topic is named where the words do not say it."""
    topics = [topic for topic, pattern in _TOPIC_PATTERNS if pattern.search(phrase) and topic not in phrase]
    if not topics and (topic := _topic_of(clause)) == "价格" and topic not in phrase:
        topics = [topic] if _PRICED.search(clause) else []
    return f"{'、'.join(topics)}：{phrase}" if topics else phrase


def _distinct(needs: Iterable[str]) -> list[str]:
    unique = [need for need in dict.fromkeys(needs) if len(need) >= 2]
    return [need for need in unique if not any(need != other and need in other for other in unique)]
