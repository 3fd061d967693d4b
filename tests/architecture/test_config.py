"""What the environment may say, and what an installation makes for itself."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import DEMO_MARK, SettingInvalid, from_environment


def test_secret_keys_are_made_once_and_kept_to_their_owner(tmp_path: Path) -> None:
    first = from_environment({"TUNTAS_INSTANCE": str(tmp_path)})
    again = from_environment({"TUNTAS_INSTANCE": str(tmp_path)})
    assert first.keys == again.keys
    assert len({first.keys.session, first.keys.lookup, first.keys.sealing}) == 3
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert first.keys.session not in repr(first)


def test_an_installation_from_before_a_key_existed_keeps_those_it_has_and_gets_the_new_one(
    tmp_path: Path,
) -> None:
    old = {"session": "1" * 64, "lookup": "2" * 64, "sealing": "3" * 64}
    (tmp_path / "keys.json").write_text(json.dumps(old))
    keys = from_environment({"TUNTAS_INSTANCE": str(tmp_path)}).keys
    assert (keys.session, keys.lookup, keys.sealing) == tuple(old.values())
    assert len(bytes.fromhex(keys.audit)) == 32
    assert from_environment({"TUNTAS_INSTANCE": str(tmp_path)}).keys == keys


def test_without_a_word_it_is_production_with_real_time(tmp_path: Path) -> None:
    settings = from_environment({"TUNTAS_INSTANCE": str(tmp_path)})
    assert settings.environment == "production"
    assert settings.clock_file is None
    assert settings.clock_offset == timedelta(0)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TUNTAS_ENV", "staging"), ("TUNTAS_SMTP_PORT", "mail"), ("TUNTAS_CLOCK_OFFSET_SECONDS", "60"),
     ("TUNTAS_RATE_LIMITS", "maybe")],
)
def test_a_value_that_cannot_be_meant_stops_the_start_by_name(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(SettingInvalid, match=variable):
        from_environment({"TUNTAS_INSTANCE": str(tmp_path), variable: value})


def test_the_brand_is_a_setting(tmp_path: Path) -> None:
    told = {"TUNTAS_INSTANCE": str(tmp_path), "TUNTAS_BRAND": "Lapor Hendi", "TUNTAS_ZONE": "Asia/Jakarta"}
    city = from_environment(told).city
    assert (city.brand, city.zone, city.name) == ("Lapor Hendi", "Asia/Jakarta", "Kota Palu")


def test_commands_beside_a_demo_city_know_that_it_is_one(tmp_path: Path) -> None:
    (tmp_path / DEMO_MARK).touch()
    assert from_environment({"TUNTAS_INSTANCE": str(tmp_path)}).environment == "demo"
    told = {"TUNTAS_INSTANCE": str(tmp_path), "TUNTAS_ENV": "production"}
    assert from_environment(told).environment == "production"
