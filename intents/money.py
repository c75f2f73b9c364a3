"""Amounts of money in a note, in yuan, and what they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from intents.model import AmountKind
from intents.numerals import NUMBER, parse_number

_MULTIPLE = {"": 1, "十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}  # fmt: skip
_UNIT = r"(?:亿|千万|百万|十万|万|w(?![a-z])|k(?![a-z]))"
_YUAN = r"(?:元|块钱?|圆|人民币|rmb)"
_COUNTED = r"个?(?:[台套件只家人份吨米亩辆支盒箱瓶张户颗粒册股升斤]|次(?!月)|平[米方]|公[里斤顷]|立方|用户|分之|多[个台套件家人次])"
_TAIL = r"[一二两三四五六七八九1-9]"
_AMOUNT = re.compile(
    rf"(?P<sign>[¥￥])?(?<![第百分之\d.a-z])(?P<a>{NUMBER})(?P<over>[几多来]?)"
    rf"(?:到(?P<upper>{NUMBER})|至(?P<upper_b>{NUMBER})|[-~](?P<upper_c>{NUMBER}))?"
    rf"(?:(?:个多?(?=亿|百万|千万))?(?P<unit>{_UNIT})(?P<rest>(?:零?(?:{NUMBER}))(?![万亿年月日号点个天周台套]))?(?P<half>半)?(?P<vague>多|来)?(?P<yuan>{_YUAN})?|(?P<plain>{_YUAN})|(?(sign)|(?!)))",
)
_LABELLED = re.compile(
    r"(?:金额|总额|总价|合同额|成交价|成交额|合同价|标的额?|预算|报价|报了|回款|尾款|预付款?|首付款?|定金|货款)(?:大概|大约|差不多|一共|总共|约|在|是|为|有|:|了|到)*(?P<a>\d{4,}(?:\.\d+)?|\d{1,3}(?:,\d{3})+)(?![\d年月日号个台套件%])"
)
_UNIT_PRICE = re.compile(r"(?:单价|每[个台套件米吨平人年月箱](?:报价|价格|只要|要)?|一[个台套件米吨平](?:报价|价格|只要|要)?|人均)(?:大概|大约|是|为|要|才|只要|报)*$")
_PER_UNIT = re.compile(r"(?:一|每|/)[个台套件米吨平人箱](?!月)")
_DIFFERENCE = re.compile(r"(?:便宜|优惠|降|降价|降了|让|让利|差|差了|少|少了|贵|贵了|高|高了|多|多了|低|低了|涨|涨了|减|减了|再降|省|省了|抹|抹掉|返)(?:大概|大约|个|出|了|掉)*$")
_RIVAL = re.compile(r"(?:竞品|对手|友商|同行|别家|别人|其他家|另一家|另外一家|人家|他家)[^,，。;；]{0,8}$")
_KINDS = (
    (AmountKind.PAYMENT, re.compile(r"预付款?|首付款?|首款|尾款|余款|付款|打款|汇款|回款|到账|定金|订金|押金|保证金|进度款|质保金|货款|付了|先付|打了|打过来|支付|款项|收款|服务费")),
    (AmountKind.BUDGET, re.compile(r"预算|经费|批了|额度|资金")),
    (AmountKind.DEAL, re.compile(r"金额|总额|总价|合同额|合同|成交|签|单子|订单|这单|报价|报了|标的|商机|项目|总共|一共|拿下|中标|盘子|规模|价格|下单|采购额")),
)  # fmt: skip
_AFTER_KIND = re.compile(r"^的?(?:预付款?|首付款?|尾款|余款|定金|订金|押金|保证金|进度款|货款|回款|款)")
_AFTER_BUDGET = re.compile(r"^的?(?:预算|经费)")
_AFTER_DEAL = re.compile(r"^的?(?:大?单子?|合同|订单|项目|商机|生意)")
_REACH = 12
_CORRECTED = re.compile(r"不对|说错|错了|应该是|改成|改为|更正|不是")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of yuan at [start, end) of the text. `counts` is False for unit prices, discounts, rivals' prices."""

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
    counted = [money for money in found if money.counts]
    kept: list[Money] = []
    for money in counted:
        if kept and _CORRECTED.search(folded[kept[-1].end : money.start]):
            wrong = kept.pop()
            money = replace(money, kind=money.kind or wrong.kind)
        kept.append(money)
    order = {AmountKind.DEAL: 0, None: 1, AmountKind.BUDGET: 2, AmountKind.PAYMENT: 3}
    return min(kept, key=lambda money: order[money.kind], default=None)


def _spoken(folded: str, match: re.Match[str]) -> Money | None:
    unit = match["unit"] or ""
    if re.match(_COUNTED, folded[match.end() : match.end() + 4]) and not (match["yuan"] or match["plain"] or match["sign"]):
        return None
    value = _value(match, unit)
    if value is None or value <= 0:
        return None
    return _judged(folded, match.start(), match.end(), value)


def _value(match: re.Match[str], unit: str) -> Decimal | None:
    """八十六万五 is 865,000; 一百二十万 1,200,000; 三万五千 35,000; 一万半 15,000."""
    base = parse_number(match["a"])
    if base is None:
        return None
    factor = _MULTIPLE[unit]
    value = base * factor
    rest = match["rest"]
    if rest:
        low = parse_number(rest)
        if low is None:
            return value
        value += low * factor / 10 if re.fullmatch(_TAIL, rest) else low
    if match["half"]:
        value += Decimal(factor) / 2
    return value.normalize() if value != value.to_integral_value() else value.quantize(Decimal(1))


def _judged(folded: str, start: int, end: int, value: Decimal) -> Money:
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + 8]
    clause = re.split(r"[,，。;；!?]", before)[-1]
    single = bool(_UNIT_PRICE.search(clause) or _PER_UNIT.match(after))
    counts = not (single or _DIFFERENCE.search(clause) or _RIVAL.search(clause))
    return Money(start, end, value, _kind(clause, after), counts)


def _kind(clause: str, after: str) -> AmountKind | None:
    for kind, pattern in (
        (AmountKind.PAYMENT, _AFTER_KIND), (AmountKind.BUDGET, _AFTER_BUDGET), (AmountKind.DEAL, _AFTER_DEAL)
    ):  # fmt: skip
        if pattern.match(after):
            return kind
    last = [(found.end(), kind) for kind, pattern in _KINDS for found in pattern.finditer(clause)]
    return max(last, key=lambda pair: pair[0])[1] if last else None
