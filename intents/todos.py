"""To-dos of a note: what is to be done at the times that it names, by whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from intents.clauses import Clause
from intents.facts import is_fact, is_guess, is_state
from intents.model import Owner, Todo
from intents.normal import fold
from intents.numerals import parse_int
from intents.owners import PERSON, PROMISEE, Voice, voice_of
from intents.patterns import any_of, one_of
from intents.people import Person
from intents.times import TimeSpan
from intents.titles import bare_verb, clean_title, is_empty_action, join_titles, shortened, without_time

_CANCELLED = any_of("取消 不用 不去 不开 不需要 作废 免了 不来 来不了 去不了 不参加 不约 [定签付发给出]不了")
_ASKING = any_of("能不能 可不可以 是否 能否 可否 行不行 有没有可能 吗$ 来得及")
_IF = any_of("如果 要是 (?<![一二三四五六七八九十几\\d])万一 假如 (?<!顺利)的话 除非")
_THEN_WE = re.compile(r"我们?[^,，]{0,6}(?:再|就|去|会)|(?:再|就)(?:催|联系|打|发|问|跟|报)")
_PAST = any_of("了(?!解) 过(?![去来两几]|一?会|完) 刚 第一次 首次 一共 总共 已经 上次 来电 收到")
_TOLD = any_of("的时候 拜访 走访 来电 打电话来 打来电话 过来 到访 碰到 遇到 聊 沟通 参观")
# 今天签的: which day it was, not what to do.
_DONE = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}是?)?(?:签|下|付|打|发|寄|送|到|交|开|定|谈|装|验|测|办|回|来|去)"
    r"[\u4e00-\u9fff]{0,2}的$"
)
_MEETING = any_of("开[^,，。]{0,4}会 见面 面谈 碰面 会面 吃饭 交流")
_SAID_THERE = re.compile(
    rf"^[,，]?(?:他们?|她们?|对方|客户|双方|{PERSON})[^,，。]{{0,4}}"
    r"(?:说|讲|提|问|表示|觉得|嫌|反馈|要求|希望|同意|答应|强调|介绍)"
)
_AHEAD = any_of("要(?!求)[^,，]{0,3}讲 (?<!学)会(?:讲|说|提|问) 想(?:让|听|问)")
_PART_BEGINS = {"中午": 11, "下午": 12, "傍晚": 16, "晚": 17}
_AGREED = any_of(
    """
    约了 约好 约在 约的 定了 定在 定好 定的 安排了 安排在 说好 说定 改到 改成 改为 推到 推迟 延到 提前到 答应
    承诺 要(?!求|点) (?<![审议论谈展布开例周早晚])会(?!上|议|面|员|后) 得(?!到|知|分) 约定 敲定 订了 排在 排到
    """
)
_DEADLINE = re.compile(r"^(?:之?以?前|内|之内|以内|必须|要(?!求)|得(?!到)|下班)")
_MUST = re.compile(r"必须|务必|一定要|得(?!到|知)|(?:^|[,，])把")
_FORECASTING = any_of(
    "预计 预测 估计 争取 大概率 有望 应该能 能签 会签 签约 成交 关单 下单 签单 签$ 能成 把握"
)
_ANY_ACTION = any_of(
    """

