"""The files for a real city are read by the programs they are for, and agree with the program they start."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.config import from_environment

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
HARDENED = (
    "NoNewPrivileges=true",
    "ProtectSystem=strict",
    "ProtectHome=true",
    "PrivateTmp=true",
    "CapabilityBoundingSet=",
    "UMask=0077",
)


def installed(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


@installed("systemd-analyze")
def test_systemd_reads_the_units(tmp_path):
    # The programs they start lie elsewhere here, and the user is not there.
    for unit in UNITS:
        text = unit.read_text()
        text = text.replace("User=tuntas\nGroup=tuntas\n", "").replace("/opt/tuntas/docs/", "/usr/share/")
        for program in (".venv/bin/gunicorn", ".venv/bin/python", "scripts/backup"):
            text = text.replace(f"/opt/tuntas/{program}", str(ROOT / program))
        (tmp_path / unit.name).write_text(text.replace("WorkingDirectory=/opt/tuntas", "WorkingDirectory=/"))
    names = [name.replace("@.", "@1.") for name in (unit.name for unit in UNITS)]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
    command += [str(tmp_path / name) for name in names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "tuntas" in line]
    assert not ours, done.stderr


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda one: one.stem)
def test_a_service_may_do_no_more_than_it_must(unit):
    lines = unit.read_text().splitlines()
    assert [wanted for wanted in HARDENED if wanted not in lines] == []
    assert "User=tuntas" in lines


def test_each_worker_of_a_machine_shows_its_figures_at_its_own_port(tmp_path):
    unit = (DEPLOY / "tuntas-worker@.service").read_text()
    given = re.search(r"TUNTAS_WORKER_METRICS_PORT=(\S+)", unit)
    port = given[1].replace("%i", "2")
    told = {"TUNTAS_INSTANCE": str(tmp_path), "TUNTAS_WORKER_METRICS_PORT": port}
    assert from_environment(told).worker_metrics_port == 9102


@installed("nginx")
def test_nginx_reads_its_file(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=uji", "-days", "1",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        capture_output=True, check=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(tmp_path / "cert.pem"), text)
    text = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(tmp_path / "key.pem"), text)
    text = text.replace("/var/log/nginx/", f"{tmp_path}/")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{places}{text}\n}}\n")
    done = subprocess.run(["nginx", "-t", "-q", "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@installed("caddy")
def test_caddy_reads_its_file():
    check = ["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_proxy_shows_the_figures_or_logs_addresses():
    nginx, caddy = ((DEPLOY / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert re.search(r"location = /metrics \{\s+return 404;", nginx)
    assert "respond @figures 404" in caddy
    logged = re.search(r"log_format \w+ '(.*)'", nginx)[1]
    assert not {"$request", "$request_uri", "$uri", "$remote_addr", "$http_referer"} & set(logged.split())
    assert "request>uri delete" in caddy
    assert "X-Forwarded-For $remote_addr" in nginx, "what a visitor claims is replaced, not added to"
