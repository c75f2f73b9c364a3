"""Help, greeting, and what is said to a command that does not exist."""

from __future__ import annotations

from bot.outgoing import Reply, SendCard
from cards.actions import Action, CommandRun
from cards.model import Button, Card, Field
from cards.todos import choice_card
from handlers.context import ClickHandler, CommandHandler, Ctx
from handlers.talk import recall, remember
from intents.commands import Unknown
from storage.people import Role

_NAMES = {
    "help": "帮助", "todo": "待办", "done": "完成", "lead": "线索", "stage": "阶段", "who": "谁负责",
    "forecast": "预测", "promise": "承诺", "undo": "撤销", "why": "为什么",
}  # fmt: skip
_RECORDING = (
    ("记录", "直接说或打字：“刚拜访完华昌，张总嫌价格高，答应周五下午三点前给他新报价”"),
    ("更正", "回复“不对，是周四”；/undo（/撤销）撤回上一条；/why（/为什么）看怎么理解的"),
    ("/todo（/待办）", "看待办；/todo 全部 看全部；“/todo 明天下午三点给华昌发报价”新建一条"),
    ("/done（/完成）", "完成：/done 1，或 /done 报价"),
    ("/lead（/线索）", "线索清单；/lead 华昌 看进展；/lead 新建 某某公司"),
    ("/stage（/阶段）", "改阶段：/stage 华昌 方案演示"),
    ("/who（/谁负责）", "谁在跟：/who 华昌"),
)
_SELLING = (
    ("/forecast（/预测）", "本周预测"),
    ("/promise（/承诺）", "对客户的承诺和倒计时"),
)
_DECIDING = (("跟进逾期卡片", "点“提醒 / 延期 / 转派 / 忽略”，或直接回复“延到周五”“让小李接手”"),)
_SELLERS = frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR})
_DECIDERS = frozenset({Role.MANAGER, Role.DIRECTOR, Role.ADMIN})


async def help_(ctx: Ctx, args: str) -> list[Reply]:
    """What one can do, by role."""
    lines = [*_RECORDING]
    lines += _SELLING if ctx.user.role in _SELLERS else ()
    lines += _DECIDING if ctx.user.role in _DECIDERS else ()
    card = Card(
        title="我能帮您做什么",
        fields=tuple(Field(name, about) for name, about in lines),
        buttons=(_run("我的待办", "/todo"), _run("我的线索", "/lead")),
    )
    return [SendCard(ctx.chat, card, f"help:{ctx.user.id}")]


async def greet(ctx: Ctx) -> list[Reply]:
    """Once in each chat: three things to try."""
    if await recall(ctx, "greeted"):
        return []
    await remember(ctx, greeted=True)
    card = Card(
        title=f"{ctx.user.name}，您好！我是跟单助手",
        fields=(
            Field("1. 说一句", "“刚拜访完华昌，张总嫌价格高，答应周五下午三点前给他新报价”，语音、打字都行"),
            Field("2. 改一句", "回复“不对，是周四”，卡片、待办和提醒一起改"),
            Field("3. 问一句", "“华昌现在什么进展”，或点下面的按钮"),
        ),
        buttons=(_run("我的待办", "/todo"), _run("我的线索", "/lead"), _run("全部用法", "/help")),
    )
    return [SendCard(ctx.chat, card, f"greeting:{ctx.user.id}")]


def unknown(ctx: Ctx, command: Unknown) -> list[Reply]:
    """The nearest commands, to be run by a click."""
    question = f"没有“/{command.typed}”这个命令，您是不是想要："
    choices = [(f"/{name}（{_NAMES[name]}）", f"/{name}") for name in command.nearest]
    return [SendCard(ctx.chat, choice_card(question, choices), f"choice:{ctx.user.id}")]



def _run(label: str, command: str) -> Button:
    return Button(label, CommandRun(command).encode())


CLICKS: dict[type[Action], ClickHandler] = {}
COMMANDS: dict[str, CommandHandler] = {"help": help_}