[发寄送交给提供做写改出开打回复联系拜访约见签付汇报谈聊问催查核对验收测试装调培训演示准备确认跟进安排申请投标评审]
[参加到去来看定拿带取订办理处补上传更新通知反馈答盖走推过完成沟通考察面试用吃饭会截止讲介绍协提醒退换修检勘]
[排产货款派驻拆拍登批选购租收集统计搬印录告诉]
    """
)
_PROMISED = re.compile(r"(?:^|[,，。;；\s]|我们?|已经|也|都)(?:答应|承诺|保证)(?!书)")
# 周三要施工图: what they want of us by then, though no verb says what we do with it.
_WANTED = re.compile(r"(?:^|[^不重主只还就先])(?:急?要|想要|急需|需要)(?![求点是])[\u4e00-\u9fff\w]{2,12}")
_WE_DO = re.compile(
    r"^[,，]?(?:(?:请|再)?提醒我|记得|(?:别|不要)忘"
    r"|(?:我们?|咱们?)(?:再|就|得|要|先|会)?(?:去|来|给|把|跟|送|带|做|找|约|发|联系|过去|打))"
)
_FIXED = re.compile(
    r"(?:验收|评审|评标|开标|会|培训|答辩|考察|签约|勘察)[^,，]{0,4}"
    r"(?:定在|约在|安排在|放在|改到|改在|推到|提前到)$"
)
_EVENT_IS = re.compile(r"^[,，]?(?P<event>[\u4e00-\u9fff]{2})(?:的?时间|日期)?(?:是|定在|就是|在|为)$")
_DAYS_BEFORE = re.compile(r"(?P<event>[\u4e00-\u9fff]{2})(?:之?前|提前)(?P<n>\d+|[一二两三四五六七八九十]+)天")
_REMEMBER = re.compile(r"提醒|记得|别忘|不要忘|待办|帮我")
_REMIND_EARLIER = re.compile(
    r"提前(?P<n>半|\d+|[一二两三四五六七八九十]+)个?(?P<unit>小时|分钟|天|刻钟)(?:提醒|叫|通知|告诉)"
)
_REMIND_ME = re.compile(r"提醒|叫我")
_REMINDER = re.compile(r"提醒(?!过|了)|叫我|记得|别忘|不要忘")
_UNNAMED = "提醒"
_CONTINUES = re.compile(
    "^"
    + one_of(
        """
        把 带 带上 顺便 一起 给 跟 确认 让我们?(?![^,]{0,3}想) 同时 并且? 包括 主要是 关于 到时候? 需要带 要带
        准备 讨论 商量 聊 谈 地点 演示 介绍 汇报 送 发 拿 问 看看 核对 沟通 催 然后
        """
    )
)
_HANDED = re.compile(r"(?:让|叫|请|安排|麻烦|交给|转给|派|由|通知|提醒)(?:[\u4e00-\u9fff]{0,6})$")
_LATEST = 2
_MINUTES = {"小时": 60, "分钟": 1, "天": 1440, "刻钟": 15}


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the to-dos of one record are made from."""

    text: str
    folded: str
    now: datetime
    clauses: Sequence[Clause]
    times: Sequence[TimeSpan]
    people: Sequence[Person]
    names: tuple[str, ...]
    forecast: bool = False
    instruction: bool = False


@dataclass(frozen=True, slots=True)
class _Draft:
    todo: Todo
    clause: int


def find_todos(scene: Scene) -> tuple[Todo, ...]:
    """The to-dos in the order of the note. A later agreed time for the same thing replaces the earlier one."""
    drafts: list[_Draft] = []
    voice: Voice | None = None
    for index, clause in enumerate(scene.clauses):
        span = _time_in(scene, clause)
        body = _body(scene, clause, span)
        voice = voice_of(body, scene.names, None if index and scene.clauses[index - 1].closes else voice)
        if span is None:
            drafts += _untimed(scene, index, voice, drafts)
            continue
        voice = _met_at(scene, clause, span, voice)
        span = _still_today(scene, clause, span, body)
        if _is_to_be_done(scene, clause, span, body, voice):
            drafts = _placed(scene, index, span, voice, drafts)
        elif span.due > scene.now and is_state(body):
            drafts += _when_that_is(scene, index, span)
    return tuple(_reminded(scene, draft.todo) for draft in drafts)


def expected_close(scene: Scene) -> TimeSpan | None:
    """The time at which a forecast expects the signature."""
    for clause in scene.clauses:
        span = _time_in(scene, clause)
        if span and span.due > scene.now and _FORECASTING.search(scene.folded[clause.start : clause.end]):
            return span
    return None


def _time_in(scene: Scene, clause: Clause) -> TimeSpan | None:
    return next((span for span in scene.times if clause.start <= span.start < clause.end), None)


def _body(scene: Scene, clause: Clause, span: TimeSpan | None) -> str:
    return without_time(scene.folded, clause, span)


# --- which times are to-dos -------------------------------------------------------------------------------------


def _is_to_be_done(scene: Scene, clause: Clause, span: TimeSpan, body: str, voice: Voice) -> bool:
    """Whether a clause with a time asks for something ahead, not for a fact, a question or a plan of the rival."""
    if span.due <= scene.now or _is_report_of_today(scene, clause, span, body):
        return False
    if _is_reminder(scene, clause) and not _CANCELLED.search(body):
        return True
    if _CANCELLED.search(body) or _ASKING.search(body) or _is_condition(body):
        return False
    raw = scene.folded[clause.start : clause.end]
    if is_guess(raw, body) or is_fact(raw, body, voice, span, scene.folded[clause.start : span.start]):
        return False
    return not (scene.forecast and _FORECASTING.search(raw))


def _is_reminder(scene: Scene, clause: Clause) -> bool:
    """提醒我: asked for in so many words, so it is never left out, whatever it is about."""
    return scene.instruction and bool(_REMINDER.search(scene.folded, clause.start, clause.end))


def _still_today(scene: Scene, clause: Clause, span: TimeSpan, body: str) -> TimeSpan:
    """今天之内把报价发出去, said in the evening: due by the end of the day, which is the latest that it can mean."""
    late = span.day == scene.now.date() and span.due <= scene.now and not span.exact
    asked = _DEADLINE.match(scene.folded[span.end : span.end + 4]) or scene.instruction or _MUST.search(body)
    if not late or not asked or _PAST.search(body):
        return span
    midnight = span.due.replace(hour=23, minute=59)
    return replace(span, due=midnight, remind_at=midnight)


