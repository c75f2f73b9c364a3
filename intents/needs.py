"""What the customer needs or minds, as short phrases in his words, each with its topic where it is not said."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOPICS = (
    ("价格", re.compile(r"价格|报价|价钱|太贵|贵了|嫌贵|偏贵|便宜|折扣|打折|特价|优惠|降价|压价|砍价|还价|几成|[一二三四五六七八九]成(?!交|功)|单价|总价太|超预算|成本")),
    ("交期", re.compile(r"交期|交货|货期|工期|供货|交付时间|交付周期|到货|排产|发货(?:快|慢|时间|周期)|多久能(?:交|到|发)|产能")),
    ("分期付款", re.compile(r"分期|分[两三四二几]次付")),
    ("付款方式", re.compile(r"账期|月结|付款方式|付款条件|付款比例|预付比例|货到付款|承兑")),
    ("售后", re.compile(r"售后|质保|维保|保修|维修|响应时间|备件|驻场")),
    ("质量", re.compile(r"质量|良率|故障|不稳定|稳定性|可靠性|返修")),
    ("部署", re.compile(r"本地部署|私有化|私有部署|云部署|部署在|上云|数据安全|信创|国产化")),
    ("对接", re.compile(r"对接(?!人)|接口|集成|打通|兼容|同步数据")),
    ("资质", re.compile(r"资质|认证|检测报告|案例|业绩证明|iso\d*|等保")),
    ("样品", re.compile(r"样品|样机|样板|打样|试样")),
    ("试用", re.compile(r"试用|试点|poc|试运行|测试账号")),
    ("培训", re.compile(r"培训")),
    ("定制", re.compile(r"定制|二次开发|个性化|二开")),
)  # fmt: skip
_WANT = re.compile(
    r"(?P<lead>(?:最|很|比较|特别|主要|更|还|就)?(?:关心|关注|在意|看重|在乎|纠结|介意|担心|顾虑)(?:的是|的就是|的|就是|是)?"
    r"|(?:明确)?(?:要求|希望|想要|想了解|想看看?|想试用?|想先试用?|想问|需要|提出|咨询|打听|询问|问(?:了|到|我们|一下|起)?|要的是|要的|想买|想采购|想上|打算上|打算采购|计划采购|准备采购|有意采购|采购|想换|想做|想先|想|看中了?|感兴趣的是|对)"
    r"|(?<![只不重就需主还快马])要(?!是|我|去|到|来|走|不|拖|把|等|开|付|打|回|签|找|跟|给|先))"
    r"(?:我们?|你们|咱们|能|了解|一下|看看|先|有|能够|提供|支持|确保|保证|试用|我们的|你们的){0,5}(?P<what>[^,，。;；!?]{2,40})"
)
_ASKS = re.compile(r"(?P<what>[^,，。;；!?的是]{0,10}?(?:能不能|可不可以|是不是能|有没有|支不支持|是否|能否|可否|行不行|怎么)[^,，。;；!?]{2,30})")
_QUANTITY = re.compile(r"(?P<what>(?:\d+|[一二两三四五六七八九十百千万几]+)(?:来|多)?(?:台|套|件|只|吨|批|组|条|支|盒|箱|辆|米|平|张|卷|桶|块|个(?![月点小星工人问季])|份|把)[^,，。;；!?、]{2,14})")
_REQUIRED = re.compile(r"(?:客户|对方|他们|\w总|\w工|经理|主任)?(?:要求|希望|需要|必须)(?P<what>[^,，。;；!?]{2,40})")
_INTEREST = re.compile(r"对(?P<what>[^,，。;；!?]{2,16}?)(?:很|比较|挺|特别|非常)?(?:感兴趣|有兴趣|有需求|不满意|不太满意|有顾虑|有疑虑)")
_LACK = re.compile(r"(?P<what>[^,，。;；!?]{0,14}(?:太[\u4e00-\u9fff]{1,2}|不够|太复杂|偏高|高了|贵了|不满足|不支持|缺少|只要我们的?[^,，。;；]{1,6})[^,，。;；!?]{0,8})")
_CUSTOMER_SIDE = re.compile(r"客户|对方|他们|他|她|甲方|总|工|经理|主任|厂长|老板|部|处|那边|问|要|想|说|原因|竞品|对手|同行")
_OURS = re.compile(r"^(?:我们?|咱们?)(?!的)|我(?:需要|要|想|希望|得|准备)|提醒我|帮我|记得")
_EMPTY = re.compile(r"^(?:我们?|你们|咱们?|他们|客户|[的了是在下再去来])*$")
_TRIM = " ,，。;；、的了吗呢吧啊"
_LEADING = re.compile(r"^(?:说|问|是|还是|一个|一下|的是|另外|还有|还|就是|我们的|你们的|主要|主要原因是|一个是|还有一个是|而且|他们|客户|对方)+")
MAX_NEEDS = 8


def find_needs(text: str, folded: str, clauses: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The needs in the given stretches of the text, in order, each once."""
    needs: list[str] = []
    for start, end in clauses:
        clause = folded[start:end]
        if _OURS.search(clause) and not re.search(r"客户|对方|他们", clause):
            continue
        for phrase_start, phrase_end in _phrases(clause):
            needs.append(_with_topic(text[start + phrase_start : start + phrase_end].strip(_TRIM), clause))
    return tuple(_distinct(needs))[:MAX_NEEDS]


def _phrases(clause: str) -> list[tuple[int, int]]:
    found = []
    for pattern in (_INTEREST, _WANT, _REQUIRED, _ASKS, _QUANTITY, _LACK):
        for match in pattern.finditer(clause):
            if pattern in (_QUANTITY, _LACK) and not (_CUSTOMER_SIDE.search(clause) or _topic_of(clause)):
                continue
            start, end = match.span("what")
            lead = _LEADING.match(clause, start, end)
            start = lead.end() if lead else start
            if end - start >= 2 and not _EMPTY.match(clause[start:end]):
                found.append((start, end))
    if not found and _topic_of(clause) and _CUSTOMER_SIDE.search(clause) and _minds(clause):
        found.append((0, len(clause)))
    return _widest(found)


def _minds(clause: str) -> bool:
    return bool(re.search(r"高|贵|低|犹豫|长|慢|嫌|压|砍|还价|不够|问题|竞品|同行|对手|成|比", clause))


def _widest(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(found), key=lambda pair: (pair[0] - pair[1], pair[0])):
        if all(end <= a or start >= b for a, b in kept):
            kept.append((start, end))
    return sorted(kept)


def _topic_of(clause: str) -> str | None:
    return next((topic for topic, pattern in _TOPICS if pattern.search(clause)), None)


def _with_topic(phrase: str, clause: str) -> str:
    """价格：竞品报价只要我们的八成. The topic is named where the words do not say it."""
    topics = [topic for topic, pattern in _TOPICS if pattern.search(phrase) and topic not in phrase]
    if not topics and (topic := _topic_of(clause)) == "价格" and topic not in phrase:
        topics = [topic] if re.search(r"贵|成|高|低|便宜", clause) else []
    return f"{'、'.join(topics)}：{phrase}" if topics else phrase


def _distinct(needs: Iterable[str]) -> list[str]:
    unique = [need for need in dict.fromkeys(needs) if len(need) >= 2]
    return [need for need in unique if not any(need != other and need in other for other in unique)]
