"""The weekly forecast as reps and managers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.config import Settings
from cards import wording
from cards.forecasts import DealView, ForecastView
from cards.forecasts import team_card as card_of_team
from cards.model import Card
from sales.forecast import amount, week_name, weighted
from storage.crm import Forecast, Opportunity
from storage.people import User
from storage.uow import UnitOfWork

_Deals = Sequence[tuple[Opportunity, str]]


def subject(user_id: int, week: date) -> str:
    """By which a rep's card of a week is found again."""
    return f"forecast:{user_id}:{week_name(week)}"


async def forecast_view(uow: UnitOfWork, user_id: int, week: date, settings: Settings) -> ForecastView:
    """One rep's pipeline and numbers."""
    deals = await uow.forecasts.pipeline([user_id])
    return _view(week, deals, await uow.forecasts.of(user_id, week), settings.forecast.stage_probability)


async def team_card(uow: UnitOfWork, reps: Sequence[User], week: date, settings: Settings) -> Card:
    """A line each rep, and the sums."""
    ids = [rep.id for rep in reps]
    deals, rows = await uow.forecasts.pipeline(ids), await uow.forecasts.of_week(ids, week)
    probability = settings.forecast.stage_probability
    lines = [
        (rep.name, _view(week, [deal for deal in deals if deal[0].owner_id == rep.id], rows.get(rep.id), probability))
        for rep in reps
    ]
    expected = sum((row.expected or Decimal(0) for row in rows.values()), Decimal(0))
    commit = sum((row.commit or Decimal(0) for row in rows.values()), Decimal(0))
    sums = (
        ("合计预计", wording.wan(expected)),
        ("合计确保签约", wording.wan(commit)),
        ("合计加权", wording.wan(weighted((deal for deal, _ in deals), probability))),
    )
    return card_of_team(week_name(week), lines, sums)


def _view(week: date, deals: _Deals, row: Forecast | None, probability: Mapping[str, int]) -> ForecastView:
    return ForecastView(
        week=week_name(week),
        deals=tuple(_deal(deal, customer, probability) for deal, customer in deals),
        total=wording.wan(sum((amount(deal) for deal, _ in deals), Decimal(0))),
        weighted=wording.wan(weighted((deal for deal, _ in deals), probability)),
        expected=_wan(row.expected if row else None),
        commit=_wan(row.commit if row else None),
    )


def _deal(deal: Opportunity, customer: str, probability: Mapping[str, int]) -> DealView:
    worth = wording.wan(deal.amount) if deal.amount is not None else "金额待定"
    return DealView(customer, worth, wording.stage(deal.stage), probability.get(deal.stage, 0))


def _wan(value: Decimal | None) -> str:
    return wording.wan(value) if value is not None else ""
