"""A variable that was meant as a setting is named when it is none; what others set is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime.settings import Settings, SettingsFault, load
from services.runtime.slips import slips

KNOWN = Settings.model_fields


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HABEAS_SMPT__PORT", "HABEAS_SMTP__PORT"),
        ("HABEAS_RELAYS", "HABEAS_RELAY"),
        ("HABEAS_MASTER_KEYFILE", "HABEAS_MASTER_KEY_FILE"),
        ("HABEAS_NONSENSE__PORT", "no such setting"),
    ],
)
def test_a_slip_is_named_with_what_was_meant(variable: str, meant: str) -> None:
    (said,) = slips([variable, "PATH"], KNOWN)
    assert (said.startswith(variable), meant in said) == (True, True)


@pytest.mark.parametrize(
    "variable",
    [
        "HABEAS_HOME", "HABEAS_MASTER_KEY", "HABEAS_CACHE", "HABEAS_SMTP__PORT", "habeas_relay", "HABEASX",
        "HABEAS_SERVICE_HOST", "HABEAS_PORT", "HABEAS_PORT_2525_TCP_ADDR", "HABEAS_INTAKE_SERVICE_PORT",
        "HABEAS_IMAGE_TAG",
    ],
)  # fmt: skip
def test_what_is_a_setting_or_nobodys_is_no_slip(variable: str) -> None:
    assert slips([variable], KNOWN) == []


def test_slips_in_file_and_environment_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "habeas.toml").write_text("smtpp = 3\n", encoding="utf-8")
    monkeypatch.setenv("HABEAS_SMPT__PORT", "25")
    with pytest.raises(SettingsFault) as fault:
        load(tmp_path)
    assert ("HABEAS_SMPT__PORT" in str(fault.value), "smtpp" in str(fault.value)) == (True, True)


def test_a_folder_in_the_settings_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").mkdir()
    with pytest.raises(SettingsFault, match="is a folder"):
        load(tmp_path)
