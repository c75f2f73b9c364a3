"""Whether the app is set up right: what `check` prints about WeCom, one Chinese line each."""

from __future__ import annotations

import re

from bot.clock import Clock
from bot.config import WecomSettings
from bot.platform import PlatformError
from bot.wecom.client import WecomClient

Line = tuple[bool, str]

_REASONS = {
    "40001": "secret 不对：请到管理后台「应用管理 → 该应用」复制 Secret，填到 wecom.secret",
    "40013": "corp_id 不对：请到管理后台「我的企业 → 企业信息」复制企业 ID，填到 wecom.corp_id",
    "40056": "agent_id 不对：请到管理后台「应用管理 → 该应用」复制 AgentId，填到 wecom.agent_id",
    "301002": "agent_id 与 secret 不是同一个应用的，请核对 wecom.agent_id 和 wecom.secret",
    "48002": "应用没有调用接口的权限，请在管理后台检查该应用是否启用、可见范围是否为空",
    "45009": "调用太频繁，被企业微信暂时限制；请一小时内不要再试，先核对 wecom.secret",
    "network": "连不上企业微信，请检查网络、代理和 wecom.base_url",
}


async def run(settings: WecomSettings, client: WecomClient, clock: Clock) -> list[Line]:
    """Settings first, then the token, then the app itself, then the clock; later steps need the earlier ones."""
    if missing := [name for name in ("corp_id", "agent_id", "secret", "token") if not _filled(settings, name)]:
        return [(False, f"企业微信：缺少配置 {'、'.join(f'wecom.{name}' for name in missing)}")]
    try:
        await client.fetch_token()
        agent = await client.agent()
        clock_line = await _clock(settings, client, clock)
    except PlatformError as error:
        return [(False, f"企业微信：{_explain(error)}")]
    name = agent.get("name", "")
    if agent.get("close"):
        return [(False, f"企业微信：应用「{name}」已停用，请在管理后台启用")]
    return [(True, f"企业微信：应用「{name}」可用，密钥和本机 IP 都没问题"), *clock_line]


async def _clock(settings: WecomSettings, client: WecomClient, clock: Clock) -> list[Line]:
    """A line when callbacks are refused, or soon would be, since this machine's clock is wrong."""
    theirs = await client.server_time()
    ahead = clock.epoch() - theirs.timestamp() if theirs else 0.0
    if abs(ahead) < settings.stale_s / 2:
        return []
    wrong = f"{'快' if ahead > 0 else '慢'}了 {abs(ahead):.0f} 秒"
    return [(False, f"企业微信：本机时钟{wrong}，相差超过 {settings.stale_s} 秒的回调会被拒绝；请打开自动校时（NTP）")]


def _filled(settings: WecomSettings, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value if isinstance(value, str | int) else value.get_secret_value())


def _explain(error: PlatformError) -> str:
    if error.code == "60020":
        found = re.search(r"from ip: ?([0-9a-fA-F.:]+)", str(error))
        address = found[1] if found else "本机的公网 IP"
        return (
            f"本机 IP 不在可信名单里（60020）：请到管理后台「应用管理 → 该应用 → 企业可信IP」加上 {address}，"
            "约 1 分钟后生效"
        )
    return f"{_REASONS.get(error.code, str(error))}（{error.code}）"
