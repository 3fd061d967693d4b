"""The way a report took through its SOP, as a picture of the very version that runs it."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from app.db.models import SopVersion
from app.db.queries.history import events_of
from app.engine.drawing import draw
from app.engine.runner import inspect
from app.services import sop_versions
from app.services.tracking import main_instance
from app.services.versions_run import Versions


def drawn_way(session: Session, report_id: uuid.UUID) -> str:
    """SVG of the main SOP with what was passed and where it stands; empty where there is nothing to draw."""
    instance = main_instance(session, report_id)
    version = None if instance is None else session.get(SopVersion, instance.sop_version_id)
    if instance is None or version is None:
        return ""
    compiled = sop_versions.compiled(session, instance.sop_version_id)
    done: set[str] = set()
    flows: set[str] = set()
    events = events_of(session, instance.stream_id)
    # A flow's number counts within the version that ran at the time.
    versions = Versions(session, {compiled.key: compiled}, events)
    for event in events:
        if versions.pass_(event):
            done |= {new for old, new in event.data.get("petaan", {}).items() if old in done}
        ran = versions.ran[compiled.key]
        for step in event.data.get("jalan", ()):
            if isinstance(step, str):
                done.add(step)
                continue
            _process, flow, source, target = ran.flows[step]
            flows.add(flow)
            done |= {source, target}
        if event.type == "ReportClosed":
            # What comes after it belongs to SOPs that were started beside the main one.
            break
    current: frozenset[str] = frozenset()
    if instance.state is not None:
        current = frozenset(inspect(compiled, instance.state).tokens)
    xml = version.files[version.main_file].encode("utf-8")
    return draw(xml, process=instance.sop_key, done=done, current=current, flows_done=flows)
