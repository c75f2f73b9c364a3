"""The documentation says what the code does: every key, command, job, card, call and metric has its entry."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel, SecretStr

import cards
from bot import metrics
from bot.config import Settings, load
from cards.model import Card
from intents.commands import DEFAULT_COMMANDS
from main import parser
from sales.exchange.sheets import SHEETS
from scheduler.jobs import all_jobs
from scheduler.model import Due
from web.api import OPERATIONS

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config.example.toml"
NOT_OURS = {".venv", ".git", "data", "node_modules", ".pytest_cache"}
LARGEST_IMAGE = 200_000


def doc(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip()[1:-1].split("|")]


# --- configuration -----------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A default as TOML would have it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def defaults() -> dict[str, Any]:
    """Every key, dotted, with its default."""
    found: dict[str, Any] = {}
    fresh = Settings.model_construct()
    for name in Settings.model_fields:
        value = getattr(fresh, name)
        if isinstance(value, BaseModel):
            found |= {f"{name}.{key}": plain(getattr(value, key)) for key in type(value).model_fields}
        else:
            found[name] = plain(value)
    return found


def uncommented() -> str:
    """The example with all its defaults in force: `#key` is a setting, `# words` is an explanation."""
    return re.sub(r"^#(?=[^ #])", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def stated_in_example() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tomllib.loads(uncommented()).items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            found[name] = value
    return found


def stated_in_table() -> dict[str, str]:
    """Keys of the configuration's tables with the default as it stands there."""
    return {cells[0].strip("`"): cells[1] for cells in rows(doc("configuration.md")) if cells[0].startswith("`")}


def test_the_example_loads_as_it_stands() -> None:
    assert load(EXAMPLE) == load(None)


def test_the_example_states_every_key_with_its_default(tmp_path: Path) -> None:
    whole = tmp_path / "config.toml"
    whole.write_text(uncommented(), encoding="utf-8")
    load(whole)
    assert stated_in_example() == defaults()


def test_every_key_of_the_example_is_explained() -> None:
    """By a line above it; the entries of a table by the line above the table."""
    unexplained, above, in_table = [], "", False
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        in_table = bool(re.match(r"#\[\w+\.\w+\]", line)) or (in_table and bool(line.strip()))
        if re.match(r"#[a-z_]+ =", line) and not in_table and not above.startswith("# "):
            unexplained.append(line)
        above = line
    assert unexplained == []


def test_the_table_of_the_configuration_is_complete() -> None:
    stated = stated_in_table()
    assert stated.keys() == defaults().keys()
    for key, value in defaults().items():
        if stated[key] != "see below":
            assert tomllib.loads(f"value = {stated[key].strip('`')}")["value"] == value, key


def test_the_default_keywords_are_listed() -> None:
    text = doc("configuration.md")
    for rule, words in defaults()["keywords.rules"].items():
        assert f"{rule} ({'、'.join(words)})" in text.replace("\n", " ")


# --- commands, jobs, cards ---------------------------------------------------------------------------------------


def command_parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command of the command line, `admin bind` and the like included."""
    pending = [("", parser(None))]
    while pending:
        name, found = pending.pop()
        inner = [action for action in found._actions if isinstance(action, argparse._SubParsersAction)]
        for action in inner:
            pending += [(f"{name} {word}".strip(), sub) for word, sub in action.choices.items()]
        if name and not inner:
            yield name, found


def test_every_command_of_the_command_line_has_a_section() -> None:
    sections = dict(re.findall(r"^### `([^`]+)`\n(.*?)(?=^#|\Z)", doc("commands.md"), re.M | re.S))
    found = dict(command_parsers())
    assert sections.keys() == found.keys()
    for name, command in found.items():
        options = {option for action in command._actions for option in action.option_strings if option.startswith("--")}
        missing = {option for option in options - {"--help", "--config"} if f"{option}" not in sections[name]}
        assert not missing, f"{name}: {missing}"


def test_every_chat_command_has_a_row_with_its_names() -> None:
    stated = {cells[0]: cells[1] for cells in rows(doc("commands.md")) if cells[0].startswith("`/")}
    assert stated == {f"`/{spec.name}`": "、".join(spec.aliases) for spec in DEFAULT_COMMANDS}


def test_every_job_has_a_row_with_its_kind() -> None:
    stated = {cells[0].strip("`"): cells[1] for cells in rows(doc("jobs.md")) if cells[0].startswith("`")}
    jobs = {job.name: "Due" if isinstance(job, Due) else "Cron" for job in all_jobs(Settings.model_construct())}
    assert stated == jobs


def card_builders() -> set[str]:
    """The public functions under `cards/` that make a card."""
    found = set()
    for module in pkgutil.iter_modules(cards.__path__, "cards."):
        if module.ispkg or module.name in ("cards.model", "cards.actions"):
            continue
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            made = inspect.signature(function, eval_str=True).return_annotation
            if made is Card and function.__module__ == module.name and not name.startswith("_"):
                found.add(f"{module.name}.{name}")
    return found


def test_every_card_builder_has_a_row() -> None:
    stated = {cells[0].strip("`") for cells in rows(doc("cards.md")) if cells[0].startswith("`")}
    assert stated == card_builders()


# --- the outside -------------------------------------------------------------------------------------------------


def test_every_call_of_the_api_has_a_row() -> None:
    stated = {cells[0].strip("`") for cells in rows(doc("api.md")) if re.match(r"`[A-Z]+ /", cells[0])}
    assert stated == {f"{one.method} {one.path}" for one in OPERATIONS}


def test_every_query_parameter_of_the_api_is_named() -> None:
    text = doc("api.md")
    names = {name for one in OPERATIONS if one.query for name in one.query.model_fields}
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_sheet_is_described_column_by_column() -> None:
    stated = {cells[0].strip("`"): cells[2] for cells in rows(doc("import.md")) if len(cells) == 3}
    for what, sheet in SHEETS.items():
        columns = ", ".join(f"**{one.title}**" if one.required else one.title for one in sheet.columns)
        assert stated[what] == columns, what


def test_every_metric_has_a_row_with_its_labels() -> None:
    stated = {cells[0].strip("`"): cells[1] for cells in rows(doc("operations.md")) if cells[0].startswith("`gendan_")}
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            described = next(iter(metric.describe()))
            suffix = "_total" if described.type == "counter" else ""
            found[described.name + suffix] = ", ".join(metric._labelnames)
    assert stated == found


def test_examples_of_json_are_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", doc("api.md"), re.S)
    assert blocks
    for block in blocks:
        json.loads(block)


# --- links -------------------------------------------------------------------------------------------------------


def documents() -> list[Path]:
    return [path for path in ROOT.rglob("*.md") if not NOT_OURS & set(path.relative_to(ROOT).parts)]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    heads = re.findall(r"^#+ +(.+)$", re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def links(path: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / unquote(file)).resolve() if file else path
        if not target.exists() or (anchor and unquote(anchor) not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_picture_is_shown_and_small() -> None:
    shown = {(path.parent / link).resolve() for path in documents() for link in links(path) if link.endswith(".png")}
    pictures = set((ROOT / "docs" / "images").glob("*.png"))
    assert pictures == shown
    assert {path.name for path in pictures if path.stat().st_size > LARGEST_IMAGE} == set()


def test_every_document_is_reached_from_the_readmes() -> None:
    seen, pending = set[Path](), [ROOT / "README.md"]
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            targets = [(path.parent / link.partition("#")[0]).resolve() for link in links(path) if ":" not in link]
            pending += [target for target in targets if target.suffix == ".md"]
    assert set((ROOT / "docs").rglob("*.md")) - seen == set()