def _is_condition(body: str) -> bool:
    """如果客户周五不回复 is none; 如果没消息我周五再催 is what we shall do."""
    return bool(_IF.search(body)) and not _THEN_WE.search(body)


def _is_report_of_today(scene: Scene, clause: Clause, span: TimeSpan, body: str) -> bool:
    """今天去拜访了…, 上午聊了…: the day is still due at 18:00, but it is told, not asked for."""
    today = span.day == scene.now.date() or not span.has_day
    if not today or span.has_clock or _DEADLINE.match(scene.folded[span.end : span.end + 4]):
        return False
    if "下班" in span.text or scene.instruction:
        return False
    told = _PAST.search(body) or _DONE.search(body) or (_TOLD.search(body) and not _is_still_ahead(span, scene.now))
    told = told or (_MEETING.search(body) and _said_there(scene, clause) and not _is_still_ahead(span, scene.now))
    return bool(told) and not _AGREED.search(body)


def _said_there(scene: Scene, clause: Clause) -> bool:
    """和刘总开会，他讲了…: what was said at a meeting shows that it is over."""
    after = next((other for other in scene.clauses if other.start >= clause.end), None)
    following = scene.folded[after.start : after.end] if after else ""
    return bool(_SAID_THERE.match(following)) and not _AHEAD.search(following)


def _is_still_ahead(span: TimeSpan, now: datetime) -> bool:
    """今天下午, said in the morning."""
    return any(part in span.text and now.hour < hour for part, hour in _PART_BEGINS.items())


def _untimed(scene: Scene, index: int, voice: Voice, drafts: list[_Draft]) -> list[_Draft]:
    """A promise or an explicit reminder without any time in the note is still a to-do."""
    clause = scene.clauses[index]
    body = scene.folded[clause.start : clause.end]
    wanted = bool(_PROMISED.search(body)) and voice.owner == Owner.US
    if scene.instruction and not scene.times and not drafts:
        last = index == len(scene.clauses) - 1
        wanted = wanted or bool(_REMEMBER.search(body) or (last and _ANY_ACTION.search(body)))
    if not wanted or scene.times or _ASKING.search(body):
        return []
    title = clean_title(scene.text[clause.start : clause.end])
    if len(title) < 2:
        return []
    todo = Todo(voice.owner, title, None, None, _assignee(scene, clause), voice.promise)
    return [_Draft(todo, index)]


# --- making them ------------------------------------------------------------------------------------------------


def _placed(scene: Scene, index: int, span: TimeSpan, voice: Voice, drafts: list[_Draft]) -> list[_Draft]:
    clause = scene.clauses[index]
    if early := _before_event(scene, index, span):
        return [*drafts, _Draft(early, index)]
    own = clean_title(without_time(scene.text, clause, span))
    if voice.promise:
        own = _without_promisee(own, scene.names)
    last = drafts[-1] if drafts else None
    if is_empty_action(own) and last and index - last.clause <= _LATEST and not _later_action(scene, index):
        moved = replace(last.todo, due=span.due, remind_at=span.remind_at)
        return [*drafts[:-1], replace(last, todo=moved, clause=index)]
    title, used = _title(scene, index, own)
    title = shortened(title, scene.names)
    wanted = _is_wanted(scene, clause, span, title)
    if _is_reminder(scene, clause):
        title, wanted = (_UNNAMED if is_empty_action(title) else title), True
    if not title or (is_empty_action(own) and is_state(title)) or not (wanted or _ANY_ACTION.search(title)):
        return drafts
    if is_empty_action(own):
        voice = _voice_nearby(scene, used, voice)
    todo = Todo(voice.owner, title, span.due, span.remind_at, _assignee(scene, clause), voice.promise)
    return [*drafts, _Draft(todo, max(index, used))]


def _is_wanted(scene: Scene, clause: Clause, span: TimeSpan, title: str) -> bool:
    return bool(_WANTED.search(without_time(scene.folded, clause, span))) and len(title) >= 2


def _met_at(scene: Scene, clause: Clause, span: TimeSpan, voice: Voice) -> Voice:
    """验收定在八号: what was fixed for a time is a meeting, at which we have to be."""
    fixed = _FIXED.search(scene.folded[clause.start : span.start])
    return replace(voice, owner=Owner.US) if fixed else voice


