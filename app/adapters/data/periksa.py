#!/usr/bin/env python3
"""Memeriksa berkas bukti sebuah laporan, tanpa jaringan dan tanpa program lain.

    python3 periksa.py [BUNDLE.zip] [--kunci KUNCI_PUBLIK] [--segel MAP_ATAU_BERKAS ...]

Yang diperiksa, satu per satu:
  1. isi.json ditandatangani kota (Ed25519), dan setiap berkas masih sama dengan sidik di dalamnya;
  2. setiap rantai peristiwa utuh: tidak ada yang diubah, dibuang, ditukar, disisipkan, atau dipotong;
  3. setiap rantai cocok dengan segel malam yang ditandatangani, dan segelnya sama dengan yang Anda simpan;
  4. diagram dan tabel keputusan adalah yang diterbitkan;
  5. teks yang dibuka cocok dengan sidiknya di dalam peristiwa;
  6. sidik setiap foto adalah yang tercatat saat fotonya masuk.

Tanpa --kunci, kunci di dalam berkas dipakai: itu hanya membuktikan bahwa isinya utuh, bukan dari siapa.
Keluar dengan 0 bila semuanya cocok, 1 bila tidak, 2 bila berkas tidak terbaca.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

# --- Ed25519 (RFC 8032), hanya memeriksa tanda tangan -----------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
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
    for left, neighbour in zip(reversed(sides), neighbours):
        leaf = sha(b"\1" + (leaf + neighbour if left else neighbour + leaf))
    return leaf


UNREADABLE = (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, zipfile.BadZipFile)


# --- Pemeriksaan ------------------------------------------------------------------------------------------
def check_files(told, read, names):
    """1. Setiap berkas ada, tidak berubah, dan tidak ada yang lain."""
    for name, digest in told["files"].items():
        content = read(name)
        if content is None:
            yield f"berkas {name} hilang"
        elif sha(content).hex() != digest:
            yield f"berkas {name} diubah"
    for name in sorted(set(names) - set(told["files"]) - {"isi.json", "isi.sig", "periksa.py"}):
        yield f"berkas {name} tidak disebut dalam isi.json"


def note_photos(known, data):
    """Sidik foto menurut peristiwa: saat laporan masuk, dan saat fotonya dibersihkan."""
    noted = data.get("foto")
    if isinstance(noted, list):
        known.update({one[0]: one[1] for one in noted})
    elif noted and "asal" in data:
        known[noted] = data["asal"]


def check_chain(stream, lines):
    """2. Rantai satu aliran; mengembalikan sidik setiap peristiwa lewat `stream['hashes']`."""
    last, hashes = bytes(32), {}
    stream["hashes"] = hashes
    for number, line in enumerate(lines, start=1):
        event = json.loads(line)
        digest = event.pop("hash")
        what = f"{stream['name']}, peristiwa {event['seq']} ({event['type']})"
        if event["seq"] != number:
            yield f"{what}: seharusnya peristiwa {number}; ada yang dibuang, ditukar, atau disisipkan"
            return
        if event["stream"] != stream["stream"] or sha(last + canonical(event)).hex() != digest:
            yield f"{what}: diubah; tidak sesuai dengan sidik rantainya"
            return
        last = hashes[number] = bytes.fromhex(digest)
        note_photos(stream.setdefault("photos", {}), event["data"])
        stream.setdefault("commitments", {})[number] = event["commitments"] or {}
    if len(hashes) != stream["count"] or last.hex() != stream["last_hash"]:
        yield f"{stream['name']}: rantai berhenti di peristiwa {len(hashes)}, seharusnya {stream['count']}"


def check_seals(stream, seals, public, kept):
    """3. Ujung rantai pada setiap segel, tanda tangan segel, dan segel yang disimpan di luar."""
    for one in seals:
        seal, (name, seq, digest) = one["seal"], one["end"]
        what = f"segel {seal['number']}"
        if not is_signed(public, canonical(seal), bytes.fromhex(one["signature"])):
            yield f"{what}: tanda tangannya tidak cocok"
        leaf = sha(b"\0" + canonical(one["end"]))
        neighbours = [bytes.fromhex(each) for each in one["neighbours"]]
        root = merkle(leaf, one["place"], seal["streams"], neighbours)
        if root is None or root.hex() != seal["root"]:
            yield f"{what}: bukti bahwa {stream['name']} termasuk di dalamnya tidak cocok"
        if name != stream["stream"] or stream["hashes"].get(seq, b"").hex() != digest:
            yield f"{stream['name']}, peristiwa {seq}: bukan lagi yang disegel ({what})"
        head = sha(canonical(seal)).hex()
        if kept.get(seal["number"], head) != head:
            yield f"{what}: berbeda dari segel yang Anda simpan"


def check_sops(sops, read):
    """4. Diagram dan tabel keputusan, dengan sidik isi yang tercatat saat diterbitkan."""
    for sop in sops:
        parts = sorted(sha(read(name) or b"").hex() for name in sop["files"])
        if sha("\n".join([sop["key"], *parts]).encode()).hex() != sop["content_hash"]:
            yield f"SOP {sop['key']} versi {sop['version']}: bukan isi yang diterbitkan"


def check_secrets(stream, secrets):
    """5. Teks yang dibuka."""
    for one in secrets:
        digest = base64.urlsafe_b64encode(sha(bytes.fromhex(one["salt"]) + one["value"].encode()))
        kept = stream.get("commitments", {}).get(one["seq"], {}).get(one["field"])
        if kept != digest.decode().rstrip("="):
            yield f"{stream['name']}, peristiwa {one['seq']}: isi “{one['field']}” bukan aslinya"


def check_photos(stream, photos):
    """6. Foto."""
    known = stream.get("photos", {})
    for photo in photos:
        if known.get(photo["id"], photo["sha256"]) != photo["sha256"]:
            yield f"foto {photo['id']}: sidiknya bukan yang tercatat dalam peristiwa"
        elif photo["id"] not in known and photo["state"] == "siap":
            yield f"foto {photo['id']}: tidak tercatat dalam peristiwa"


def kept_seals(paths):
    """Nomor -> sidik segel yang disimpan pemeriksa."""
    found = {}
    for path in paths:
        for file in sorted(path.glob("segel-*.json")) if path.is_dir() else [path]:
            seal = json.loads(file.read_text("utf-8"))["seal"]
            found[seal["number"]] = sha(canonical(seal)).hex()
    return found


def check(read, names, key=None, seal_paths=()):
    """Semua temuan, dan kalimat tentang apa yang diperiksa."""
    signed = read("isi.json")
    told = json.loads(signed)
    public = bytes.fromhex(key or told["public_key"])
    faults = []
    if key and key.lower() != told["public_key"]:
        faults.append("isi.json: kunci kota di dalamnya bukan kunci yang Anda berikan")
    if not is_signed(public, signed, bytes.fromhex((read("isi.sig") or b"").decode().strip())):
        faults.append("isi.json: diubah, atau tidak ditandatangani dengan kunci ini")
    faults += check_files(told, read, names)
    kept = kept_seals(seal_paths)
    seals, secrets = json.loads(read("segel.json") or b"{}"), json.loads(read("teks.json") or b"{}")
    for stream in told["streams"]:
        faults += check_chain(stream, (read(stream["file"]) or b"").splitlines())
        faults += check_seals(stream, seals.get(stream["stream"], []), public, kept)
        faults += check_secrets(stream, secrets.get(stream["stream"], []))
    faults += check_sops(told["sops"], read)
    first = told["streams"][0]
    faults += check_photos(first, json.loads(read("foto.json") or b"[]"))
    proven = max((one["end"][1] for one in seals.get(first["stream"], [])), default=0)
    words = f"Laporan {told['report']}: {first['count']} peristiwa, {proven} di antaranya sudah disegel. "
    words += f"Kunci kota {told['public_key']}{'' if key else ' (dari berkas ini sendiri; cocokkan)'}."
    return faults, words


def main(arguments=None):
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("berkas", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--kunci", help="kunci publik kota, 64 angka heksadesimal")
    parser.add_argument("--segel", type=Path, nargs="*", default=[], help="segel yang Anda simpan sendiri")
    asked = parser.parse_args(arguments)
    try:
        if asked.berkas.is_dir():
            inside = [path for path in asked.berkas.rglob("*") if path.is_file()]
            names = {path.relative_to(asked.berkas).as_posix(): path for path in inside}
            faults, words = check(lambda n: names[n].read_bytes() if n in names else None, names, asked.kunci,
                                  asked.segel)
        else:
            with zipfile.ZipFile(asked.berkas) as bundle:
                names = bundle.namelist()
                faults, words = check(lambda n: bundle.read(n) if n in names else None, names, asked.kunci,
                                      asked.segel)
    except UNREADABLE as error:
        print(f"Berkas ini tidak terbaca sebagai berkas bukti: {error!r}")
        return 2
    for fault in faults:
        print(f"TIDAK COCOK  {fault}")
    print(words)
    print("Semuanya cocok." if not faults else f"{len(faults)} hal tidak cocok.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
