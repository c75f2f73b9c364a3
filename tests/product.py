"""The product as its users run it: a process of its own, started, watched and killed by tests and benchmarks."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from aiohttp import ClientError, ClientSession
from pydantic import SecretStr
from sqlalchemy import text

from bot.config import WecomSettings
from storage.crm import Customer
from storage.db import Database
from storage.migrate import upgrade
from storage.people import Identity, Role, Team, User

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """`main.py run` on one database. `environment` overrides the configuration."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str], *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self._log = data_dir / f"product-{self.port}.log"
        own = {"GENDAN_DATA_DIR": str(data_dir), "GENDAN_WEB__PORT": str(self.port), "GENDAN_DISPATCH__LEASE_S": "2"}
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("GENDAN_")}
        self._environment = inherited | own | dict(environment)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, timeout_s: float = 30) -> float:
        """Start and wait until it is ready. Returns the seconds that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        with self._log.open("ab") as log:
            command = (sys.executable, "main.py", "run", *self._options)
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        async with ClientSession() as http:
            while not await self._ready(http):
                if self._process.returncode is not None or loop.time() - began > timeout_s:
                    raise AssertionError(f"the product did not start:\n{self.log()[-3000:]}")
                await asyncio.sleep(0.02)
        return loop.time() - began

    async def _ready(self, http: ClientSession) -> bool:
        try:
            async with http.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except ClientError:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM: drain, then stop. Returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(number)
        code = await self._process.wait()
        self._process = None
        return code

    def memory_mb(self) -> float:
        """Resident memory of the process itself, without its workers, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def wecom_environment(settings: WecomSettings) -> dict[str, str]:
    """The environment that makes the product use an emulator's `WecomSettings`."""
    values = {name: getattr(settings, name) for name in WecomSettings.model_fields}
    return {
        f"GENDAN_WECOM__{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }


async def seed_reps(url: str, count: int, platform: str, now: datetime) -> list[str]:
    """A database with its tables, one team, so many reps and one customer. Returns the reps' ids on `platform`."""
    db = Database(url)
    await upgrade(db)
    async with db.write() as session:
        session.add(Team(id=1, name="华东一组"))
        await session.flush()
        for number in range(1, count + 1):
            session.add(User(id=number, name=f"销售{number}", role=Role.REP, team_id=1, created_at=now))
        await session.flush()
        for number in range(1, count + 1):
            session.add(Identity(platform=platform, external_id=f"u{number}", user_id=number))
        session.add(Customer(name="华昌电子", owner_id=1, team_id=1, created_at=now))
        if not db.is_sqlite:
            await session.flush()
            await session.execute(text("SELECT setval('users_id_seq', (SELECT max(id) FROM users))"))
            await session.execute(text("SELECT setval('teams_id_seq', 1)"))
    await db.close()
    return [f"u{number}" for number in range(1, count + 1)]
