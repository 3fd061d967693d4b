#!/usr/bin/env python3
"""Memeriksa berkas bukti sebuah laporan atau penetapan SOP, tanpa jaringan dan tanpa program lain.

    python3 periksa.py [BUNDLE.zip] [--kunci KUNCI_PUBLIK] [--segel MAP_ATAU_BERKAS ...]

Yang diperiksa, satu per satu:
  1. isi.json ditandatangani kota (Ed25519), dan setiap berkas masih sama dengan sidik di dalamnya;
  2. setiap rantai peristiwa utuh: tidak ada yang diubah, dibuang, ditukar, disisipkan, atau dipotong;
  3. setiap rantai cocok dengan segel malam yang ditandatangani dan dengan segel yang Anda simpan sendiri,
     juga bila bukti segelnya dibuang dari berkas; tidak ada peristiwa yang ditulis mundur di belakang segel;
  4. diagram dan tabel keputusan adalah yang diterbitkan, dan semua versi yang dijalankan ada;
  5. teks yang dibuka cocok dengan sidiknya di dalam peristiwa;
  6. sidik setiap foto adalah yang tercatat saat fotonya masuk.

Tanpa --kunci, kunci di dalam berkas dipakai: itu hanya membuktikan bahwa isinya utuh, bukan dari siapa.
Pakai periksa.py dari kode sumber Tuntas atau yang pernah Anda simpan, bukan yang datang bersama berkasnya.
Keluar dengan 0 bila semuanya cocok, 1 bila tidak, 2 bila berkas tidak terbaca.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

# --- Ed25519 (RFC 8032), hanya memeriksa tanda tangan -----------------------------------------------------
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


def x_of(y, odd):
    """x dari sebuah titik dengan y ini; None bila tidak ada."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    return P - x if x & 1 != odd else x


def point(packed):
    y = int.from_bytes(packed, "little") & (2**255 - 1)
    x = x_of(y, packed[31] >> 7) if len(packed) == 32 and y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, p):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, p)
        p, number = add(p, p), number >> 1
    return total


BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)


def is_signed(public, content, signature):
    key, half = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or half is None or len(signature) != 64 or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + content).digest()
    left, right = times(scalar, BASE), add(half, times(int.from_bytes(digest, "little") % ORDER, key))
    return all((left[at] * right[2] - right[at] * left[2]) % P == 0 for at in (0, 1))


