"""What an `expect` step compares, one sentence for each difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.engine.step import Json, OpenTask, Position


def differences(
    wanted: Mapping[str, Json],
    position: Position,
    status: str,
    units: Mapping[str, str | None],
    sent: Sequence[tuple[str, str]],
    zone: ZoneInfo,
) -> list[str]:
    """Every difference between what a scenario expects and where the SOP stands, in Indonesian."""
    found: list[str] = []
    if "open" in wanted:
        found += _open(wanted["open"], position.open)
    if wanted.get("status", status) != status:
        found.append(f"Status seharusnya “{wanted['status']}”; ternyata “{status}”.")
    for name, role in wanted.get("roles", {}).items():
        found += _compare(name, "Peran", _list(role), position, lambda task: _role(task, units), _same_role)
    for name, due in wanted.get("due", {}).items():
        found += _compare(
            name, "Batas waktu", _list(due), position, lambda task: _moment(task.due, zone), _same_moment
        )
    for pair in wanted.get("sent", ()):
        if pair not in sent:
            told = ", ".join(f"[{to}, {message}]" for to, message in sent) or "belum ada"
            found.append(f"Pesan [{pair[0]}, {pair[1]}] seharusnya sudah terkirim; yang terkirim: {told}.")
    return found


def _open(wanted: Iterable[str], tasks: Iterable[OpenTask]) -> list[str]:
    left = sorted(wanted)
    extra = []
    for task in sorted(tasks, key=lambda task: task.element):
        name = next((one for one in (task.element, f"{task.process}/{task.element}") if one in left), None)
        if name is None:
            extra.append(task.element)
        else:
            left.remove(name)
    if not left and not extra:
        return []
    parts = []
    if left:
        parts.append(f"tidak terbuka: {', '.join(left)}")
    if extra:
        parts.append(f"terbuka padahal tidak diharapkan: {', '.join(extra)}")
    return [f"Daftar tugas terbuka berbeda; {'; '.join(parts)}."]


def _compare(
    name: str,
    noun: str,
    wanted: list[str],
    position: Position,
    read: Callable[[OpenTask], str],
    same: Callable[[str, str], bool],
) -> list[str]:
    """Compare what `read` finds on every open task of that name; one wanted value stands for all of them."""
    tasks = [task for task in position.open if name in (task.element, f"{task.process}/{task.element}")]
    if not tasks:
        return [f"{noun} “{name}” tidak dapat dibandingkan: tugas itu tidak terbuka."]
    actual = sorted(read(task) for task in tasks)
    if len(wanted) == 1:
        wanted = wanted * len(actual)
    if len(wanted) == len(actual) and all(
        same(one, is_) for one, is_ in zip(sorted(wanted), actual, strict=True)
    ):
        return []
    return [f"{noun} “{name}” seharusnya {', '.join(wanted)}; ternyata {', '.join(actual)}."]


def _role(task: OpenTask, units: Mapping[str, str | None]) -> str:
    unit = units.get(task.id)
    return f"{task.role}@{unit}" if unit else task.role


def _same_role(wanted: str, actual: str) -> bool:
    """`operator_opd` alone asks only for the role."""
    return actual == wanted or ("@" not in wanted and actual.partition("@")[0] == wanted)


def _moment(due: datetime | None, zone: ZoneInfo) -> str:
    return "tanpa batas" if due is None else due.astimezone(zone).isoformat()


def _same_moment(wanted: str, actual: str) -> bool:
    """A day alone is compared in the city's zone; a moment exactly."""
    if actual == "tanpa batas" or wanted in ("tanpa batas", "None"):
        return wanted == actual or (wanted == "None" and actual == "tanpa batas")
    is_ = datetime.fromisoformat(actual)
    try:
        if len(wanted) == 10:
            return date.fromisoformat(wanted) == is_.date()
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=is_.tzinfo)) == is_


def _list(raw: Json) -> list[str]:
    return [str(one) for one in raw] if isinstance(raw, list) else [str(raw)]
