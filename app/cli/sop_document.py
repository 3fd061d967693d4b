"""`flask sop document`: the printed SOP of the version in force, as PDF or as HTML by the file's ending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.adapters import clock
from app.cli.sop_files import FileUnreadable, read_source
from app.domain.errors import CityError
from app.engine.compiled import Source
from app.extensions import db
from app.services import sop_versions
from app.services.sop_document import NothingToPrint, document_html, document_pdf


@click.command("document")
@click.argument("key")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="Berkas .pdf, atau .html.")
@click.option("--version", type=int, default=None, help="Tanpa ini: yang berlaku.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path),
              help="Dari berkas ini, tanpa basis data; dapat diulang.")
@with_appcontext
def command(key: str, output: Path, version: int | None, files: tuple[Path, ...]) -> None:
    """Tulis dokumen SOP (PermenPANRB 35/2012) dari versi yang berjalan."""
    try:
        number, sources = (version, [read_source(path) for path in files]) if files else _kept(key, version)
        content = _made(sources, key, number, output)
    except FileUnreadable as unreadable:
        raise click.ClickException(unreadable.finding.message) from None
    except (CityError, NothingToPrint) as refused:
        raise click.ClickException(getattr(refused, "text", str(refused))) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"Basis data tidak dapat dipakai: {str(error).splitlines()[0]}") from None
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{output} tidak dapat ditulis: {error.strerror}.") from None
    click.echo(str(output))


def _kept(key: str, version: int | None) -> tuple[int, list[Source]]:
    """Number and files of a published version."""
    now = clock.now()
    with db.connection.sessions() as session:
        number = version if version is not None else sop_versions.number_in_force(session, key, now)
        files = sop_versions.files_of(session, key, number, now)
    return number, [Source(name, text.encode("utf-8")) for name, text in files.items()]


def _made(sources: Sequence[Source], key: str, version: int | None, output: Path) -> bytes:
    if output.suffix.lower() in {".html", ".htm"}:
        return document_html(sources, key, version=version).encode("utf-8")
    return document_pdf(sources, key, version=version)
