"""The customers, the moment and the short cuts that the tests of understanding share."""

from __future__ import annotations

from datetime import datetime

from intents.calendar import WorkCalendar
from intents.lexicon import CustomerName, Lexicon
from intents.model import Record
from intents.notes import understand
from intents.times import find_times

# A Wednesday.
NOW = datetime.fromisoformat("2026-05-13T10:00:00+08:00")
CUSTOMERS = (
    "昊天机电", "浩天光电", "佳禾食品", "嘉和地产", "德邦新材料", "明辉照明", "明慧教育", "博远环保", "泊远酒店",
    "江南造船厂",
    "盛泰纺织", "圣泰医药", "立讯精密", "力迅电梯", "正大饲料", "光华中学", "北方重型机械集团有限公司",
    "深圳市云图智能科技有限公司", "TCL通讯", "三一重机",
)  # fmt: skip
LEXICON = Lexicon.build(
    [
        *map(CustomerName, CUSTOMERS),
        CustomerName("四海国际物流", ("四海",)),
        CustomerName("第一人民医院", ("市一医院",)),
    ],
    contacts=["赵敏", "罗建国"],
    colleagues=["小陈", "周晓"],
)
CALENDAR = WorkCalendar()


def moment(text: str) -> datetime:
    """`MM-DD HH:MM` of the tests' year, or a whole ISO date with time, in the tests' zone."""
    whole = text if text.count("-") == 2 else f"2026-{text}"
    return datetime.fromisoformat(f"{whole.replace(' ', 'T')}:00+08:00")


def due_times(text: str, now: datetime = NOW) -> list[str]:
    """All times of a text as `MM-DD HH:MM`, with the year where it is not the tests' one."""
    spans = find_times(text, now, CALENDAR)
    return [f"{span.due:%m-%d %H:%M}" if span.due.year == NOW.year else f"{span.due:%Y-%m-%d %H:%M}" for span in spans]


def record_of(text: str, now: datetime = NOW) -> Record:
    """The first record of a note."""
    return understand(text, LEXICON, now).record


def todos_of(text: str, now: datetime = NOW) -> list[tuple[str, str]]:
    """Owner and due time of the to-dos of a note."""
    return [(todo.owner.value, f"{todo.due:%m-%d %H:%M}" if todo.due else "") for todo in record_of(text, now).todos]
