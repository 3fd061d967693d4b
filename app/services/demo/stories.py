"""The twelve invented reports of the demo city, each as a list of cues. No real person or event.

Days count back from today in working days, so that the city always looks as if it had been at work until now.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services.conversation import NewMessage
from app.services.demo.accounts import MAIL
from app.services.demo.stage import Act, Almanac, Cue, Do, Progress, Ref, Say, Send, Write
from app.services.intake import NewReport

Story = Callable[[Almanac], Iterator[Cue]]


def all_cues(on: Almanac) -> list[Cue]:
    """Every cue of every story."""
    return [cue for story in STORIES for cue in story(on)]


def citizen(number: int) -> Contact:
    """Somebody who does not exist, at an address that cannot exist."""
    return Contact(name=f"Warga {number} (demo)", email=f"warga{number}@{MAIL}")


def report(
    number: int, description: str, at: tuple[float, float], kind: Kind = Kind.PENGADUAN, **more: Any
) -> NewReport:
    """A report by the demo citizen `number`."""
    values: dict[str, Any] = {"contact": citizen(number), "photos": 0, **more}
    return NewReport(
        submission_key=uuid.uuid4(), kind=kind, description=description, point=Point(*at), **values
    )


def told(on: Almanac, name: str, acts: list[tuple[int, str, Act]]) -> Iterator[Cue]:
    for ago, clock, act in acts:
        yield Cue(on(ago, clock), name, act)


def verified(by: str, category: str, *, term: str = "pendek", level: str = "tidak_berkadar") -> Do:
    answers = {"keputusan": "terima", "kategori": category, "klasifikasi": level, "jangka": term}
    return Do(by, "verifikasi", answers)


def disposed(by: str, unit: str, instruction: str) -> Do:
    return Do(by, "disposisi", {"opd_tujuan": unit, "instruksi": instruction})


def accepted(by: str, words: str) -> Do:
    return Do(by, "terima_disposisi", {"respon_awal": words})


def worked(by: str, words: str, *scenes: str) -> Do:
    return Do(by, "tindak_lanjut", {"uraian": words}, {"foto_sesudah": scenes})


def rubbish_at_the_bend(on: Almanac) -> Iterator[Cue]:
    """1: the straight way: photo before and after, accepted, rated."""
    new = report(
        1,
        "Tumpukan sampah di pinggir jalan dekat tikungan sudah seminggu tidak diangkut, baunya sampai ke rumah "
        "warga.",
        (-0.91215, 119.88286),
        category="sampah",
        landmark="Dekat tikungan, seberang pos ronda",
    )
    return told(on, "1", [
        (16, "07.40", Send(new, ("sampah",))),
        (16, "09.15", verified("admin1", "sampah")),
        (16, "09.35", disposed("admin1", "DLH", "Mohon diangkut dan dijadwalkan rutin.")),
        (16, "13.05", accepted("operator.dlh1", "Truk kami jadwalkan besok pagi; terima kasih atas laporannya.")),
        (15, "11.20", worked("operator.dlh1", "Sampah sudah diangkut dua truk oleh regu kebersihan pagi ini, dan "
                             "bak sampah baru dipasang di tempat yang sama.", "bersih")),
        (15, "14.10", Do("verifikator1", "periksa_bukti", {"bukti_diterima": True, "jawaban_jelas": True})),
        (15, "19.30", Do("pelapor", "konfirmasi", {"tanggapan_pelapor": "sesuai", "penilaian": 5,
                                                    "kesan": "Cepat sekali, terima kasih."})),
    ])  # fmt: skip


def road_to_the_market(on: Almanac) -> Iterator[Cue]:
    """2: warned at 80 %, the operator asks for more time, the head grants it."""
    new = report(
        2,
        "Jalan menuju pasar berlubang dalam sekitar 20 cm, motor sering jatuh kalau hujan karena lubangnya "
        "tertutup air.",
        (-0.93500, 119.91000),
        category="jalan",
        channel="aplikasi",
    )
    return told(on, "2", [
        (9, "07.50", Send(new, ("lubang",))),
        (9, "09.10", verified("admin2", "jalan", term="menengah")),
        (9, "09.30", disposed("admin2", "DPU", "Mohon ditambal dan diberi tanda bahaya selama menunggu.")),
        (8, "10.00", accepted("operator.dpu1", "Kami pasang tanda bahaya hari ini; penambalan minggu depan.")),
        (2, "13.10", Progress("operator.dpu1", "tindak_lanjut")),
        (2, "13.30", Do("operator.dpu1", "laporkan_kemajuan", {
            "kemajuan": "Lubang terdalam sudah diisi batu dan diberi tanda; aspal panas belum tersedia.",
            "minta_perpanjangan": True,
            "tambahan_hari": 5,
            "alasan_perpanjangan": "Aspal panas baru dikirim pekan depan karena antrean di pabrik pencampur.",
        }, {"foto_kemajuan": ("batu",)})),
        (2, "15.10", Do("kepala.dpu", "setujui_perpanjangan", {
            "perpanjangan_disetujui": True,
            "alasan_kepala": "Disetujui; tanda bahaya wajib tetap terpasang.",
        })),
    ])  # fmt: skip


def ditch_of_the_national_road(on: Almanac) -> Iterator[Cue]:
    """3: not the city's: handed over with a letter, watched, answered."""
    new = report(
        3,
        "Saluran di tepi jalan besar meluap setiap hujan dan air masuk ke halaman sekolah.",
        (-0.91864, 119.89811),
        category="drainase",
        channel="whatsapp",
    )
    return told(on, "3", [
        (13, "16.20", Send(new, ("genangan",))),
        (12, "08.40", verified("admin1", "drainase", term="menengah")),
        (12, "08.55", disposed("admin1", "DPU", "Mohon diperiksa apakah saluran ini milik kota.")),
        (11, "10.25", Do("operator.dpu2", "terima_disposisi", {
            "sikap": "bukan_wewenang", "pemilik": "instansi_luar", "instansi_usulan": "Balai Pelaksanaan Jalan Nasional",
            "alasan_kembali": "Saluran berada dalam ruang milik jalan nasional, pemeliharaannya oleh Balai.",
        })),
        (11, "13.15", Do("admin1", "disposisi", {
            "tujuan": "instansi_luar", "instansi": "Balai Pelaksanaan Jalan Nasional",
            "instruksi": "Serahkan dengan surat dan pantau jawabannya.",
        })),
        (10, "09.45", Do("admin1", "serahkan", {
            "instansi_penerima": "Balai Pelaksanaan Jalan Nasional", "cara_serah": "surat",
            "nomor_serah": "000/CONTOH/KOMINFO", "tanggal_serah": on.day(10).isoformat(),
        })),
        (3, "11.30", Do("admin1", "pantau_penyerahan", {
            "tanggapan_instansi": "Balai menjawab: pengerukan saluran masuk pekerjaan pemeliharaan rutin bulan depan.",
            "instansi_menanggapi": "dijadwalkan",
        })),
    ])  # fmt: skip


