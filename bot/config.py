"""Typed settings: `config.toml`, overridden by `GENDAN_<SECTION>__<KEY>` environment variables.

An unknown key is a fault that names the key and its line; nothing is ignored in silence.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class ConfigError(Exception):
    """The configuration cannot be used; the message says what to mend, one fault a line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebSettings(_Section):
    """`public_url` is where links in chat lead; they are good for `link_minutes`.

    `secret_key` signs them; when it is empty, one is made and kept in the database.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    secret_key: SecretStr = SecretStr("")
    link_minutes: int = Field(default=60, ge=1, le=1440)
    api_tokens: dict[str, str] = Field(
        default_factory=dict, description="token -> user name, besides those of `main.py admin token`"
    )
    max_upload_mb: int = Field(default=20, ge=1, le=100)

    @field_validator("public_url")
    @classmethod
    def _leads_somewhere(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
            raise PydanticCustomError("address", "应为完整的网址，例如 https://gendan.example.com")
        return url


class DatabaseSettings(_Section):
    """`url` empty means SQLite in the data directory. `retry_s`: how long to wait for a database that is down."""

    url: SecretStr = SecretStr("")
    pool_size: int = Field(default=8, ge=2, le=100)
    retry_s: float = Field(default=30, ge=0)


class PlatformSettings(_Section):
    """What the section of every messenger has."""

    enabled: bool = False


class WecomSettings(PlatformSettings):
    """`stale_s`: how old a callback may be. `callback_s`: its body must be here by then (WeCom waits 5 s).

    `timeout_s` is for one call of the API, `media_timeout_s` for one download.
    """

    corp_id: str = ""
    agent_id: int = 0
    secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    base_url: str = "https://qyapi.weixin.qq.com"
    mode: Literal["app"] = "app"
    stale_s: int = Field(default=300, ge=30, le=3600)
    callback_s: float = Field(default=4, gt=0, le=5)
    timeout_s: float = Field(default=8, gt=0, le=60)
    media_timeout_s: float = Field(default=60, gt=0, le=600)


class LocalSettings(PlatformSettings):
    host: str = ""
    force: bool = False
    token: SecretStr = SecretStr("")


class SpeechSettings(_Section):
    """`model` is `base` (installed by `make run`) or a folder with a CTranslate2 Whisper model."""

    engine: Literal["faster-whisper", "openai-whisper"] = "faster-whisper"
    model: str = "base"
    threads: int = Field(default=2, ge=1, le=64)
    workers: int = Field(default=1, ge=1, le=16)
    max_seconds: int = Field(default=300, ge=5, le=3600)


class DispatchSettings(_Section):
    """`max_attempts` before an event becomes a dead letter; waits double from `retry_s` to `retry_max_s`."""

    max_attempts: int = Field(default=5, ge=1, le=50)
    retry_s: float = Field(default=2, gt=0)
    retry_max_s: float = Field(default=300, gt=0)
    poll_s: float = Field(default=0.5, gt=0)
    lease_s: float = Field(default=20, gt=1)
    send_attempts: int = Field(default=12, ge=1)
    parallel_sends: int = Field(default=16, ge=1, le=256)
    parallel_media: int = Field(default=4, ge=1, le=64)
    drain_s: float = Field(default=20, gt=0)
    keep_raw_days: int = Field(default=30, ge=1)


class KeywordSettings(_Section):
    """Words of customers in a group that make a hot lead, by rule."""

    rules: dict[str, list[str]] = Field(
        default_factory=lambda: {
            "价格": ["价格", "价钱", "多少钱", "怎么卖", "报价", "报个价", "什么价"],
            "样品": ["样品", "样板", "打样", "试样"],
            "合同": ["签合同", "合同怎么", "发合同"],
            "试用": ["试用", "演示", "demo"],
        }
    )
    accept_minutes: int = Field(default=5, ge=1, le=240)
    responses: int = Field(default=3, ge=1, le=20, description="how many of the last responses make the mean")
    merge_hours: int = Field(default=24, ge=0)


class FollowupSettings(_Section):
    """Hours a step of each touchpoint may take, and how long after its due time the manager hears of it.

    `remind_again_hours`: how long after 提醒 the manager hears again of a step that is still open. `extend_days`: the
    time that 延期 gives unless a day is chosen. `reply_hours`: how long a manager's words such as 提醒他 still refer to
    the alert on the screen.
    """

    step_hours: dict[str, int] = Field(
        default_factory=lambda: {
            "first_contact": 24,
            "needs_confirmed": 72,
            "solution_demo": 120,
            "objection_handling": 72,
            "closing_prep": 120,
        }
    )
    grace_minutes: int = Field(default=0, ge=0)
    remind_again_hours: int = Field(default=48, ge=1, le=720)
    extend_days: int = Field(default=2, ge=1, le=60)
    reply_hours: int = Field(default=24, ge=1, le=720)


class ForecastSettings(_Section):
    """When each rep gets the weekly forecast card: `weekday` 1 is Monday."""

    weekday: int = Field(default=4, ge=1, le=7)
    hour: int = Field(default=15, ge=0, le=23)
    stage_probability: dict[str, int] = Field(
        default_factory=lambda: {
            "first_contact": 10,
            "needs_confirmed": 25,
            "solution_demo": 45,
            "objection_handling": 60,
            "closing_prep": 85,
        }
    )


class CommitmentSettings(_Section):
    """Minutes after a promise's deadline when the manager is alerted, and before it when the rep is warned."""

    alert_after_minutes: int = Field(default=15, ge=0)
    warn_before_minutes: int = Field(default=120, ge=0)


