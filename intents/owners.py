"""Who has to do what a clause speaks of: we, or the customer who promised it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from intents.model import Owner
from intents.patterns import any_of, one_of

PERSON = r"[\u4e00-\u9fff]{1,3}(?:总|工|经理|主任|厂长|总监|处长|科长|部长|老师)"
_US = r"(?:我们?|咱们?|你们|我方|我司|工程师|技术)"
_ASKED_OF_US = re.compile(
    one_of("让 叫 请 催 要求 希望 需要 麻烦 想让 要 等(?!他|她) 求 盼着? 喊 问") + f"{_US}(?!的)"
)
_WE_BEGIN = one_of("然后 那 所以 但是 不过 而且 就 已经 说 今天 明天 最后")
_WE = re.compile(rf"(?:^|[,，。;；\s、]|{_WE_BEGIN})(?:我们?|咱们?|我方|我司)(?![们的])")
_WE_DO = one_of("答应 承诺 说 来 去 负责 要 会 得 准备 打算 安排 跟 给 把 需要 约 再")
_WE_ANYWHERE = re.compile(
    rf"(?<![给跟向帮让叫请对发回诉找为替和与催])(?:我|我们|咱们)(?:这边|自己)?(?=[\u4e00-\u9fff]*{_WE_DO})"
)
_TO_US = re.compile(
    one_of("给 发 回 寄 通知 告诉 联系 传 转 交 答复 回复 反馈给 发给 寄给 打给 付给 提供给")
    + "(?:我们?|咱们?|我方|我司)"
)
_TO_CUSTOMER = re.compile(
    one_of("给 回 跟 向 发给 寄给 送给 帮 替 为 对 联系 拜访 约 找 问 催 见 陪 请 去")
    + rf"(?:他们?|她们?|客户|对方|甲方|{PERSON})"
)
_CUSTOMER = any_of(
    r"""
    客户(?!的?(?:资料|名单|清单|关系)) 对方 (?<!给|跟|向|帮|让|去|到|找)(?:他们|她们)
    (?<![给跟向帮回让其去到找见约陪问催])(?:他|她)(?!们) 甲方 那边 老板
    [\u4e00-\u9fff](?:总|工|经理|主任|厂长|总监|处长|科长|部长|老师)(?=说|答应|承诺|保证|同意|会|要|那)
    """
)
_SUBJECT = re.compile(r"^(?:然后|说|但是|不过|等)?(?:客户|对方|他们|她们|甲方)(?!的)")
_PROMISES = any_of("答应 承诺(?![书函]) 保证(?!金) 同意 说好 表示会 说会 会在 愿意 确定会")
_WANTS = any_of(
    """
    要求 希望 想要 想让 催 盼 急着要 急需 想(?!想) 等着
    (?<![需只不主重就还快])要(?![走内付打回盖签开上报审先去等到拖])
    """
)
_PAYS = r"(?:打|付)(?:预付|首付|尾|定|货|进度)?款"
_CUSTOMER_DOES = any_of(
    rf"""
    汇款 转账 回款 付清 结清 付尾款 {_PAYS} 预付款 首付 尾款 货款 定金 打过来 汇过来 到账 付$ 支付 走流程 审批
    (?<!线)上会 盖章 用印 回传 签回 寄回来 [发寄送传]过来 定标 招标 启动(?:采购|项目) 走(?:采购|内部|付款)流程
    给(?:出)?(?:个)?[\u4e00-\u9fff]{{0,3}}?(?:结果|反馈|答复|答案|结论|说法|准信|消息|回音|意见)
    出[\u4e00-\u9fff]{{0,4}}?(?:结果|报告|结论) 测试完 测完 试用完 试产 内部(?:讨论|评审|开会|商量|评估|确认)
    讨论 商量 拍板 决定 定下来 回复 答复 反馈 回话 给回信 提供(?:图纸|需求|清单|资料|数据|名单|参数)
    发(?:图纸|需求|清单|参数|订单) 下单 下订单 下正式订单 采购申请 立项 腾(?:场地|机房) 准备(?:场地|机房|数据)
    验收 签收
    """
)
_OUR_WORK = any_of(
    """
    收回 要回 取回 收齐 核对 催 跟进 开票 开发票 收款 申请 问一?下 确认一?下 联系 拜访 送 寄过去 发过去 送过去
    带过去 报价 方案 演示 上门 安装 调试 培训 部署 打电话 回访 汇报 提交 交[上给到] 投标 标书
    """
)
_MEETS = any_of(
    """
    开会 开[^,，。]{0,6}会 评审会 会议 面谈 见面 参观 考察 来(?:我们)?公司 来访 到场 吃饭 聚 演示 碰面 碰一下
    详谈 聊 谈 交流 来厂 过来看 培训
    """
)
_MONEY_COMES = any_of("付款 打款 汇款 回款 尾款 预付款 首付 货款 定金 到账 打过来 结清 支付 预付 付$ 打$")
_WE_PROMISE = re.compile(r"答应|承诺|保证|说好|我说|跟\w{1,4}说")
_SAYS = re.compile(r"说(?!明)|表示|会(?!议|员)|要(?!求)|才|再")
_DELIVERS = re.compile(r"发|寄|给|提供|做|定|出|交|回|传|签")

_THEM = rf"(?:他们?|她们?|客户|对方|甲方|{PERSON})"
_NO_VERB = r"[^,，。;；\s给把发由让会能去来要帮跟和向在到做出寄送陪请找约周明后今下排派尽催]"
# 答应东方塑胶白总: their company, on file or not, and its person.
PROMISEE = rf"{_NO_VERB}{{2,8}}?{PERSON}"
_OUR_LEAD = r"^(?:然后|所以|后来|最后|刚才?|已经|也|都|又|就|今天|昨天|我们?|咱们?|[,，\s])*"


@dataclass(frozen=True, slots=True)
class Voice:
    """The owner of a clause's action, whether its subject was said, whether we promised it, whether they speak."""

    owner: Owner
    said: bool
    promise: bool
    they: bool = False


