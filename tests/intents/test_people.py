"""Contacts at the customer and colleagues who are given work."""

from __future__ import annotations

import pytest

from tests.intents.support import record_of


@pytest.mark.parametrize(
    ("text", "contacts"),
    [
        ("刚跟昊天机电的罗主任和采购小赵开完会", ("罗主任", "小赵")),
        ("力迅电梯的付总和欧阳经理都在", ("付总", "欧阳经理")),
        ("佳禾食品的司厂长说要三台", ("司厂长",)),
        ("明慧教育的杜先生想看样品", ("杜先生",)),
        ("立讯精密的聂工来电话了", ("聂工",)),
        ("王總說價格太高了", ("王总",)),
        ("佳禾食品曾会计打电话来了", ("曾会计",)),
        ("德邦新材料卫总说好的", ("卫总",)),
        ("资料收齐罗姐就寄", ("罗姐",)),
        ("提醒我明天给李雷打电话", ("李雷",)),
    ],
)
def test_people_at_the_customer(text: str, contacts: tuple[str, ...]) -> None:
    assert record_of(text).contacts == contacts


@pytest.mark.parametrize(
    "text",
    [
        "客户的项目经理没来", "对方工程师会上门", "施工队下周进场", "合同总价五十万", "提高工期要求",
        "小程序登录不了", "代工厂要扩产",
        "他们采购经理换人了", "交付总监是新来的",
    ],
)  # fmt: skip
def test_titles_without_a_name_are_nobody(text: str) -> None:
    assert record_of(text).contacts == ()


@pytest.mark.parametrize(
    ("text", "assignee"),
    [
        ("资质文件让商务部小刘下周二之前准备好", "小刘"),
        ("佳禾食品的样品让小陈明天寄出去", "小陈"),
        ("培训安排售后的小吴下周三去", "小吴"),
    ],
)
def test_colleagues_are_no_contacts_but_get_the_work(text: str, assignee: str) -> None:
    record = record_of(text)
    assert record.contacts == ()
    assert [todo.assignee for todo in record.todos] == [assignee]


def test_a_contact_on_file_is_known_by_its_sound() -> None:
    assert record_of("提醒我后天给照明打电话").contacts == ("赵敏",)


def test_a_surname_that_was_misspelt_before_a_title() -> None:
    assert record_of("明慧教育教务处流主任加了我微信").contacts == ("刘主任",)
    assert record_of("他们的副总监不同意").contacts == ()
