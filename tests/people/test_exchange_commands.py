"""`import` and `export` from file to file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.people.conftest import Command

Printed = pytest.CaptureFixture[str]


def write(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_text(text, encoding=encoding)
    return str(path)


async def test_in_and_out_and_in_again(command: Command, tmp_path: Path, capsys: Printed) -> None:
    users = write(tmp_path / "users.csv", "姓名,角色,团队\n王磊,销售,华东一组\n", "gbk")
    customers = write(tmp_path / "customers.csv", "客户名称,负责人,联系人\n=华昌,王磊,张工:+8613800000000\n")
    assert await command("import", "users", users) == 0
    assert await command("import", "customers", customers) == 0
    assert "客户导入完成：新增 1，更新 0，未变 0" in capsys.readouterr().out
    for name in ("out.csv", "out.xlsx"):
        assert await command("export", "customers", str(tmp_path / name)) == 0
        assert await command("import", "customers", str(tmp_path / name)) == 0
        assert "新增 0，更新 0，未变 1" in capsys.readouterr().out


async def test_faults_stand_in_a_file_beside_it_until_all_is_well(
    command: Command, tmp_path: Path, capsys: Printed
) -> None:
    file, report = tmp_path / "customers.csv", tmp_path / "customers.csv.faults.csv"
    write(file, "客户名称,负责人\n华昌电子,=王二\n,\n恒瑞机械,\n恒瑞机械,\n")
    assert await command("import", "customers", str(file)) == 1
    assert "共 1 处问题，一行也没有导入" in capsys.readouterr().out
    assert report.read_text("utf-8-sig").splitlines() == [
        "行,列,内容,问题",
        "2,负责人,'=王二,没有这个员工，请先导入员工",
    ]
    write(file, "客户名称\n华昌电子\n恒瑞机械\n")
    assert await command("import", "customers", str(file)) == 0
    assert not await asyncio.to_thread(report.exists)


async def test_an_empty_file(command: Command, tmp_path: Path, capsys: Printed) -> None:
    assert await command("import", "orders", write(tmp_path / "orders.csv", "")) == 1
    assert "缺少必需的列：订单号" in capsys.readouterr().out
