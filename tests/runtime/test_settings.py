"""Settings that cannot be used are told by name, all at once, whatever the value and wherever it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.up import up
from services.runtime.settings import SettingsFault, load


def fault_of(home: Path, **flags: object) -> str:
    with pytest.raises(SettingsFault) as told:
        load(home, flags=flags)
    return str(told.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("HABEAS_BUS", "{", "bus: this is a section"),
        ("HABEAS_SMTP", "127.0.0.1:25", "smtp: this is a section"),
        ("HABEAS_CONTROLLERS", "{'axigen'}", "controllers: this is a section"),
        ("HABEAS_CLOCK__APPROACHING_WORKING_DAYS", "ten", "clock.approaching_working_days.0: "),
        ("HABEAS_CONTROLLERS__AXIGEN__ADDRESSES", ",", "controllers.axigen.addresses: name at least 1"),
        ("HABEAS_CONTROLLERS__AXIGEN__IDENTITY", "[", "controllers.axigen.identity: this is a section"),
    ],
)
def test_a_variable_that_cannot_be_read_is_told_by_its_setting_beside_the_other_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("HABEAS_LOG", "loud")
    said = fault_of(tmp_path, relay="ftp://x")
    assert (told in said, "\n  - log: " in said, "\n  - relay: " in said) == (True, True, True)


def test_a_list_in_the_environment_may_be_words_with_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABEAS_CONTROLLERS__AXIGEN__ADDRESSES", "Privacy@axigen.com, dpo@axigen.com")
    monkeypatch.setenv("HABEAS_CLOCK__APPROACHING_WORKING_DAYS", "7,3")
    settings = load(tmp_path)
    assert settings.controllers["axigen"].addresses == ("privacy@axigen.com", "dpo@axigen.com")
    assert settings.clock.approaching_working_days == (7, 3)


def test_a_list_in_the_environment_may_be_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABEAS_CONTROLLERS__AXIGEN__ADDRESSES", '["dpo@axigen.com"]')
    assert load(tmp_path).controllers["axigen"].addresses == ("dpo@axigen.com",)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("relay", "smtp://user:secret@host:notaport"),
        ("relay", "smtp://host:99999"),
        ("relay", "smtp://host:0"),
        ("relay", "smtp://user:sec[ret@host"),
        ("relay", "smtp://"),
        ("relay", "maildir:"),
        ("store", "postgresql://user:secret@host:notaport/habeas"),
        ("store", "postgresql://user:sec[ret@host/habeas"),
        ("store", "mysql://host/habeas"),
        ("store", "sqlite:"),
        ("store", "sqlite://"),
        ("store", "sqlite:///"),
        ("store", "sqlite:///:memory:"),
        ("keys", "postgresql://user:secret@[host/habeas"),
        ("public_url", "not a url"),
        ("public_url", "privacy.example.com"),
        ("public_url", "https://"),
        ("public_url", "https://privacy.example.com:https"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_by_its_setting_and_not_repeated(
    tmp_path: Path, setting: str, value: str
) -> None:
    said = fault_of(tmp_path, **{setting: value})
    assert f": {setting}: say " in said
    assert not {"secret", "sec[ret"} & set(said.replace(":", " ").replace("@", " ").split())


@pytest.mark.parametrize("bootstrap", [":::", "", "host:", "host:99999", "host:port", "a:1,,b:2", "kafka://host:9092"])
def test_brokers_that_cannot_be_are_told(tmp_path: Path, bootstrap: str) -> None:
    assert "bus.bootstrap: say HOST:PORT" in fault_of(tmp_path, bus={"bootstrap": bootstrap})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("relay", "smtps://user:p%40ss@mail.example:465"),
        ("relay", "smtp://[::1]:25"),
        ("relay", "maildir:/var/mail/out"),
        ("store", "postgres://user:secret@host:5432/habeas?sslmode=require"),
        ("store", "postgresql:///habeas?host=/run/postgresql"),
        ("store", "postgresql+psycopg://u@a,b/habeas"),
        ("store", "sqlite:////var/lib/habeas/state.db"),
        ("store", "sqlite:///state.db"),
        ("public_url", "https://privacy.example.com/requests"),
    ],
)
def test_an_address_that_can_be_is_taken(tmp_path: Path, setting: str, value: str) -> None:
    assert getattr(load(tmp_path, flags={setting: value}), setting) == value


@pytest.mark.parametrize("bootstrap", ["kafka:9092", "a:1,b:2, c:3", "[::1]:9092", "kafka"])
def test_brokers_that_can_be_are_taken(tmp_path: Path, bootstrap: str) -> None:
    assert load(tmp_path, flags={"bus": {"bootstrap": bootstrap}}).bus.bootstrap == bootstrap


def test_an_empty_home_in_the_environment_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABEAS_HOME", "")
    assert load().home == Path("habeas-home")


def test_a_start_with_such_settings_ends_with_one_message(tmp_path: Path) -> None:
    said = CliRunner().invoke(up, ["--home", str(tmp_path)], env={"HABEAS_BUS": "{", "HABEAS_HTTP__PORT": "x"})
    assert (said.exit_code, said.output.count("habeas: the settings cannot be used")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("smpt = 1", "smpt: there is no such setting; is smtp meant?"),
        ("[retry]\noutage_day = 1", "retry.outage_day: there is no such setting; is outage_days meant?"),
        ("[controllers.axigen]\nadresses = ['a@b.example']", "axigen.adresses: there is no such setting; is addresses"),
        ("[controllers.axigen]\naddresses = ['a@b.example']\n[controllers.axigen.packages]\nday = 3", "is days meant?"),
        ("[controllers.axigen]", "controllers.axigen.addresses: it is needed"),
        ("xyzzy = 1", "xyzzy: there is no such setting; look for a slip in its name"),
        ("[clock]\napproaching_working_days = 'soon'", "clock.approaching_working_days: this is a list"),
    ],
)  # fmt: skip
def test_a_slip_in_a_settings_name_is_told_with_the_name_that_is_meant(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "habeas.toml").write_text(written, encoding="utf-8")
    assert said in fault_of(tmp_path)


def test_a_file_that_an_editor_began_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_bytes(b"\xef\xbb\xbf[retry]\r\noutage_days = 2\r\n")
    assert load(tmp_path).retry.outage_days == 2
