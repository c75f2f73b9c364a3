"""Amounts of money in a note, in yuan, and what they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from intents.model import AmountKind
from intents.numerals import NUMBER, parse_number
from intents.patterns import any_of, one_of

_MULTIPLE = {
    "": 1, "k": 1000, "千": 1000, "万": 10**4, "w": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
}  # fmt: skip
_UNIT = r"(?:亿|千万|百万|十万|万|w(?![a-z])|k(?![a-z]))"
_YUAN = r"(?:元|块钱|块(?![儿头地去来做吃过跟])|圆|人民币|rmb)"
_UPPER = rf"(?:到(?P<upper>{NUMBER})|至(?P<upper_b>{NUMBER})|[-~](?P<upper_c>{NUMBER}))"
_REST = rf"(?P<rest>零?{NUMBER})(?![万亿年月日号点个天周台套])"
_WITH_UNIT = rf"(?:个多?(?=亿|百万|千万))?(?P<unit>{_UNIT})(?:{_REST})?(?P<half>半)?(?P<vague>多|来)?(?P<yuan>{_YUAN})?"
_AMOUNT = re.compile(
    rf"(?P<sign>[¥￥])?(?<![第百分之\d.a-z])(?P<a>{NUMBER})(?P<over>[几多来余]?)(?:{_UPPER})?"
    rf"(?:{_WITH_UNIT}|(?P<plain>{_YUAN})|(?(sign)|(?!)))"
)
_SMALL_CHANGE = re.compile(rf"(?:(?P<jiao>{NUMBER})[角毛])?(?:(?P<fen>{NUMBER})分(?!之))?")
# What is counted by a unit that follows is no money: 三万台, 五千人.
_COUNTED = re.compile(
    r"个?(?:[台套件只家人份吨米亩辆支盒箱瓶张户颗粒册股升斤]|次(?!月)|平[米方]|公[里斤顷]|立方|用户|分之"
    r"|多[个台套件家人次])"
)
_ABOUT = r"(?:大概|大约|差不多|一共|总共|约|在|是|为|有|:|了|到)*"
_LABELLED = re.compile(
    one_of("金额 总额 总价 合同额 成交价 成交额 合同价 标的额?", "预算 报价 报了 回款 尾款 预付款? 首付款? 定金 货款")
    + rf"{_ABOUT}(?P<a>\d{{4,}}(?:\.\d+)?|\d{{1,3}}(?:,\d{{3}})+)(?![\d年月日号个台套件%])"
)
_EACH = r"(?:报价|价格|只要|要)?"
_UNIT_PRICE = re.compile(
    rf"(?:单价|每[个台套件米吨平人年月箱]{_EACH}|一[个台套件米吨平]{_EACH}|人均)(?:大概|大约|是|为|要|才|只要|报了?)*$"
)
_PER_UNIT = re.compile(r"(?:一|每|/)[个台套件米吨平人箱](?!月)")
_DIFFERENCE = re.compile(
    one_of("便宜 优惠 再?降价? 让利? 差 少 贵 高 多 低 涨 减 省 抹掉? 返")
    + r"(?:大概|大约|个|出|了|掉|不到|将近)*$"
)
_RIVAL = re.compile(
    one_of("竞品 对手 友商 同行 别家 别人 其他家 另一家 另外一家 人家 他家") + r"[^,，。;；]{0,8}$"
)
_NO_DEAL = re.compile(r"注册资[金本]|营业额|年产值|罚款?(?:了)?$")
_PAYMENT_WORDS = """
    预付款? 首付款? 首款 尾款 余款 付款 打款 汇款 回款 到账 定金 订金 押金 保证金 进度款 质保金 货款 付了 先付
    打了 打过来 支付 款项 收款 服务费 合同款 第[一二三四]笔
"""
_DEAL_WORDS = """
    金额 总额 总价 合同额 合同 成交 签 单子 订单 这单 报价 报了 标的 商机 项目 总共 一共 拿下 中标 盘子 规模
    价格 下单 采购额
