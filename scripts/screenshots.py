"""Pictures for the README, taken from a demo city that runs: `make screenshots`.

Starts a city of its own in a temporary folder, or uses the one at `URL=http://localhost:8000`. The pictures
go to docs/gambar and are looked at before they are committed.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.services.demo.accounts import PASSWORD  # noqa: E402
from scripts.chromium import find  # noqa: E402

PICTURES = ROOT / "docs" / "gambar"
WELCOME = "berjalan di"
SOP = "Penanganan pengaduan"


@contextlib.contextmanager
def city() -> Iterator[str]:
    """Address of a running demo city."""
    if os.environ.get("URL"):
        yield os.environ["URL"].rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="tuntas-gambar-") as folder:
        environment = {**os.environ, "TUNTAS_INSTANCE": folder, "PORT": "8900", "TUNTAS_TILE_URL": ""}
        command = [sys.executable, "-u", str(ROOT / "scripts" / "run.py")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            try:
                line = next(line for line in running.stdout if WELCOME in line)
                time.sleep(5)  # the worker cleans the demo's photos
                yield line.split()[-1]
            finally:
                running.send_signal(signal.SIGTERM)
                running.communicate(timeout=60)


def browse(browser: Browser, url: str, width: int, user: str | None = None) -> Page:
    height = 780 if width < 600 else 860
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, device_scale_factor=1.5, locale="id-ID"
    )
    page = context.new_page()
    if user:
        page.goto("/masuk")
        page.get_by_label("Nama pengguna").fill(user)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.locator("form[action='/masuk'] button").click()
        page.wait_for_url("**/kotak-masuk")
    return page


def shoot(page: Page, path: str, name: str, *, whole: bool = False) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    keep(page, name, whole=whole)


def page_of(document: Path, number: int) -> bytes:
    """One page of a PDF as PNG."""
    command = ["pdftoppm", "-r", "110", "-f", str(number), "-l", str(number), "-png", str(document)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Take the picture as the page stands."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)
    print(f"docs/gambar/{name}.png")


def first_link(page: Page, inside: str) -> str | None:
    link = page.locator(f"main a[href^='{inside}']").first
    return link.get_attribute("href") if link.count() else None


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with city() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        phone, desk = browse(browser, url, 360), browse(browser, url, 1280)
        shoot(desk, "/", "beranda")
        shoot(phone, "/", "beranda-ponsel")
        shoot(phone, "/lapor", "lapor-ponsel")
        admin = browse(browser, url, 1280, "admin1")
        shoot(admin, "/kotak-masuk", "kotak-masuk")
        task = first_link(admin, "/tugas/")
        if task:
            shoot(admin, task, "tugas")
        checker = browse(browser, url, 1280, "verifikator1")
        checker.goto("/kotak-masuk")
        check = first_link(checker, "/tugas/")
        if check:
            shoot(checker, check, "periksa-bukti")
        studio(browse(browser, url, 1280, "bappeda1"))
        audit(browse(browser, url, 1280, "inspektorat1"))
        step_in(admin)
        browser.close()
    return 0


def studio(officer: Page) -> None:
    """An SOP in the studio: written, tried out, printed, compared."""
    officer.goto("/studio")
    officer.get_by_role("row", name=SOP).get_by_role("button", name="Sunting").click()
    officer.locator("#studio[data-ready]").wait_for()
    officer.evaluate("document.getElementById('studio').studio.select('verifikasi')")
    officer.wait_for_timeout(3000)
    keep(officer, "studio")
    officer.get_by_role("tab", name="Coba jalankan").click()
    officer.locator("[data-play-now]").wait_for()
    officer.wait_for_timeout(1500)
    keep(officer, "studio-coba")
    shoot(officer, "/studio/pengaduan/versi/1", "versi-sop")
    printed = Image.open(io.BytesIO(page_of(ROOT / "docs" / "sop" / "pengaduan.pdf", 2))).convert("RGB")
    printed.quantize(256, dither=Image.Dither.NONE).save(PICTURES / "dokumen-sop.png", optimize=True)


def audit(auditor: Page) -> None:
    """A trace found and played, and where time goes."""
    shoot(auditor, "/jejak", "cari-jejak")
    auditor.goto("/jejak?eskalasi=ya")
    auditor.goto(first_link(auditor, "/jejak/LW-") or "/jejak")
    auditor.wait_for_load_state("networkidle")
    auditor.locator("[data-back]").click()
    keep(auditor, "jejak")
    shoot(auditor, "/hambatan/pengaduan/1", "hambatan")


def step_in(admin: Page) -> None:
    """What cancelling a report would mean."""
    admin.goto("/laporan?status=diproses")
    number = (first_link(admin, "/laporan/LW-") or "").rpartition("/")[2]
    admin.goto(f"/operasi/{number}")
    admin.locator("a", has_text="Batalkan laporan").first.click()
    admin.wait_for_load_state("networkidle")
    keep(admin, "tindakan")


if __name__ == "__main__":
    sys.exit(main())
