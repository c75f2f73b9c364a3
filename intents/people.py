"""People named in a note: contacts at the customer (王总, 李工, 赵敏) and colleagues who are given work (小陈)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intents.lexicon import Lexicon, common_words
from intents.patterns import one_of, words

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵汪祁毛禹狄米贝明臧计成戴宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆荣翁甄封储靳焦牧山"
    "车侯全班仰仲伊宫宁仇甘厉武符刘景詹龙叶黎白蒲卓蔺池乔闻翟谭劳姬申冉桑桂牛边燕尚温庄晏柴瞿阎连习艾容向古易慎戈廖耿欧关游佟肖覃"
    "付闫司聂岳楚晋代敖冷谌栾商简鞠巩粟荆丛缪解仝占邝麦冼鄢瞿涂佘阳党单曲苟盖郗亓练宣"
    "蒙赖屠胥贡雍濮扈浦茹宦暨阙辛阚饶沙巢蒯查竺桓匡寇况亢帅逄綦檀祖邸晁訾幸郜宿鄂农银海支修曾段文洛芦丘应谷楼敬鹿"
)
# Surnames that are everyday characters too: alone they make no full name likely.
_RARE_SURNAME = frozenset(
    "华金水云昌花方任安常乐于时平明计成项路危江高万管房包左石全班武白连向古易容关游山车强温边付代解占商简冷司阳党单曲盖丛楚晋沙查辛帅况祖幸宿农银海支修文应谷楼敬齐段曾"
)
_DOUBLE = one_of("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木")
_SURNAME = rf"(?:{_DOUBLE}|[{SURNAMES}])"
TITLES = one_of(
    """
    副总经理 总经理 董事长 总工程师 副总裁 总裁 总监 副总 经理 主任 厂长 院长 校长 局长 处长 科长 部长 所长 站长
    队长 组长 店长 行长 会长 秘书 主管 主席 书记 老师 教授 博士 医生 护士长 律师 会计 工程师 先生 女士 小姐 老板
    师傅 助理 专员 代表 总工 总(?![部体共额价是监经裁数计量算结之会得要]) 工(?![期厂程作人地业艺具商序资])
    董(?!事) 局(?![面部域]) 处(?![理于境]) 科(?![技学室]) 姐 哥
    """
)
_TITLED = re.compile(rf"(?P<name>{_SURNAME}(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{TITLES}))")
_FAMILIAR = re.compile(rf"(?<![大缩减太最较])(?P<name>[小老](?:{_DOUBLE}|[{SURNAMES}]))")
_FAMILIAR_TRAP = re.compile(
    "小"
    + one_of(
        """
        时 程序 金额 于 明细 车间 平台 计 高层 项目 包装 路 区 古 乐 方[案块] 成[本果] 项 安装 范围 贝 万 强度
        牛 单 商 解 曲 盖 简 代 冷 阳 楚
        """
    )
    + "|老"
    + one_of("时间 项目 路 计划 常 边 单 代 解 简 党")
)
BEFORE_NAME = r"(?:给|跟|和|与|同|找|约|联系了?|问了?|见了?|请|拜访了?|通知|催|陪|叫|的|让|是)"
AFTER_NAME = one_of(
    """
    打电话 打个电话 回电话 回个 发 说 聊 沟通 见面 见 联系 反馈 确认 送 寄 谈 开会 吃饭 吃了 喝 约 通 对接 那边
    提 要 想 答应 承诺 回复 讲 介绍 看 汇报 演示 报价 核对 对一下 碰 交流 问 加 来 去 准备 做 负责 整理 跟进
    处理 拿 带 催 过 安排 协调 申请 打 交 一起 [,，。;；!?、\\s] $ 和 跟
    """
)
_NAMED = re.compile(rf"{BEFORE_NAME}(?P<name>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?)(?={AFTER_NAME})")
_SIDE = "(?:那边|这边)?(?:的)?"
_DEPARTMENT = one_of(
    "商务 售前 售后 交付 技术支持 内勤 助理 实施 研发 产品 市场 财务 法务 技术 客服 采购 仓库 行政 人事 物流 生产 质量"
)
_OURS = re.compile(rf"(?:我们|咱们|咱|我司|我方|本部|同事)(?:的)?(?:[\u4e00-\u9fff]{{1,4}}?(?:部|组)?)?{_SIDE}$")
_OUR_DEPARTMENT = re.compile(
    rf"{one_of('商务 售前 售后 交付 技术支持 内勤 助理 实施 研发 产品 市场 财务 法务 技术')}部?{_SIDE}$"
)
_GIVEN_WORK = re.compile(
    rf"(?:让|叫|请|安排|麻烦|交给|转给|派|由|通知|提醒|带上?|叫上|拉上|喊上)(?:{_DEPARTMENT}|[\u4e00-\u9fff]{{0,4}}(?:部|组))?{_SIDE}$"
)
_CUSTOMER_SIDE = re.compile(
    r"(?:他们|客户|对方|客户那边|对方那边|他们那边|厂里|他们的)(?:的)?[\u4e00-\u9fff]{0,4}$"
)
_NOT_GIVEN = re.compile(
    r"[的了是在和跟给说要个一不有就都还把被让到去来这那我你他她们天号点年月日周上下前后时]"
)
_TRADES = words("技术 采购 财务 销售 大区 区域 项目 产品 客户 部门 现场 设备 生产 副")
_NO_NAMES = words("安排工 安装工 施工 员工 方工程师 高工程师 汇总 平总 代工 单工 冷处 解处 水处")
# 开工, 动工, 员工: what makes 工 no title.
_BEGINS_WORK = tuple("开动停完复竣施员手加民职招用返")
# Words whose last character is a surname: what follows them is no title of a person.
_WORDS_ON_SURNAME = words(
    """
    对方 甲方 乙方 我方 双方 地方 官方 厂方 提高 最高 太高 平安 公安 保安 责任 主任 信任 合计 设计 会计 统计
    预计 估计 完成 达成 现成 变成 构成 当时 小时 同时 及时 临时 到时 关于 对于 由于 等于 声明 说明 证明 表明
    资金 奖金 押金 定金 订金 现金 五金 百万 千万 十万 一万 大全 安全 齐全 经常 非常 正常 异常 面包 背包 水管
    主管 尽管 不管 保管 交易 容易 方向 内容 机关 海关 相关 有关 下班 上班 加班 旅游 上游 下游 客房 厂房 库房
    北边 旁边 那边 这边 左边 右边 财务 一班 水平 公平 春华 中华 新华 黄石 温州 公路 铁路 线路 思路 香江 长江
    加强 增强 项目 立项 事项 几项 一项 两项 三项 四项 五项 多项 款项 这项 那项 各项 汽车 叉车 货车 余万 技术
    马上 文明 透明 简单 交付 预付 支付 首付 订单 下单 名单 清单 报单 了解 见解 分解 交代 替代 年代 智商 厂商
    经商 代理商 供应商 检查 调查 审查 核查 排查 宿舍 水银 支票 公司 上司 我司 贵司 太阳 歌曲 覆盖
    阶段 时段 手段 片段 路段 工段 一段 大楼 一楼 二楼 三楼 四楼 五楼 响应 供应 反应 效应 对应 相应 适应
    中文 英文 公文 图文 下文 上文 不曾 未曾 收齐 备齐 凑齐 到齐
    """
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person at [start, end); `ours` when a colleague of the speaker."""

    name: str
    start: int
    end: int
    ours: bool