def _before_event(scene: Scene, index: int, span: TimeSpan) -> Todo | None:
    """设备要在进场前三天送到，进场时间是四月六号: due so many days before the day that is told."""
    told = _EVENT_IS.match(_body(scene, scene.clauses[index], span))
    previous = _plain_clause(scene, index - 1)
    ahead = _DAYS_BEFORE.search(fold(previous)) if told and previous else None
    if told is None or previous is None or ahead is None or ahead["event"] != told["event"]:
        return None
    days = timedelta(days=min(parse_int(ahead["n"]) or 0, 100))
    title = clean_title(previous[: ahead.start()].rstrip("要在得须") + previous[ahead.end() :])
    return Todo(Owner.US, shortened(title, scene.names), span.due - days, span.remind_at - days)


def _when_that_is(scene: Scene, index: int, span: TimeSpan) -> list[_Draft]:
    """他下周三回来，我去找他: what we do at the time that the clause before tells of."""
    following = _plain_clause(scene, index + 1)
    if following is None or not _WE_DO.match(fold(following)):
        return []
    title = clean_title(following)
    return [_Draft(Todo(Owner.US, title, span.due, span.remind_at), index + 1)] if len(title) > 1 else []


def _without_promisee(title: str, names: Sequence[str]) -> str:
    """答应华昌电子给出方案: what was promised, without whom it was promised to."""
    folded = fold(title)
    them = "|".join([PROMISEE, *(re.escape(name) for name in names if name)])
    lead = re.match(f"(?:{them})+", folded)
    return title[lead.end() :] if lead and lead.end() + 2 <= len(title) else title


def _later_action(scene: Scene, index: int) -> bool:
    """五个工作日内，把合同寄回: the action follows its time."""
    following = scene.clauses[index + 1] if index + 1 < len(scene.clauses) else None
    if following is None or _time_in(scene, following):
        return False
    own = scene.folded[scene.clauses[index].start : scene.clauses[index].end]
    return not _AGREED.search(own)


def _title(scene: Scene, index: int, own: str) -> tuple[str, int]:
    """The title and the clause that it ends in: neighbours help out where the clause says too little."""
    following = _plain_clause(scene, index + 1)
    if is_empty_action(own):
        telling = _named_before(scene, index)
        if following and (_later_action(scene, index) or telling is None):
            return clean_title(following), index + 1
        return telling or (own, index)
    if following and _CONTINUES.match(following) and not _PAST.search(following):
        return join_titles(own, clean_title(following)), index + 1
    if bare_verb(own) and (named := _said_before(scene, index)):
        return join_titles(named, own), index
    return own, index


def _named_before(scene: Scene, index: int) -> tuple[str, int] | None:
    """What a bare 改到周五 is about: the next clause back that says something, rather one that names an action."""
    plain = [(clean_title(words), at) for at in (index - 1, index - 2) if (words := _plain_clause(scene, at))]
    telling = [(title, at) for title, at in plain if not is_empty_action(title)]
    return next((found for found in telling if _ANY_ACTION.search(found[0])), next(iter(telling), None))


def _said_before(scene: Scene, index: int) -> str:
    """What the clause before is about, its time left out: the object of a bare 发给他."""
    if index == 0:
        return ""
    clause = scene.clauses[index - 1]
    return shortened(clean_title(without_time(scene.text, clause, _time_in(scene, clause))), scene.names)


def _plain_clause(scene: Scene, index: int) -> str | None:
    """The text of a neighbouring clause that has no time of its own."""
    if not 0 <= index < len(scene.clauses) or _time_in(scene, scene.clauses[index]):
        return None
    clause = scene.clauses[index]
    return scene.text[clause.start : clause.end]


def _voice_nearby(scene: Scene, index: int, voice: Voice) -> Voice:
    if not 0 <= index < len(scene.clauses):
        return voice
    clause = scene.clauses[index]
    other = voice_of(scene.folded[clause.start : clause.end], scene.names, None)
    return other if other.said and not voice.said else voice


def _assignee(scene: Scene, clause: Clause) -> str | None:
    """The colleague who is given the work: 让商务部小陈…准备好."""
    for person in scene.people:
        inside = clause.start <= person.start < clause.end
        if inside and person.ours and _HANDED.search(scene.folded[clause.start : person.start]):
            return person.name
    return None


def _reminded(scene: Scene, todo: Todo) -> Todo:
    """提醒我三点… rings at that minute; 提前半小时提醒 half an hour before."""
    if todo.due is None:
        return todo
    earlier = _REMIND_EARLIER.search(scene.folded)
    if earlier:
        number = 0.5 if earlier["n"] == "半" else float(parse_int(earlier["n"]) or 0)
        minutes = number * _MINUTES[earlier["unit"]]
        return replace(todo, remind_at=todo.due - timedelta(minutes=min(minutes, 100_000)))
    exact = any(span.due == todo.due and span.has_clock for span in scene.times)
    if exact and _REMIND_ME.search(scene.folded):
        return replace(todo, remind_at=todo.due)
    return todo