def lamps_of_the_lane(on: Almanac) -> Iterator[Cue]:
    """4: taken down at the kelurahan's desk; the first proof shows an office and is refused."""
    new = report(
        4,
        "Lima lampu jalan di lorong kami padam sejak dua minggu, anak-anak takut pulang mengaji malam hari.",
        (-0.90019, 119.85182),
        category="lampu_jalan",
        channel="kelurahan",
        channel_detail="dicatat petugas kelurahan",
    )
    return told(on, "4", [
        (6, "09.10", Send(new, ("lampu_padam",), by="kelurahan.kamonji")),
        (6, "10.30", verified("admin2", "lampu_jalan")),
        (6, "10.45", disposed("admin2", "DISPERKIM", "Mohon kelima lampu diperiksa dan dinyalakan.")),
        (5, "09.00", accepted("operator.disperkim1", "Regu lampu memeriksa jaringan lorong ini paling lambat lusa.")),
        (3, "11.00", worked("operator.disperkim1", "Kelima lampu lorong sudah diganti dan menyala kembali.", "kantor")),
        (3, "15.05", Do("verifikator2", "periksa_bukti", {
            "bukti_diterima": False, "jawaban_jelas": True,
            "alasan_bukti": "Foto memperlihatkan ruang kantor, bukan lampu di lorong. Foto ulang di tempatnya, malam hari.",
        })),
        (1, "13.40", worked("operator.disperkim1", "Kelima lampu lorong sudah diganti dan menyala; difoto tadi malam di "
                            "tempatnya.", "lampu_menyala")),
    ])  # fmt: skip


