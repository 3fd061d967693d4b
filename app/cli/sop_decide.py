"""`flask sop decide`: ask one decision table, without a database."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import click
from flask import current_app

from app.adapters import clock
from app.adapters.holidays import default_calendar
from app.cli.sop_files import FileUnreadable, read_source
from app.engine.decisions import Decision, DecisionError, DecisionInvalid, compile_dmn, decide
from app.engine.functions import standard_functions
from app.engine.step import Tools


class DataUnreadable(ValueError):
    """The data on the command line are not one JSON object; the text says why, in Indonesian."""


@click.command("decide")
@click.argument("file")
@click.argument("data")
@click.option("--json", "as_json", is_flag=True, help="Cetak jawaban sebagai JSON.")
def command(file: str, data: str, as_json: bool) -> None:
    """Tanya satu tabel keputusan: FILE.dmn '{"kategori": "jalan"}'."""
    try:
        table = compile_dmn(read_source(file))
        calendar = default_calendar(current_app.extensions["tuntas"].city.zone)
        functions = standard_functions(Tools(now=clock.now(), calendar=calendar))
        answer = decide(table, read_data(data), functions)
    except DecisionInvalid as invalid:
        _refuse(*(f"{finding.message} {finding.repair}" for finding in invalid.findings))
    except (FileUnreadable, DecisionError, DataUnreadable) as error:
        _refuse(str(error))
    for line in _lines(answer, as_json):
        click.echo(line)


def read_data(text: str) -> dict[str, Any]:
    """One JSON object without NaN or infinity. Raises `DataUnreadable`."""
    try:
        data = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DataUnreadable(f"Data bukan JSON yang benar: {error}") from error
    if not isinstance(data, dict):
        raise DataUnreadable('Data harus satu objek JSON, misalnya {"kategori": "jalan"}.')
    return data


def _lines(answer: Decision, as_json: bool) -> list[str]:
    if as_json:
        told = {"outputs": answer.outputs, "rows": list(answer.rows), "policy": answer.policy}
        return [json.dumps(told, ensure_ascii=False)]
    rows = f"baris {', '.join(map(str, answer.rows))}" if answer.rows else "nilai bawaan"
    results = answer.outputs if isinstance(answer.outputs, list) else [answer.outputs]
    pairs = [pair for one in results for pair in one.items()]
    return [f"{answer.policy}, {rows}", *(f"{n} = {json.dumps(v, ensure_ascii=False)}" for n, v in pairs)]


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} bukan angka")


def _refuse(*texts: str) -> NoReturn:
    for text in texts:
        click.echo(text, err=True)
    sys.exit(1)