def find_people(text: str, folded: str, lexicon: Lexicon, taken: list[tuple[int, int]]) -> list[Person]:
    """People in order of position; names inside the `taken` stretches (customers, times) are not looked for."""
    found: list[Person] = []
    for start, end in _spots(folded, lexicon, taken):
        free = all(end <= left or start >= right for left, right in taken)
        if free and all(end <= person.start or start >= person.end for person in found):
            found.append(Person(text[start:end], start, end, _is_ours(folded, start, text[start:end], lexicon)))
    return sorted(found, key=lambda person: person.start)


def contacts_of(people: list[Person]) -> tuple[str, ...]:
    """The customer's people, each once; a name that is part of a fuller one is dropped."""
    names = dict.fromkeys(person.name for person in people if not person.ours)
    return tuple(name for name in names if not any(name != other and name in other for other in names))


def _spots(folded: str, lexicon: Lexicon, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for name in sorted(lexicon.contacts | lexicon.colleagues, key=len, reverse=True):
        if len(name) > 1 and name in folded:
            for found in re.finditer(re.escape(name), folded):
                yield found.span()
    yield from titled_people(folded, taken)
    for found in _FAMILIAR.finditer(folded):
        if not _FAMILIAR_TRAP.match(folded, found.start()):
            yield found.span("name")
    for found in _NAMED.finditer(folded):
        if _plausible(found["name"]):
            yield found.span("name")


def titled_people(folded: str, taken: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Where a surname with a title stands (王总, 欧阳经理); none begins inside a `taken` stretch."""
    position = 0
    while found := _TITLED.search(folded, position):
        inside = any(start <= found.start() < end for start, end in taken)
        if inside or _no_person(found) or _ends_word(folded, found.start()) or _surname_follows(found):
            position = found.start() + 1
            continue
        yield found.span("name")
        position = found.end()


def full_person(folded: str, lexicon: Lexicon) -> bool:
    """Whether the words are the name of a person and nothing else: 张总, 小李, 李敏."""
    if folded in lexicon.contacts or folded in lexicon.colleagues:
        return True
    if _TITLED.fullmatch(folded) or (_FAMILIAR.fullmatch(folded) and not _FAMILIAR_TRAP.match(folded)):
        return True
    return bool(re.fullmatch(rf"{_SURNAME}[\u4e00-\u9fff]{{1,2}}", folded)) and _plausible(folded)


def _no_person(found: re.Match[str]) -> bool:
    """项目经理, 周销售经理, 安排工程师: no surname, or more than a given name between it and the title."""
    name, given = found["name"], found["given"]
    if name in _NO_NAMES or name.removesuffix(found["title"]) in common_words():
        return True
    if (len(given) > 1 and name[:2] in common_words()) or (found["title"] == "工" and given[-1:] in _BEGINS_WORK):
        return True
    trade = given in common_words() or given in _TRADES or given[-1:] in tuple("排装部行购售")
    return bool(given and (trade or given[0] == name[0] or _NOT_GIVEN.search(given)))


def _surname_follows(found: re.Match[str]) -> bool:
    """把资料收齐罗姐…: an everyday character before what is a surname itself."""
    given = found["given"]
    return len(given) == 1 and found["name"][0] in _RARE_SURNAME and given in SURNAMES and given not in _RARE_SURNAME


def _ends_word(folded: str, start: int) -> bool:
    """Whether the supposed surname only ends an everyday word (方 of 对方, 高 of 提高)."""
    return any(folded[start - back : start + 1] in _WORDS_ON_SURNAME for back in (1, 2) if start >= back)


def _plausible(name: str) -> bool:
    """A full name without a title must not be an everyday word."""
    if name in common_words() or _NOT_GIVEN.search(name[1:]) or name[0] in _RARE_SURNAME:
        return False
    return name[:2] not in common_words()


def _is_ours(folded: str, start: int, name: str, lexicon: Lexicon) -> bool:
    if name in lexicon.colleagues:
        return True
    if name in lexicon.contacts:
        return False
    before = folded[max(0, start - 10) : start]
    if _CUSTOMER_SIDE.search(before):
        return False
    familiar = name[0] in "小老"
    if familiar and (_GIVEN_WORK.search(before) or _OUR_DEPARTMENT.search(before)):
        return True
    return bool(_OURS.search(before))
