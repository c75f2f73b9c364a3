"""A customer group: a keyword makes a hot lead for the rep who answers fastest."""

from __future__ import annotations

from tests.scenarios.conftest import Demo

QUESTION = "这款价格多少？能寄样品吗"


async def _asked(demo: Demo) -> None:
    zhang = await demo.as_("ext_zhang", "g_huachang")
    await zhang.say(QUESTION)
    await zhang.idle()


async def test_the_fastest_rep_gets_it_and_takes_it(demo: Demo) -> None:
    await _asked(demo)
    wang, li = await demo.as_("wang"), await demo.as_("li")
    card = await wang.last_card("热线索：华昌电子")
    assert QUESTION in card.text()
    assert await li.cards() == []
    await wang.click("接单", card=card)
    await wang.idle()
    taken = await wang.last_card("热线索：华昌电子")
    assert not taken.is_open


async def test_after_five_minutes_the_next_one_is_asked(demo: Demo) -> None:
    await _asked(demo)
    wang, li = await demo.as_("wang"), await demo.as_("li")
    await wang.advance("PT4M")
    assert await li.cards() == []
    await wang.advance("PT1M30S")
    card = await li.last_card("热线索：华昌电子")
    await li.click("接单", card=card)
    await li.idle()
    assert "李娜" in (await wang.last_card("热线索：华昌电子")).text()


async def test_nobody_takes_it_so_the_manager_hears_of_it(demo: Demo) -> None:
    await _asked(demo)
    chen = await demo.as_("chen")
    await chen.advance("PT16M")
    card = await chen.last_card("热线索没人接")
    assert "王磊、李娜、徐静" in card.text()


async def test_small_talk_and_denied_words_make_none(demo: Demo) -> None:
    zhang, wang = await demo.as_("ext_zhang", "g_huachang"), await demo.as_("wang")
    await zhang.say("今天天气不错")
    await zhang.say("先不谈价格")
    await zhang.idle()
    assert await wang.cards() == []


async def test_asking_twice_is_one_hot_lead(demo: Demo) -> None:
    await _asked(demo)
    await _asked(demo)
    wang = await demo.as_("wang")
    assert len([card for card in await wang.cards() if card.title.startswith("热线索")]) == 1
