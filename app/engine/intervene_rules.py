"""What an operation may not do, each with its reason in Indonesian."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from SpiffWorkflow.task import Task

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.intervene_places import Instance, Scope, name_of
from app.engine.intervene_reach import Thread
from app.engine.persons import PROVEN_END
from app.engine.specs.activities import ReceiveTask, UserTask
from app.engine.specs.base import Element
from app.engine.specs.events import BoundaryEvent, CatchEvent, EventGateway
from app.engine.specs.gateways import Joining
from app.engine.specs.loops import Instances
from app.engine.step import EngineFault, State

ENDED = told("Laporan ini sudah berakhir.")
UNKNOWN_TOKEN = told("Langkah itu sudah tidak terbuka. Muat ulang halaman ini.")
GONE = told("Batas waktu langkah itu baru saja lewat, jadi alurnya sudah berjalan terus. Periksa lagi.")
NO_REASON = told("Laporan akan berakhir tanpa alasan akhir. Batalkan laporannya.")
UNREADABLE = told("Hasilnya tidak terbaca kembali dengan sama; tidak ada yang diubah.")
SIDE_END = "cabang"
MOST_TOGETHER = 8
"""Tokens of one thread of which every selection is looked at."""


def no_end_reason(reason: str) -> str | None:
    """Why a report cannot be cancelled with this end reason."""
    if reason in {PROVEN_END, SIDE_END} or not reason.isidentifier():
        return told("“%(reason)s” bukan alasan untuk membatalkan laporan.", reason=reason)
    return None


def would_stop(compiled: CompiledSop, state: State, fault: EngineFault) -> str:
    """Where and why the process would stop, in words for an officer: mostly an answer that nobody gave."""
    name = compiled.elements.get((fault.process or compiled.key, fault.element or ""), ("", ""))[1]
    labels = {one.id: one.label for task in compiled.tasks.values() for one in task.fields}
    absent = [labels.get(one, one) for one in fault.names if one not in state["vars"]]
    if name and absent:
        return told("“%(name)s” memerlukan jawaban yang belum ada: %(fields)s. Pindahkan laporan ke langkah "
                    "yang tepat.", name=name, fields=", ".join(f"“{one}”" for one in dict.fromkeys(absent)))
    return told("Proses akan berhenti karena gangguan: %(why)s", why=sentence(fault.text))


def sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def why_not_skipped(task: Task) -> str | None:
    """Why a token cannot be let go on as if its step were done."""
    match task.task_spec:
        case UserTask() | ReceiveTask() | CatchEvent():
            return None
        case Joining():
            return _waits(task)
        case EventGateway():
            return told("“%(name)s” menunggu salah satu dari beberapa kejadian; pindahkan ke langkah "
                        "sesudahnya.", name=name_of(task.task_spec))
        case BoundaryEvent():
            return _edge(task)
        case Instances():
            return told("“%(name)s” terdiri atas beberapa tugas; lewati satu per satu.",
                        name=name_of(task.task_spec))
        case _:
            return told("“%(name)s” berisi langkah-langkah; lewati langkah di dalamnya.",
                        name=name_of(task.task_spec))


def why_not_taken(task: Task) -> str | None:
    """Why a token cannot be taken away from where it stands, by itself."""
    spec = task.task_spec
    if isinstance(spec, BoundaryEvent):
        return _edge(task)
    if isinstance(spec, Joining):
        return _waits(task)
    if spec.wrapper is not None:
        return told("“%(name)s” bagian dari tugas untuk beberapa pihak; pindahkan semuanya bersama.",
                    name=name_of(spec))
    return None


def concerns(scope: Scope, task: Task, element: Element) -> bool:
    """Whether a step is another one of the branch a token runs on."""
    name = task.task_spec.name
    return element.name != name and any(element.name in thread.region for thread in scope.threads.of(name))


def why_not_moved(scope: Scope, task: Task, element: Element) -> str | None:
    """Why a token cannot stand at another step of its scope, beside the others as they are."""
    spec = task.task_spec
    if spec is element:
        return told("Laporan sudah berada di “%(name)s”.", name=name_of(element))
    shared = [thread for thread in scope.threads.of(spec.name) if element.name in thread.region]
    if not shared:
        return told("“%(name)s” bukan bagian dari cabang ini.", name=name_of(element))
    if any(_fits(scope, thread, (task,), element) for thread in shared):
        return None
    return told("“%(name)s” berada di cabang paralel lain: di sana alurnya akan berganda atau saling "
                "menunggu tanpa akhir.", name=name_of(element))


def place_beside(instance: Instance, task: Task, target: str) -> tuple[Element | None, str | None]:
    """The step of that name in the scope of a token; else why there is none."""
    refused = why_not_taken(task)
    if refused is not None:
        return None, refused
    places = instance.found(target)
    here = next((element for scope, element in places if scope.workflow is task.workflow), None)
    if here is not None:
        return here, None
    return None, told("Langkah tujuan tidak berada di bagian alur yang sama.") if places else _unknown(
        instance, target)


def one_place(instance: Instance, target: str) -> tuple[tuple[Scope, Element] | None, str | None]:
    """Where a step lives now; else why it is not known."""
    places = instance.found(target)
    if len(places) == 1:
        return places[0], None
    if places:
        return None, told("“%(name)s” sedang berjalan untuk beberapa pihak; pilih salah satunya.",
                          name=name_of(places[0][1]))
    return None, _unknown(instance, target)


def is_behind(instance: Instance, scope: Scope, element: Element, past: Collection[str]) -> bool:
    """Whether some token of the scope came by this step and has left it."""
    if any(task.task_spec is element for task in scope.standing):
        return False
    return any(
        task.task_spec.name in thread.region and task.task_spec.name in scope.threads.after[element.name]
        and _was_passed(instance, scope, thread, (task,), element, past)
        for thread in scope.threads.of(element.name) for task in scope.standing)


def what_goes(instance: Instance, scope: Scope, element: Element,
              past: Collection[str]) -> tuple[tuple[Task, ...], str | None]:
    """The tokens that are taken away when a step is opened again; else why it cannot be."""
    if any(task.task_spec is element for task in scope.standing):
        return (), told("“%(name)s” sedang terbuka.", name=name_of(element))
    behind = scope.threads.after[element.name]
    refused = told("Laporan belum melewati “%(name)s”.", name=name_of(element))
    for thread in scope.threads.of(element.name):
        came = [task for task in scope.standing
                if task.task_spec.name in thread.region and task.task_spec.name in behind]
        if not came:
            continue
        fitting = _fitting(scope, thread, came, element)
        if len(fitting) > 1:
            refused = told("Tidak jelas langkah mana yang digantikan “%(name)s”; pindahkan langkahnya satu "
                           "per satu.", name=name_of(element))
        elif not fitting:
            refused = told("“%(name)s” ada di cabang paralel yang sudah bergabung atau belum dimulai. "
                           "Kembalikan ke langkah sebelum percabangan.", name=name_of(element))
        elif _was_passed(instance, scope, thread, fitting[0], element, past):
            return fitting[0], None
    return (), refused


def _was_passed(instance: Instance, scope: Scope, thread: Thread, goes: Collection[Task], element: Element,
                past: Collection[str]) -> bool:
    return instance.key(element) in past or all(
        element.name == last or scope.threads.always_before(element.name, last, thread)
        for last in (_last_before(task) for task in goes))


def _last_before(task: Task) -> str:
    """Where a token stands; of one at a join, what it passed last."""
    spec = task.task_spec
    name: str = spec.name
    if isinstance(spec, Joining):
        via = task.internal_data.get("via")
        return next((way.source for way in spec.ways_in if way.id == via), name)
    return name


def _fitting(scope: Scope, thread: Thread, came: list[Task], element: Element) -> list[tuple[Task, ...]]:
    """The smallest selections of tokens which the step can stand in for."""
    for together in _selections(came):
        fitting = [goes for goes in together if _fits(scope, thread, goes, element)]
        if fitting:
            return fitting
    return []


def _selections(came: list[Task]) -> Iterator[Iterator[tuple[Task, ...]]]:
    sizes = range(1, len(came) + 1) if len(came) <= MOST_TOGETHER else (1, len(came))
    for size in sizes:
        yield combinations(came, size)


def _fits(scope: Scope, thread: Thread, goes: tuple[Task, ...], element: Element) -> bool:
    before, after = scope.marking(thread), scope.marking(thread, goes, element.name)
    if thread.complete or thread.allows(before, after):
        return thread.allows(before, after)
    if len(goes) == 1:
        return scope.threads.one_line(goes[0].task_spec.name, element.name, thread)
    return len(after) == 1 and after in thread.markings


def _unknown(instance: Instance, target: str) -> str:
    key = target.partition("@")[0]
    process, _, element = key.rpartition("/")
    drawn = instance.compiled.elements.get((process or instance.compiled.key, element))
    if drawn is None:
        return told("Langkah “%(name)s” tidak ada di SOP ini.", name=key)
    if any(one.workflow.spec.task_specs.get(element) is not None
           and one.workflow.spec.task_specs[element].node.process == (process or instance.compiled.key)
           for one in instance.scopes()):
        return told("“%(name)s” bukan langkah yang dapat dituju sendiri.", name=drawn[1] or element)
    return told("“%(name)s” berada di bagian alur yang sedang tidak berjalan; pilih langkah yang memuatnya.",
                name=drawn[1] or element)


def _waits(task: Task) -> str:
    return told("“%(name)s” menunggu cabang lain; selesaikan atau pindahkan langkah di cabang itu.",
                name=name_of(task.task_spec))


def _edge(task: Task) -> str:
    return told("“%(name)s” hanya menjaga batas langkah lain; ubah langkah itu atau batas waktunya.",
                name=name_of(task.task_spec))