"""
_KINDS = (
    (AmountKind.PAYMENT, any_of(_PAYMENT_WORDS)),
    (AmountKind.BUDGET, any_of("预算 经费 批了 额度 资金")),
    (AmountKind.DEAL, any_of(_DEAL_WORDS)),
)
_KINDS_AFTER = (
    (AmountKind.PAYMENT, re.compile("的?" + one_of("[预首]付款? [尾余]款 定金 订金 押金 保证金 进度款 [货回]?款"))),
    (AmountKind.BUDGET, re.compile(r"的?(?:预算|经费)")),
    (AmountKind.DEAL, re.compile(r"的?(?:大?单子?|合同|订单|项目|商机|生意)")),
)
_REACH = 12
_ABSURD = 10**13
_CORRECTED = re.compile(r"不对|说错|错了|应该是|改成|改为|更正|不是")
_DENIED = re.compile(r"不是(?:大概|大约)?$")
_RIGHT_ONE = re.compile(r"[,，\s]*(?:而是|应该是|是)$")
_MOVED = re.compile(
    r"[,，\s]*(?:又|再|已|被)?"
    + one_of("降 涨 改 调 谈 砍 压 加 减 让 升 提 增 变")
    + "(?:低|高|整|价|加)?[到至成为]了?$"
)
_FROM = re.compile(r"从(?:原来的?|之前的?|最初的?)?$")
_ORDER = {AmountKind.DEAL: 0, None: 1, AmountKind.BUDGET: 2, AmountKind.PAYMENT: 3}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of yuan at [start, end) of the text.

    `counts` is False for unit prices, discounts and rivals' prices.
    """

    start: int
    end: int
    yuan: Decimal
    kind: AmountKind | None
    counts: bool = True


def find_money(folded: str) -> list[Money]:
    """All amounts in a folded text, in order."""
    found = [money for match in _AMOUNT.finditer(folded) if (money := _spoken(folded, match))]
    for match in _LABELLED.finditer(folded):
        start, end = match.span("a")
        value = parse_number(match["a"])
        if value is not None and all(end <= money.start or start >= money.end for money in found):
            found.append(_judged(folded, start, end, value))
    return sorted(found, key=lambda money: money.start)


def main_amount(folded: str, found: list[Money]) -> Money | None:
    """The amount that the note is about: a deal's before a budget before a payment; the last after a correction."""
    kept: list[Money] = []
    for amount in found:
        if not amount.counts:
            continue
        money = amount
        if kept and _replaces(folded, kept[-1], money):
            wrong = kept.pop()
            money = replace(money, kind=money.kind or wrong.kind)
        kept.append(money)
    return min(kept, key=lambda money: _ORDER[money.kind], default=None)


def _replaces(folded: str, before: Money, money: Money) -> bool:
    """四十万，不对，五十万; 不是四十万，是五十万; 从八十万降到七十五万."""
    gap = folded[before.end : money.start]
    denied = _DENIED.search(folded[: before.start]) and _RIGHT_ONE.match(gap)
    moved = _MOVED.match(gap) or (gap in ("到", "至") and _FROM.search(folded[: before.start]))
    return bool(_CORRECTED.search(gap) or denied or moved)


def _spoken(folded: str, match: re.Match[str]) -> Money | None:
    money_said = match["yuan"] or match["plain"] or match["sign"]
    if not money_said and _COUNTED.match(folded, match.end()):
        return None
    value = _value(match)
    if value is None or value <= 0:
        return None
    change = _SMALL_CHANGE.match(folded, match.end()) if match["yuan"] or match["plain"] else None
    if change and change.group():
        tenths, cents = (parse_number(change[name] or "零") or Decimal(0) for name in ("jiao", "fen"))
        return _judged(folded, match.start(), change.end(), value + tenths / 10 + cents / 100)
    return _judged(folded, match.start(), match.end(), value)


def _value(match: re.Match[str]) -> Decimal | None:
    """八十六万五 is 865,000; 一百二十万 1,200,000; 三万五千 35,000; 一万半 15,000."""
    base = parse_number(match["a"])
    if base is None or base >= _ABSURD:
        return None
    factor = _MULTIPLE[match["unit"] or ""]
    value = base * factor
    rest = match["rest"]
    if rest and (low := parse_number(rest)) is not None:
        alone = len(rest) == 1 and 0 < low < 10
        value += low * factor / 10 if alone else low
    if match["half"]:
        value += Decimal(factor) / 2
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _judged(folded: str, start: int, end: int, value: Decimal) -> Money:
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + 8]
    clause = re.split(r"[,，。;；!?]", before)[-1]
    single = _UNIT_PRICE.search(clause) or _PER_UNIT.match(after)
    counts = not (single or _DIFFERENCE.search(clause) or _RIVAL.search(clause) or _NO_DEAL.search(clause))
    return Money(start, end, value, _kind(clause, after), counts)


def _kind(clause: str, after: str) -> AmountKind | None:
    for kind, pattern in _KINDS_AFTER:
        if pattern.match(after):
            return kind
    last = [(found.end(), kind) for kind, pattern in _KINDS for found in pattern.finditer(clause)]
    return max(last, key=lambda pair: pair[0])[1] if last else None