# --- Bentuk baku dan sidik (docs/jejak-audit.md) -----------------------------------------------------------
def plain(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def canonical(value):
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(content):
    return hashlib.sha256(content).digest()


def merkle(leaf, place, count, neighbours):
    """Akar pohon RFC 6962 menurut bukti ini; None bila panjang buktinya salah."""
    sides = []
    while count > 1:
        split = 1 << ((count - 1).bit_length() - 1)
        sides.append(place < split)
        place, count = (place, split) if place < split else (place - split, count - split)
    if len(sides) != len(neighbours):
        return None
    for left, beside in zip(reversed(sides), map(bytes.fromhex, neighbours)):
        leaf = sha(b"\1" + (leaf + beside if left else beside + leaf))
    return leaf


def tree(leaves):
    """Akar pohon RFC 6962 atas semua daun ini."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))


# --- Pemeriksaan ------------------------------------------------------------------------------------------
LARGEST = 1 << 30  # byte; berkas bukti yang sungguhan jauh lebih kecil
LATE = timedelta(minutes=15)  # selama itu yang sedang ditulis boleh belum terlihat oleh sebuah segel
FIELDS = "actor actor_kind at commitments data hash role seq source stream type"
RAN = {"ProcessStarted": ["versi"], "SopMoved": ["dari", "ke"], "SopMovedBack": ["dari", "ke"]}


def part(name, faults):  # bagian yang tidak terbaca adalah temuan juga
    try:
        yield from faults
    except Exception as error:
        yield f"{name}: tidak terbaca ({error!r})"


def check_files(told, read, names):
    """1. Setiap berkas ada, tidak berubah, dan tidak ada yang lain."""
    for name, digest in told["files"].items():
        content = read(name)
        if content is None:
            yield f"berkas {name} hilang"
        elif sha(content).hex() != digest:
            yield f"berkas {name} diubah"
    for name, times_in in sorted(Counter(names).items()):
        if name not in told["files"] and name not in ("isi.json", "isi.sig"):
            yield f"berkas {name} tidak disebut dalam isi.json"
        if times_in > 1:
            yield f"berkas {name} ada {times_in} kali"


def read_event(line):
    """Peristiwa dalam satu baris; None bila barisnya bukan bentuk baku sebuah peristiwa."""
    try:
        event = json.loads(line)
        fits = canonical(event) == line and " ".join(sorted(event)) == FIELDS
    except (ValueError, TypeError, RecursionError):
        return None
    return event if fits and isinstance(event["data"], dict) else None


def check_chain(stream, lines):
    """2. Rantai satu aliran. Peristiwa yang cocok dikumpulkan dalam `stream['events']`."""
    last, events = bytes(32), stream["events"]
    for number, line in enumerate(lines, start=1):
        event = read_event(line)
        if event is None:
            yield f"{stream['name']}, peristiwa {number}: diubah; bukan bentuk baku sebuah peristiwa"
            return
        what = f"{stream['name']}, peristiwa {event['seq']} ({event['type']})"
        if event["seq"] != number:
            yield f"{what}: seharusnya peristiwa {number}; ada yang dibuang, ditukar, atau disisipkan"
            return
        last = sha(last + canonical({name: event[name] for name in event if name != "hash"}))
        if event["stream"] != stream["stream"] or last.hex() != event["hash"]:
            yield f"{what}: diubah; tidak sesuai dengan sidik rantainya"
            return
        events.append(event)
    if len(events) != stream["count"] or last.hex() != stream["last_hash"]:
        yield f"{stream['name']}: rantai berhenti di peristiwa {len(events)}, seharusnya {stream['count']}"


def check_seals(stream, seals, public, kept, made_at):
    """3. Ujung rantai pada setiap segel: menurut bukti di dalam berkas, dan menurut segel yang disimpan."""
    known = {number: (at, ends.get(stream["stream"])) for number, (_, at, ends) in kept.items()}
    for one in seals:
        seal = one["seal"]
        number, what = seal["number"], f"segel {seal['number']}"
        if not is_signed(public, canonical(seal), bytes.fromhex(one["signature"])):
            yield f"{what}: tanda tangannya tidak cocok"
        root = merkle(sha(b"\0" + canonical(one["end"])), one["place"], seal["streams"], one["neighbours"])
        if not root or root.hex() != seal["root"]:
            yield f"{what}: bukti bahwa {stream['name']} termasuk di dalamnya tidak cocok"
        if number in kept and kept[number][0] != sha(canonical(seal)):
            yield f"{what}: berbeda dari segel yang Anda simpan"
        known.setdefault(number, (datetime.fromisoformat(seal["sealed_at"]), one["end"]))
    inside, count = {one["seal"]["number"] for one in seals}, len(stream["events"])
    ends = [[stream["stream"], event["seq"], event["hash"]] for event in stream["events"]]
    for number, (at, end) in sorted(known.items()):
        seen = at < made_at - LATE or number in inside
        stream["sealed"] = end[1] if end else stream["sealed"]
        if end and (seen or end[1] <= count) and end not in ends:
            yield f"{stream['name']}, peristiwa {end[1]}: bukan lagi yang disegel (segel {number})"
        for event in stream["events"][stream["sealed"]:] if seen else []:
            if datetime.fromisoformat(event["at"]) < at - LATE:
                what = f"{stream['name']}, peristiwa {event['seq']} ({event['type']}), {event['at']}"
                yield f"{what}: ditulis mundur; belum ada ketika segel {number} dibuat"
                return


def check_sops(told, read):
    """4. Diagram dan tabel keputusan, dengan sidik isi menurut peristiwa penerbitannya."""
    events = [one for stream in told["streams"] for one in stream["events"] if one["type"] == "SopPublished"]
    noted = {(one["data"]["sop"], one["data"]["versi"]): one["data"]["isi"] for one in events}
    for sop in told["sops"]:
        parts = sorted(sha(read(name) or b"").hex() for name in sop["files"])
        content = sha("\n".join([sop["key"], *parts]).encode()).hex()
        if content != sop["content_hash"] or content != noted.get((sop["key"], sop["version"])):
            yield f"SOP {sop['key']} versi {sop['version']}: bukan isi yang diterbitkan"
    there = {sop["id"] for sop in told["sops"]}
    for event in told["streams"][0]["events"]:
        for name in RAN.get(event["type"], []):
            if event["data"][name] not in there:
                yield f"SOP {event['data'][name]} menjalankan laporan ini, tetapi tidak ada di dalam berkas"


def check_secrets(stream, secrets):
    """5. Teks yang dibuka."""
    commitments = {one["seq"]: one["commitments"] or {} for one in stream["events"]}
    for one in secrets:
        digest = base64.urlsafe_b64encode(sha(bytes.fromhex(one["salt"]) + one["value"].encode()))
        if commitments.get(one["seq"], {}).get(one["field"]) != digest.decode().rstrip("="):
            yield f"{stream['name']}, peristiwa {one['seq']}: isi “{one['field']}” bukan aslinya"


def check_photos(stream, photos):
    """6. Sidik foto menurut peristiwa: saat laporan masuk, dan saat fotonya dibersihkan."""
    told = [(event["type"], event["data"]) for event in stream["events"]]
    sent = {one[0]: one[1] for what, data in told if what == "ReportReceived" for one in data.get("foto", [])}
    known = {**sent, **{data["foto"]: data["asal"] for what, data in told if what == "PhotoCleaned"}}
    for photo in photos:
        if known.get(photo["id"], photo["sha256"]) != photo["sha256"]:
            yield f"foto {photo['id']}: sidiknya bukan yang tercatat dalam peristiwa"
        elif photo["id"] not in known and photo["state"] == "siap":
            yield f"foto {photo['id']}: tidak tercatat dalam peristiwa"
    erased = any(what == "PersonalDataErased" for what, _data in told)
    for missing in sorted(set(sent) - {photo["id"] for photo in photos} if not erased else ()):
        yield f"foto {missing}: dikirim bersama laporan, tetapi tidak ada dalam foto.json"


def kept_seals(paths, public, kept):
    """Segel yang disimpan pemeriksa, ke dalam `kept`: nomor -> (sidik, waktu, ujung setiap aliran)."""
    for path in paths:
        for file in sorted(path.glob("segel-*.json")) if path.is_dir() else [path]:
            told = json.loads(file.read_bytes())
            seal, ends = told["seal"], {end[0]: end for end in told["ends"]}
            if not is_signed(public, canonical(seal), bytes.fromhex(told["signature"])):
                yield f"{file.name}: tanda tangannya tidak cocok dengan kunci ini"
            if tree([sha(b"\0" + canonical(end)) for end in told["ends"]]).hex() != seal["root"]:
                yield f"{file.name}: daftar ujung rantainya diubah"
            kept[seal["number"]] = sha(canonical(seal)), datetime.fromisoformat(seal["sealed_at"]), ends


def check(read, names, key=None, seal_paths=()):
    """Semua temuan, dan kalimat tentang apa yang diperiksa."""
    signed, signature = read("isi.json"), (read("isi.sig") or b"").decode()
    told, raw = json.loads(signed), bytes.fromhex(signature)
    public, made = bytes.fromhex(key or told["public_key"]), datetime.fromisoformat(told["made_at"])
    faults, kept, first = [], {}, told["streams"][0]
    if public.hex() != told["public_key"]:
        faults.append("isi.json: kunci kota di dalamnya bukan kunci yang Anda berikan")
    if raw.hex() != signature or not is_signed(public, signed, raw):
        faults.append("isi.json: diubah, atau tidak ditandatangani dengan kunci ini")
    faults += part("segel yang Anda simpan", kept_seals(seal_paths, public, kept))
    faults += ["segel yang Anda simpan: tidak ada satu pun"] if seal_paths and not kept else []
    faults += part("isi.json", check_files(told, read, names))
    seals, secrets = json.loads(read("segel.json") or b"{}"), json.loads(read("teks.json") or b"{}")
    for stream in told["streams"]:
        name, own, stream["events"], stream["sealed"] = stream["name"], stream["stream"], [], 0
        faults += part(name, check_chain(stream, (read(stream["file"]) or b"").splitlines()))
        faults += part(f"segel {name}", check_seals(stream, seals.pop(own, []), public, kept, made))
        faults += part(f"teks {name}", check_secrets(stream, secrets.pop(own, [])))
    about = [one["data"] for one in first["events"] if one["seq"] == 1 or one["type"] == "SopProposed"]
    if told["report"] not in [one.get("usulan", one.get("nomor")) for one in about]:
        faults.append(f"isi.json: rantai pertamanya bukan rantai laporan {told['report']} atau usulan itu")
    faults += part("sop", check_sops(told, read))
    if len(first["events"]) == first["count"]:  # dari rantai yang putus tidak ada yang dapat disimpulkan
        faults += part("foto.json", check_photos(first, json.loads(read("foto.json") or b"[]")))
    faults += [f"rantai {name} tidak ada di dalam berkas" for name in sorted({*seals, *secrets})]
    words = f"Berkas bukti {first['name']}, dibuat {told['made_at']}: {first['count']} peristiwa, "
    words += f"{first['sealed']} di antaranya sudah disegel; yang sesudahnya belum. "
    words += f"Kunci kota {told['public_key']}{'' if key else ' (dari berkas ini sendiri; cocokkan)'}."
    return faults, words


def opened(path):
    """Pembaca isi sebuah folder atau zip, dan nama semua isinya."""
    if path.is_dir():
        files = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
        return lambda name: files[name].read_bytes() if name in files else None, list(files)
    bundle = zipfile.ZipFile(path)
    if sum(each.file_size for each in bundle.infolist()) > LARGEST:
        raise ValueError("isinya terlalu besar untuk sebuah berkas bukti")
    return lambda name: bundle.read(name) if name in bundle.NameToInfo else None, bundle.namelist()


def say(words):  # huruf yang tidak terlihat dapat mengubah layar: ia menjadi tanda tanya
    print("".join(letter if letter.isprintable() else "?" for letter in words))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("berkas", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--kunci", help="kunci publik kota, 64 angka heksadesimal")
    parser.add_argument("--segel", type=Path, nargs="*", default=[], help="segel yang Anda simpan sendiri")
    asked = parser.parse_args(arguments)
    try:
        read, names = opened(asked.berkas)
        faults, words = check(read, names, asked.kunci, asked.segel)
    except Exception as error:
        say(f"Berkas ini tidak terbaca sebagai berkas bukti: {error!r}")
        return 2
    for fault in faults:
        say(f"TIDAK COCOK  {fault}")
    say(words)
    say("Semuanya cocok." if not faults else f"{len(faults)} hal tidak cocok.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    sys.exit(main())
