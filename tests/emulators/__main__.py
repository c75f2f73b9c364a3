"""`python -m tests.emulators wecom --port 9100 --callback http://127.0.0.1:8080/wecom/callback`

Prints the `[wecom]` settings to put into the bot's environment, verifies the callback, then plays the members:
`wang 见了华昌的张总` says it, `wang !确认` presses a button of the newest card, `wang @note.amr` sends a file.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from cli.base import say
from tests.emulators.wecom import WecomEmulator
from tests.emulators.wecom_push import NotConnected, Push
from tests.emulators.wecom_screen import Shown

CONNECT_EVERY_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators", description="messengers to test against")
    parser.add_argument("platform", choices=["wecom"])
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--callback", default="http://127.0.0.1:8080/wecom/callback")
    args = parser.parse_args()
    try:
        asyncio.run(play(args.port, args.callback))
    except KeyboardInterrupt:
        say("bye")


async def play(port: int, callback: str) -> None:
    """Serve until standard input ends."""
    wecom = WecomEmulator()
    wecom.on_show = show
    await wecom.start(port)
    try:
        for name, value in wecom.settings.model_dump(exclude_defaults=True).items():
            plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
            say(f"export GENDAN_WECOM__{name.upper()}={str(plain).lower() if plain is True else plain}")
        await connect(wecom, callback)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await act(wecom, line.strip())
    finally:
        await wecom.stop()


async def connect(wecom: WecomEmulator, callback: str) -> None:
    """Until the bot is there."""
    while True:
        try:
            await wecom.connect(callback)
        except NotConnected:
            await asyncio.sleep(CONNECT_EVERY_S)
        else:
            say(f"connected to {callback}")
            return


async def act(wecom: WecomEmulator, line: str) -> None:
    """One line of a member's: words, `!button`, `@file`, `>` to enter the app."""
    user, _, what = line.partition(" ")
    if not what:
        return
    try:
        push = await _push(wecom, user, what)
    except (AssertionError, OSError) as error:
        say(f"?? {error}")
        return
    if not push.acked:
        say(f"!! not acknowledged after {push.tries} tries: {push.status}")


async def _push(wecom: WecomEmulator, user: str, what: str) -> Push:
    if what == ">":
        return await wecom.enter(user)
    if what.startswith("!"):
        cards = [shown for shown in wecom.screens[user].messages if shown.kind == "card"]
        assert cards, f"{user} has no card"
        return await wecom.click(user, cards[-1], what[1:])
    if what.startswith("@"):
        path = Path(what[1:])
        data = await asyncio.to_thread(path.read_bytes)
        return await (wecom.voice(user, data) if data[:5] == b"#!AMR" else wecom.file(user, path.name, data))
    return await wecom.say(user, what)


def show(shown: Shown) -> None:
    """A message as a member sees it."""
    if shown.kind == "text":
        say(f"[{shown.user}] {shown.text}")
        return
    fields = "".join(f"\n    {name}: {value}" for name, value in shown.fields.items())
    buttons = f"<{shown.closed}>" if shown.closed else " ".join(f"[{label}]" for label in shown.buttons)
    parts = (shown.title, shown.note, shown.body)
    say(f"[{shown.user}] ▣ {' | '.join(part for part in parts if part)}{fields}\n    {buttons}")


if __name__ == "__main__":
    main()