def blocked_ditch(on: Almanac) -> Iterator[Cue]:
    """5, three times: the same ditch within 40 metres; two are joined to the first, which is being worked on."""
    words = "Got tersumbat, setiap hujan air setinggi mata kaki di depan kios."
    first = report(5, words, (-0.90503, 119.87665), category="drainase", channel="x")
    second = report(
        6,
        "Depan kios kami banjir lagi setiap hujan, gotnya penuh lumpur.",
        (-0.90520, 119.87680),
        category="drainase",
    )
    third = report(
        7, "Saya juga mengalami genangan di deretan kios ini, mohon gotnya dikeruk.", (-0.90488, 119.87655),
        category="drainase",
    )  # fmt: skip
    same = {"keputusan": "duplikat", "laporan_induk": Ref("5a")}
    yield from told(on, "5a", [
        (5, "07.15", Send(first, ("genangan",))),
        (5, "08.30", verified("admin1", "drainase")),
        (5, "08.45", disposed("admin1", "DPU", "Mohon dikeruk; ada beberapa laporan dari tempat yang sama.")),
        (4, "09.00", accepted("operator.dpu2", "Regu saluran kami turunkan mulai lusa untuk mengeruk sepanjang kios.")),
        (1, "10.00", Progress("operator.dpu2", "tindak_lanjut")),
        (1, "10.20", Do("operator.dpu2", "laporkan_kemajuan", {
            "kemajuan": "Pengerukan 40 meter pertama selesai, sisanya dikerjakan besok.", "minta_perpanjangan": False,
        }, {"foto_kemajuan": ("galian",)})),
    ])  # fmt: skip
    yield from told(on, "5b", [
        (5, "09.20", Send(second, ("genangan",))), (5, "10.00", Do("admin1", "verifikasi", same)),
    ])  # fmt: skip
    yield from told(on, "5c", [(4, "06.40", Send(third)), (4, "08.20", Do("admin2", "verifikasi", same))])


def parking_fee(on: Almanac) -> Iterator[Cue]:
    """6: anonymous, involves a possible violation: 60 days, copy to the Inspektorat, every contact journaled."""
    new = report(
        8,
        "Petugas parkir di kawasan pantai minta tarif dua kali lipat dari karcis.",
        (-0.87200, 119.88500),
        category="parkir",
        anonymous=True,
        contact=Contact(email=f"tanpa.nama@{MAIL}"),
    )
    note = NewMessage(
        "Sudah dua kali diperiksa pada sore hari; bandingkan karcis dengan tarif resmi.", "internal"
    )
    return told(on, "6", [
        (7, "20.15", Send(new, ("karcis",))),
        (6, "09.00", verified("admin1", "parkir", level="berkadar")),
        (6, "09.20", disposed("admin1", "DISHUB", "Periksa di lapangan tanpa menyebut asal laporan.")),
        (5, "11.00", accepted("operator.dishub1", "Kami memeriksa petugas dan karcis di kawasan ini pada jam ramai.")),
        (3, "14.30", Write("operator.dishub1", note)),
    ])  # fmt: skip


def smoke_of_the_dump(on: Almanac) -> Iterator[Cue]:
    """7: nothing a week can solve: it enters the plan and is watched there, milestone by milestone."""
    year = on.now.year + 1
    new = report(
        9,
        "Asap dan bau dari tempat pembuangan akhir terasa sampai permukiman hampir tiap sore. Mohon ada rencana "
        "penanganan, bukan hanya disiram.",
        (-0.90500, 119.93000),
        category="sampah",
        channel="aplikasi",
    )
    return told(on, "7", [
        (15, "17.30", Send(new, ("asap",))),
        (14, "10.10", verified("admin2", "sampah", term="panjang")),
        (11, "13.40", Do("bappeda1", "rencanakan", {
            "sikap_rencana": "masuk", "dokumen_rencana": "rkpd", "tahun_rencana": year,
            "rujukan_rencana": f"RKPD {year}/DLH/CONTOH-07", "opd_rencana": "DLH",
            "alasan_rencana": "Penataan sel sampah dan pengelolaan gas perlu anggaran tersendiri, maka diusulkan ke "
                              "RKPD tahun depan.",
        })),
        (10, "09.30", Do("bappeda1", "susun_tonggak", {
            "tonggak": "renja", "jeda_hari": 7, "catatan_tonggak": "Rancangan Renja DLH memuat kegiatan penataan sel.",
        })),
        (4, "10.15", Do("operator.dlh2", "laporkan_tonggak", {
            "keadaan": "berjalan", "uraian": "Kegiatan penataan sel sudah masuk rancangan Renja dan sedang dihitung biayanya.",
        })),
        (3, "14.00", Do("bappeda2", "susun_tonggak", {
            "tonggak": "rkpd", "jeda_hari": 90, "catatan_tonggak": "Penetapan RKPD oleh Wali Kota.",
        })),
    ])  # fmt: skip


