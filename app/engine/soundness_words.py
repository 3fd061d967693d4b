"""What the exploration found, as sentences an officer can act on."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.words import told
from app.engine.declaration import Finding
from app.engine.diagram import Process
from app.engine.found import Fix, attribute, fix, one_way, removal
from app.engine.soundness_net import Net, Place
from app.engine.soundness_search import DOUBTS
from app.engine.soundness_trail import Problem, Turn
from app.engine.titles import capital
from app.engine.words import element_words

REPORTERS = frozenset({"balasan_pelapor", "keberatan", "penarikan"})
"""Messages from the tracking page: their data are known."""


def finding_of(problem: Problem, net: Net, called: bool) -> Finding | None:
    """None for what is the matter of another process: what a called one does is told there, and what only
    its callers can know (who catches, how it ends) is told at theirs. Where no caller is known there might
    still be one, so that is a warning."""
    place = _own(problem.place, net)
    if problem.place is not place and problem.kind not in {"uncaught", "unproven"}:
        return None
    if called and problem.kind in {"uncaught", "unreasoned"}:
        return None
    rule, message, repair = _words(problem, place, net)
    doubtful = problem.kind in DOUBTS or (problem.kind == "uncaught" and place is problem.place)
    return Finding(net.process.file, place.node.id, rule, "warning" if doubtful else "error", message, repair,
                   _fix(problem, place, net), path_of(problem.turns, net))


def too_many(process: Process, count: int) -> Finding:
    return Finding(
        process.file, process.key, "terlalu-banyak-keadaan", "warning",
        told("Sesudah %(n)s keadaan diperiksa, masih ada yang belum: apakah SOP ini selalu sampai ke "
             "akhirnya tidak dapat dipastikan.", n=count),
        told("Pecah menjadi beberapa proses yang saling memanggil, atau kurangi cabang yang berjalan "
             "bersamaan."))


def _fix(problem: Problem, place: Place, net: Net) -> Fix | None:
    """What one click can do about it. An event that cuts off work whose proof is wanted, or that comes again
    and again, cannot be made to interrupt."""
    match problem.kind:
        case "no-way" if place.tracks:
            return fix(told("Jadikan alur terakhir alur bawaan"),
                       *one_way(place.node.id, place.tracks[-1].id))
        case "back" if not any(one.node.declared.task.get("verifies") == place.node.attached_to
                               for one in net.places) and (
                                   place.event is None or place.event.place != "timeCycle"):
            return fix(told("Jadikan peristiwa ini menyela"),
                       attribute(place.node.id, "cancelActivity", "true"))
    return None


def unreached(process: Process, place: Place, dead: Iterable[str], before: tuple[Turn, ...],
              net: Net) -> Finding:
    """`dead`: this element and those behind it that nothing reaches. `before`: the turns up to the element
    before it. Messages from outside may bring any data, so where an
    SOP waits for one this is only a warning."""
    outside = any(one.event is not None and one.event.kind == "message" and one.event.name not in REPORTERS
                  for one in net.places)
    return Finding(
        process.file, place.node.id, "elemen-mati", "warning" if outside else "error",
        told("%(element)s tidak pernah tercapai, bagaimanapun tugas-tugas sebelumnya dijawab.",
             element=capital(_called(place))),
        told("Periksa syarat pada alur sebelum unsur ini, atau hapus unsurnya."),
        fix(told("Hapus bagian yang tidak pernah tercapai"), *(removal(one) for one in dead)),
        (*path_of(before, net), place.node.id))


def _words(problem: Problem, place: Place, net: Net) -> tuple[str, str, str]:
    inside, element = _called(place), capital(_called(place))
    match problem.kind:
        case "deadlock":
            return ("buntu",
                    told("%(element)s menunggu selamanya: dari %(missing)s tidak ada yang datang lagi.",
                         element=element, missing=_missing(problem, net)),
                    told("Pakai gerbang pilihan bila hanya satu cabang yang ditempuh, atau pastikan semua "
                         "cabang sampai ke gerbang ini."))
        case "twice":
            return ("datang-dua-kali",
                    told("%(element)s dapat didatangi dua kali dari alur yang sama sebelum cabang lain tiba.",
                         element=element),
                    told("Satukan dulu kedua jalur itu, atau jangan bercabang lagi sebelum gerbang ini."))
        case "loop":
            return ("putaran-tanpa-tunggu",
                    told("Mulai %(element)s SOP berputar tanpa henti: tidak ada tugas atau waktu tunggu di "
                         "dalam putaran.", element=inside),
                    told("Taruh tugas atau peristiwa tunggu di dalam putaran, atau perbaiki syarat "
                         "keluarnya."))
        case "uncaught":
            return ("galat-tak-ditangkap",
                    told("%(element)s melempar galat yang tidak ditangkap siapa pun; laporan akan berhenti.",
                         element=element),
                    told("Tempelkan peristiwa batas galat pada sub-proses atau panggilan di sekelilingnya."))
        case "unproven":
            return ("selesai-tanpa-bukti",
                    told("%(element)s dapat dicapai tanpa foto bukti yang diterima pemeriksa.",
                         element=element),
                    told("Lewatkan jalur ini melalui tugas pemeriksaan bukti, dan lanjutkan hanya bila "
                         "bukti_diterima."))
        case "no-way":
            return ("tanpa-jalan-keluar",
                    told("Di %(element)s dapat terjadi tidak satu pun syarat terpenuhi, dan tidak ada alur "
                         "bawaan.", element=inside),
                    told("Jadikan salah satu alur sebagai alur bawaan."))
        case "growth":
            return ("token-bertambah",
                    told("Setiap putaran menambah pekerjaan yang sama di %(element)s, tanpa batas.",
                         element=inside),
                    told("Jangan kembali ke sebelum gerbang paralel dari salah satu cabangnya."))
        case "alike":
            return ("langkah-ganda",
                    told("%(element)s dapat terbuka dua kali sekaligus untuk satu laporan.", element=element),
                    told("Satukan cabang yang berjalan bersamaan dengan gerbang paralel atau inklusif "
                         "sebelum langkah ini."))
        case "unreasoned":
            return ("berakhir-tanpa-alasan",
                    told("Laporan dapat berakhir di %(element)s tanpa alasan akhir.", element=inside),
                    told("Beri alasan akhir selain 'cabang' pada peristiwa akhir jalur utama."))
        case "shared":
            return ("cabang-samping-kembali",
                    told("Cabang dari %(element)s, yang tidak menyela, melewati langkah otomatis jalur "
                         "utama, yang karena itu dapat terjadi dua kali.", element=inside),
                    told("Beri cabang ini langkah otomatis dan peristiwa akhir 'cabang' sendiri."))
        case "back":
            return ("cabang-samping-kembali",
                    told("Cabang dari %(element)s, yang tidak menyela, bertemu lagi dengan jalur utama, "
                         "sehingga pekerjaan sesudahnya terjadi dua kali.", element=inside),
                    told("Akhiri cabang ini dengan peristiwa akhir 'cabang', atau jadikan peristiwa batasnya "
                         "menyela."))
    return ("tanpa-akhir",
            told("Sesudah %(element)s tidak ada lagi jalan ke akhir SOP.", element=inside),
            told("Beri jalan keluar dari putaran ini menuju peristiwa akhir."))


def _missing(problem: Problem, net: Net) -> str:
    """Names of what lies before the flows at which nothing comes."""
    place = problem.place
    sources = [other for entry in problem.missing for other in net.places for track in other.tracks
               if track.target == place.number and track.entry == entry]
    return ", ".join(_called(one) for one in sources) or told("cabang lain")


def _own(place: Place, net: Net) -> Place:
    """The place in the process itself: for what is called, the call."""
    if place.process == net.process.key and all(one.process == place.process for one in net.owners(place)):
        return place
    return next(one for one in net.owners(place) if one.process == net.process.key)


def path_of(turns: tuple[Turn, ...], net: Net) -> tuple[str, ...]:
    """Own elements in the order tokens came to them; an event shows after what it happened at."""
    found: list[str] = []
    for turn in turns:
        if turn.kind == "complete" and turn.element is not None and turn.element in net.process.nodes:
            found.append(turn.element)
        for number in turn.entered:
            place = net.places[number]
            if place.process != net.process.key:
                continue
            if place.host is not None:
                found.append(net.places[place.host].node.id)
            found.append(place.node.id)
    return tuple(one for index, one in enumerate(found) if index == 0 or one != found[index - 1])


def _called(place: Place) -> str:
    name = place.node.name or place.node.id
    return f"{element_words(place.kind)} '{name}'"
