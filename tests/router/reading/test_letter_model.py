"""The kept model says what the built one says, and a file that is not in order is never believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.router.core.language import MODEL_LANGUAGES
from services.router.core.language import letter_model as built
from services.router.core.language_model import LetterModel
from services.router.letter_model import kept_letter_model

TEXTS = ("Please delete my account", "Bitte löschen Sie mein Konto", "Прошу удалить все мои данные", "ok", "")


def have(monkeypatch: pytest.MonkeyPatch, model: LetterModel) -> None:
    monkeypatch.setattr("services.router.core.language_model.load_letter_model", lambda _languages: model)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # Building takes a second, and the process has it built already.
    have(monkeypatch, built())
    return tmp_path / "habeas"


def assert_alike(model: LetterModel) -> None:
    assert all(model.rank(text) == built().rank(text) for text in TEXTS)


def kept(cache: Path) -> Path:
    kept_letter_model(MODEL_LANGUAGES)
    (file,) = cache.iterdir()
    return file


def test_what_was_kept_ranks_as_what_was_built(cache: Path) -> None:
    file = kept(cache)
    again = kept_letter_model(MODEL_LANGUAGES)
    assert again is not built()
    assert_alike(again)
    assert file.stat().st_mode & 0o777 == 0o600
    assert cache.stat().st_mode & 0o777 == 0o700


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-5000] ^= 1
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def writable_by_others(file: Path) -> None:
    file.chmod(0o666)


def without_its_places(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"places"', b'"plaices', 1))


@pytest.mark.parametrize("spoil", [flipped, cut, emptied, writable_by_others, without_its_places])
def test_a_file_that_is_not_in_order_is_built_and_kept_anew(cache: Path, spoil: Callable[[Path], None]) -> None:
    file = kept(cache)
    good = file.read_bytes()
    spoil(file)
    assert_alike(kept_letter_model(MODEL_LANGUAGES))
    assert file.read_bytes() == good
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_kept_the_model_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "habeas").write_text("a file where the folder would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    have(monkeypatch, built())
    assert kept_letter_model(MODEL_LANGUAGES) is built()


def test_other_languages_are_another_file(cache: Path) -> None:
    kept_letter_model(MODEL_LANGUAGES)
    kept_letter_model(MODEL_LANGUAGES - {"de"})
    assert len(list(cache.iterdir())) == 2


def test_a_half_written_file_is_taken_away(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", full)
    assert_alike(kept_letter_model(MODEL_LANGUAGES))
    assert list(cache.iterdir()) == []