def identity_card_schedule(on: Almanac) -> Iterator[Cue]:
    """8: a question; the citizen's reply lets the process go on; the answer waits to be checked."""
    new = report(
        10,
        "Kapan jadwal perekaman KTP-el keliling untuk hunian tetap? Apakah harus membawa KK asli?",
        (-0.84000, 119.89000),
        Kind.PERMINTAAN_INFORMASI,
        category="kependudukan",
        channel="whatsapp",
    )
    return told(on, "8", [
        (5, "15.10", Send(new)),
        (4, "08.30", Do("admin2", "verifikasi", {
            "keputusan": "lengkapi", "alasan_lengkapi": "Hunian tetap yang mana? Sebutkan nama kawasan atau nomor bloknya.",
        })),
        (3, "19.05", Say("Hunian tetap di Tondo, deretan paling dekat sekolah.")),
        (2, "08.20", Do("admin2", "verifikasi", {"keputusan": "teruskan", "kategori": "kependudukan"})),
        (2, "08.35", disposed("admin2", "DISDUKCAPIL", "Jawab jadwal dan syarat perekaman keliling.")),
        (1, "10.30", Do("operator.disdukcapil1", "siapkan_jawaban", {
            "jawaban": "Perekaman keliling di hunian tetap Tondo setiap Rabu pekan kedua pukul 09.00–12.00. Cukup membawa "
                       "salinan KK; yang asli diperlihatkan bila ada perubahan data.",
        })),
    ])  # fmt: skip


def evacuation_sign(on: Almanac) -> Iterator[Cue]:
    """9: nobody acts in time: it rises to the head of the agency, then to the Asisten."""
    new = report(
        11,
        "Rambu jalur evakuasi tsunami roboh dan tertutup spanduk.",
        (-0.88650, 119.84800),
        category="bencana",
    )
    return told(on, "9", [
        (9, "10.20", Send(new, ("rambu_roboh",))),
        (9, "11.00", verified("admin1", "bencana")),
        (9, "11.10", disposed("admin1", "BPBD", "Menyangkut keselamatan: dahulukan.")),
        (8, "08.05", accepted("operator.bpbd1", "Laporan kami terima dan segera kami tindak lanjuti.")),
    ])  # fmt: skip


def playground(on: Almanac) -> Iterator[Cue]:
    """10: an idea with potential, weighed by two agencies, entered for the Musrenbang."""
    year = on.now.year + 1
    new = report(
        12,
        "Mohon ruang terbuka kecil untuk bermain anak di lahan kosong milik pemerintah, warga siap bantu merawat.",
        (-0.89750, 119.89150),
        Kind.ASPIRASI,
        category="fasilitas_umum",
        channel="kegiatan_rw",
        channel_detail="kode QR pada musyawarah RW",
    )
    return told(on, "10", [
        (14, "20.40", Send(new, ("lahan",))),
        (13, "09.50", Do("admin2", "verifikasi", {"keputusan": "terima", "opd_tujuan": "DISPERKIM", "potensi": True})),
        (10, "14.20", Do("operator.disperkim2", "telaah_unit", {
            "kelayakan": "layak", "telaah_teknis": "Lahan datar 300 meter persegi, tidak bersengketa, cukup untuk taman kecil.",
            "perkiraan_biaya": 85000000,
        })),
        (9, "10.40", Do("bappeda2", "telaah_rencana", {
            "kesesuaian": "sesuai", "telaah_bappeda": "Sejalan dengan sasaran ruang terbuka hijau dalam RPJMD.",
        })),
        (8, "13.20", Do("bappeda1", "putuskan_aspirasi", {
            "keputusan_aspirasi": "masuk_rencana", "dokumen_rencana": "musrenbang", "tahun_rencana": year,
            "rujukan_rencana": f"Musrenbang {year}/CONTOH-10",
            "jawaban": "Usulan kami bawa ke Musrenbang tahun depan; warga diundang menyusun gambar tamannya.",
        })),
        (7, "09.20", Do("bappeda1", "susun_tonggak", {
            "tonggak": "musrenbang", "jeda_hari": 90, "catatan_tonggak": "Musrenbang kelurahan memberi urutan prioritas.",
        })),
    ])  # fmt: skip


STORIES: tuple[Story, ...] = (
    rubbish_at_the_bend,
    road_to_the_market,
    ditch_of_the_national_road,
    lamps_of_the_lane,
    blocked_ditch,
    parking_fee,
    smoke_of_the_dump,
    identity_card_schedule,
    evacuation_sign,
    playground,
)
