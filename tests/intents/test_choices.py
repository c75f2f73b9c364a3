"""Short answers that are the whole message: politeness, done, handed over."""

from __future__ import annotations

import pytest

from intents.choices import hand_over_to, is_acknowledgement, says_done


@pytest.mark.parametrize(
    "text",
    [
        "好的", "收到，谢谢", "知道了", "谢谢您", "明天再说吧", "嗯嗯", "OK", "好的，辛苦了！", "👍", "回头再聊",
        "没问题",
    ],
)  # fmt: skip
def test_politeness_is_nothing_to_record(text: str) -> None:
    assert is_acknowledgement(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "好消息，明慧教育签了", "谢总来电", "对方要样品", "明天再说服钱总", "行程改了", "做完了",
        "早上去了德邦新材料",
    ],
)  # fmt: skip
def test_what_has_content_is_no_politeness(text: str) -> None:
    assert not is_acknowledgement(text)


@pytest.mark.parametrize("text", ["做完了", "已完成", "这个办好了", "搞定", "都弄完啦", "已经发过去了", "打过了。"])
def test_done(text: str) -> None:
    assert says_done(text)


@pytest.mark.parametrize("text", ["", "没做完", "还没完成", "做完了再说", "明慧教育签了", "快做完了", "完成率多少"])
def test_not_done(text: str) -> None:
    assert not says_done(text)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("转给李娜", "李娜"), ("这个交给小陈吧", "小陈"), ("让周晓去做", "周晓"), ("由小陈跟进", "小陈"),
        ("改派给罗建国", "罗建国"), ("给我做", None), ("交给他", None), ("把合同交给客户", None),
        ("让他们去做演示", None), ("做完了", None), ("", None),
    ],
)  # fmt: skip
def test_handed_over(text: str, person: str | None) -> None:
    assert hand_over_to(text) == person