def voice_of(clause: str, names: tuple[str, ...], before: Voice | None) -> Voice:
    """Judge a folded clause without its time. `names`: the customer and its people; `before`: the clause before."""
    if _ASKED_OF_US.search(clause):
        return Voice(Owner.US, said=True, promise=False)
    if _promised_to_them(clause, names):
        return Voice(Owner.US, said=True, promise=True)
    we = _first(_WE, clause, _first(_WE_ANYWHERE, clause))
    they = min([_first(_CUSTOMER, clause), *[_subject_at(clause, name) for name in names]])
    if they < we:
        return replace(_they_speak(clause), they=True)
    if we < len(clause):
        return Voice(Owner.US, said=True, promise=bool(_WE_PROMISE.search(clause)))
    return replace(_nobody_named(clause, before), they=bool(before and before.they))


def _promised_to_them(clause: str, names: tuple[str, ...]) -> bool:
    """答应王总…, 承诺客户…, 跟李工说好…: who is promised something is named, so it is we who promise."""
    them = "|".join([_THEM, *(re.escape(name) for name in names if name)])
    promised = rf"(?:(?:答应|承诺|保证)了?(?:{them}|{PROMISEE})|(?:跟|和|与)(?:{them})说好)"
    return bool(re.search(_OUR_LEAD + promised, clause))


def _first(pattern: re.Pattern[str], clause: str, other: int | None = None) -> int:
    found = pattern.search(clause)
    return min(found.start() if found else len(clause) + 1, other if other is not None else len(clause) + 1)


def _subject_at(clause: str, name: str) -> int:
    """Where a name stands as the subject: not after 给, 跟, 的 and the like."""
    at = clause.find(name)
    lead = clause[max(0, at - 1) : at]
    return at if at >= 0 and lead not in tuple("给跟和与向把到去帮为对约找见催问陪") else len(clause) + 1


def _they_speak(clause: str) -> Voice:
    if _TO_US.search(clause) or _PROMISES.search(clause):
        return Voice(Owner.CUSTOMER, said=True, promise=False)
    does = bool(_CUSTOMER_DOES.search(clause))
    if _WANTS.search(clause) and not (does and _MONEY_COMES.search(clause)):
        return Voice(Owner.US, said=True, promise=False)
    if does and not re.search(r"给(?:他|她|客户|对方)", clause):
        return Voice(Owner.CUSTOMER, said=True, promise=False)
    if _MEETS.search(clause) or _TO_CUSTOMER.search(clause) or _OUR_WORK.search(clause):
        return Voice(Owner.US, said=True, promise=False)
    reported = (_SAYS.search(clause) and _DELIVERS.search(clause)) or _SUBJECT.search(clause)
    return Voice(Owner.CUSTOMER if reported else Owner.US, said=True, promise=False)


def _nobody_named(clause: str, before: Voice | None) -> Voice:
    promise = bool(re.search(r"答应|承诺|保证", clause))
    carried = bool(before and before.they)
    if _TO_US.search(clause):
        return Voice(Owner.CUSTOMER, said=False, promise=False)
    if _MONEY_COMES.search(clause) and not _OUR_WORK.search(clause):
        return Voice(Owner.CUSTOMER, said=False, promise=False)
    if _TO_CUSTOMER.search(clause) or promise:
        return Voice(Owner.US, said=False, promise=promise or bool(before and before.promise))
    if carried and _CUSTOMER_DOES.search(clause) and not _OUR_WORK.search(clause):
        return Voice(Owner.CUSTOMER, said=False, promise=False)
    return Voice(Owner.US, said=False, promise=bool(before and before.promise and before.owner == Owner.US))