class QuietHours(_Section):
    """Alerts that can wait are held back between `start` and `end` (local hours)."""

    start: int = Field(default=21, ge=0, le=23)
    end: int = Field(default=8, ge=0, le=23)


class ReminderSettings(_Section):
    """Buttons of a to-do's card: minutes to snooze; `morning_hour` when `明早` rings."""

    snooze_minutes: int = Field(default=60, ge=5)
    morning_hour: int = Field(default=9, ge=0, le=23)


class PeopleSettings(_Section):
    """How long a one-time code is good for, and how many wrong ones a sender may try within an hour."""

    code_hours: int = Field(default=72, ge=1, le=24 * 30)
    wrong_codes: int = Field(default=5, ge=1, le=100)


class RecordSettings(_Section):
    """`amend_hours`: how long a reply such as 不对，是周四 still refers to the last record, and a file to its customer.

    `list_size`: how many to-dos or leads one card lists.
    """

    amend_hours: int = Field(default=24, ge=1, le=720)
    list_size: int = Field(default=8, ge=1, le=20)


class Settings(BaseSettings):
    """All settings. Build it with `load`."""

    model_config = SettingsConfigDict(env_prefix="GENDAN_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("data")
    timezone: str = "Asia/Shanghai"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    web: WebSettings = WebSettings()
    database: DatabaseSettings = DatabaseSettings()
    wecom: WecomSettings = WecomSettings()
    local: LocalSettings = LocalSettings()
    speech: SpeechSettings = SpeechSettings()
    dispatch: DispatchSettings = DispatchSettings()
    keywords: KeywordSettings = KeywordSettings()
    followup: FollowupSettings = FollowupSettings()
    forecast: ForecastSettings = ForecastSettings()
    commitments: CommitmentSettings = CommitmentSettings()
    quiet_hours: QuietHours = QuietHours()
    reminders: ReminderSettings = ReminderSettings()
    records: RecordSettings = RecordSettings()
    people: PeopleSettings = PeopleSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @classmethod
    def platform_names(cls) -> list[str]:
        """The messengers that this version knows."""
        sections = ((name, field.annotation) for name, field in cls.model_fields.items())
        return [name for name, kind in sections if isinstance(kind, type) and issubclass(kind, PlatformSettings)]

    @property
    def database_url(self) -> str:
        return self.database.url.get_secret_value() or f"sqlite+aiosqlite:///{self.data_dir / 'gendan.db'}"


def load(path: Path | None) -> Settings:
    """Settings from `path` (none: defaults) and the environment. Raises `ConfigError`."""
    text = _read(path)
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: 不是有效的 TOML：{error}") from error
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(fault, text, path) for fault in error.errors())) from error


def _read(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: 读不了配置文件：{error}") from error


def _explain(fault: Any, text: str, path: Path | None) -> str:
    keys = [str(part) for part in fault["loc"]]
    line = _line_of(keys, text)
    where = f"{path} 第 {line} 行" if line else f"环境变量 GENDAN_{'__'.join(keys).upper()}"
    dotted = ".".join(keys)
    if fault["type"] == "extra_forbidden":
        return f"{where}: 未知的配置项 {dotted}"
    return f"{where}: {dotted} 的值不对：{fault['msg']}"


def _line_of(keys: list[str], text: str) -> int | None:
    """The line that sets `keys`, by the table header above it; the header itself for an unknown table."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if table == keys:
                return number
        elif (entry := re.match(r"\s*([\w\-\"'.]+)\s*=", line)) and _is_prefix(
            table + [part.strip("\"'") for part in entry[1].split(".")], keys
        ):
            return number
    return None


def _is_prefix(found: list[str], keys: list[str]) -> bool:
    return (keys[: len(found)] == found and len(found) >= min(len(keys), 2)) or found == keys[:1]
