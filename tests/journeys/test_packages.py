"""A person's package, from the letter to the opened archive: encrypted, taken once, resumed, mailed, and removed."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from schemas import events as bus
from services.cli.main import habeas
from services.intake.api.packages import PackageFault, shelf
from services.intake.core.fetching import FINISHING_MS
from services.intake.delivery import MaildirTransport, Undeliverable
from services.intake.web import make_app
from tests.journeys.archives import archive_on, opened, password_on
from tests.journeys.shop import Shop, home_with
from tests.journeys.test_pages import WORDS, doors
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
MAILED = "[controllers.axigen.packages]\nmail_bytes_max = 1_000_000\n"
LARGE_ROWS = 40_000
UNZIP = "import sys, pyzipper; pyzipper.AESZipFile(sys.argv[2]).extractall(pwd=sys.argv[1].encode())"
Browser = TestClient[Any, Any]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def ask(at: House, text: str = "Please send me a copy of my data.") -> str:
    """Return where the letter says that the package is."""
    at.mail(AXIGEN, text)
    at.follow_link()
    found = re.search(r"http://habeas\.example(/d/\S+)", at.texts()[-1])
    assert found, at.texts()[-1]
    return found.group(1)


def visit(at: House, walk: Callable[[Browser], Awaitable[None]], language: str = "en") -> None:
    async def run() -> None:
        await at.front.open()
        async with TestClient(TestServer(make_app(doors(at))), headers={"Accept-Language": language}) as browser:
            await walk(browser)
        await at.front.close()

    at.run(run())


async def read(answer: ClientResponse, status: int) -> str:
    text = await answer.text()
    assert answer.status == status, text
    return text


def kept(at: House) -> int:
    """Return how many packages and passwords are in the vault."""
    with at.stores["intake"].begin() as transaction:
        query = "SELECT count(*) FROM vault_objects WHERE kind IN ('package', 'package_password')"
        return int(transaction.connection.exec_driver_sql(query).scalar() or 0)


def test_the_password_is_on_the_page_alone_and_the_archive_opens_with_it(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)

        async def walk(browser: Browser) -> None:
            for _ in range(3):
                scanned = await read(await browser.get(link), 200)
                assert "secret" not in scanned
            page = await read(await browser.post(link), 200)
            password = password_on(page)
            assert re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){4}[a-hjkmnp-z2-9]{5}", password)
            assert password_on(await read(await browser.post(link), 200)) == password, "pressed again before the fetch"
            fetched = await browser.get(archive_on(page))
            assert fetched.headers["Content-Disposition"].endswith('.zip"')
            assert fetched.headers["Accept-Ranges"] == "bytes"
            files = opened(await fetched.read(), password)
            assert b"a red pen" in files["data/shop/orders.jsonl"]
            assert b"Bob" not in b"".join(files.values())
            assert not any(password in text for text in at.texts())
            for gone in (await browser.get(link), await browser.post(link), await browser.get(archive_on(page))):
                assert password not in await read(gone, 410)

        visit(at, walk)


def test_the_page_speaks_the_reader_s_language_and_says_how_to_open(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)

        async def walk(browser: Browser) -> None:
            page = await read(await browser.post(link), 200)
            assert '<html lang="ro">' in page
            assert WORDS["ro"]["package_mac"] in page
            assert "7-zip.org" in page

        visit(at, walk, "ro")
        assert "7-Zip opens it on Windows" in at.texts()[-1]


def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path, shop: Shop) -> None:
    rows = ",".join(f"({n}, 1, 'note {n * 7919 % 100_003} {n * 104_729 % 1_000_003}')" for n in range(100, LARGE_ROWS))
    shop.execute(f"INSERT INTO orders VALUES {rows};")
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)

        async def walk(browser: Browser) -> None:
            page = await read(await browser.post(link), 200)
            where = archive_on(page)
            head = await browser.head(where)
            size, tag = int(head.headers["Content-Length"]), head.headers["ETag"]
            assert size > 400_000
            broken = await browser.get(where)
            first = await broken.content.readexactly(100_000)
            broken.close()
            middle = await browser.get(where, headers={"Range": "bytes=100000-199999", "If-Range": tag})
            assert middle.status == 206
            assert middle.headers["Content-Range"] == f"bytes 100000-199999/{size}"
            rest = await browser.get(where, headers={"Range": "bytes=200000-", "If-Range": tag})
            content = first + await middle.read() + await rest.read()
            assert len(content) == size
            assert b"note" in opened(content, password_on(page))["data/shop/orders.jsonl"]
            await read(await browser.get(where), 410)
            await read(await browser.get(where, headers={"Range": "bytes=0-"}), 410)
            end = await browser.get(where, headers={"Range": f"bytes={size - 9}-", "If-Range": tag})
            assert (end.status, await end.read()) == (206, content[-9:]), "the last bytes may have been lost"

        visit(at, walk)
        at.later(milliseconds=FINISHING_MS)
        at.run(at.packages.sweep())
        assert kept(at) == 0


def test_a_small_archive_that_nobody_received_is_not_taken(tmp_path: Path, shop: Shop) -> None:
    rows = ",".join(f"({n}, 1, '{hashlib.sha512(str(n).encode()).hexdigest()}')" for n in range(100, 2_000))
    shop.execute(f"INSERT INTO orders VALUES {rows};")
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)

        async def walk(browser: Browser) -> None:
            where = archive_on(await read(await browser.post(link), 200))
            size = int((await browser.head(where)).headers["Content-Length"])
            assert 60_000 < size < 200_000, "it fits into a connection's buffers"
            host, port = browser.host, browser.port
            assert port is not None
            # A phone that goes out of reach: it takes the first bytes, acknowledges no more, and is gone.
            lost = socket.socket()
            lost.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            lost.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            lost.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(lost, (host, port))
            await loop.sock_sendall(lost, f"GET {where} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert await loop.sock_recv(lost, 1_000)
            await asyncio.sleep(0.3)
            lost.close()
            await asyncio.sleep(0.3)
            whole = await browser.get(where)
            assert (whole.status, len(await whole.read())) == (200, size)
            await read(await browser.get(where), 410)

        visit(at, walk)


def test_ranges_that_cannot_be_and_other_archives_are_answered_as_http_says(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)

        async def walk(browser: Browser) -> None:
            where = archive_on(await read(await browser.post(link), 200))
            size = int((await browser.head(where)).headers["Content-Length"])
            beyond = await browser.get(where, headers={"Range": f"bytes={size}-"})
            assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
            other = await browser.get(where, headers={"Range": "bytes=5-", "If-Range": '"another"'})
            assert (other.status, len(await other.read())) == (200, size)
            for forged in (where[:-1], where.replace("/a/", "/d/"), link.replace("/d/", "/a/")):
                await read(await browser.get(forged), 410)

        visit(at, walk)


def test_a_package_that_nobody_fetches_is_removed_when_its_link_ends(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)
        at.later(days=13)
        at.run(at.packages.sweep())
        assert kept(at) == 2
        at.later(days=1, seconds=1)
        at.run(at.packages.sweep())
        assert kept(at) == 0

        async def walk(browser: Browser) -> None:
            await read(await browser.get(link), 410)
            await read(await browser.post(link), 410)

        visit(at, walk)


def test_a_window_ends_even_where_the_archive_was_never_whole(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)
        where: list[str] = []

        async def press(browser: Browser) -> None:
            where.append(archive_on(await read(await browser.post(link), 200)))
            await (await browser.get(where[0], headers={"Range": "bytes=0-99"})).read()

        async def late(browser: Browser) -> None:
            await read(await browser.get(where[0]), 410)
            await read(await browser.post(link), 410)

        visit(at, press)
        at.later(hours=25)
        visit(at, late)
        at.run(at.packages.sweep())
        assert kept(at) == 0


def test_a_small_package_is_mailed_encrypted_and_its_password_is_not_in_the_mail(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, MAILED)) as at:
        link = ask(at)
        letter = at.letters()[-1]
        (attached,) = letter.iter_attachments()
        assert attached.get_content_type() == "application/zip"
        content = attached.get_content()
        assert "attached to this mail, encrypted" in at.texts()[-1]

        async def walk(browser: Browser) -> None:
            password = password_on(await read(await browser.post(link), 200))
            assert password not in letter.as_string()
            names = set(opened(content, password))
            assert "index.html" in names
            assert not any("shop" in name or "orders" in name for name in names), "names can be read without a password"

        visit(at, walk)


def test_a_package_larger_than_the_setting_is_not_mailed(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path, MAILED.replace("1_000_000", "100"))) as at:
        ask(at)
        assert list(at.letters()[-1].iter_attachments()) == []


def test_a_mail_that_is_refused_with_its_archive_goes_with_the_link_alone(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = MaildirTransport.send

    async def choosy(self: MaildirTransport, letter: str, sender: str, to: str, mail: bytes) -> None:
        if b"application/zip" in mail:
            raise Undeliverable("552")
        await send(self, letter, sender, to, mail)

    monkeypatch.setattr(MaildirTransport, "send", choosy)
    with house(home_with(shop, tmp_path, MAILED)) as at:
        ask(at)
        assert list(at.letters()[-1].iter_attachments()) == []
        assert "a page with the password" in at.texts()[-1]
        assert at.told(bus.ClaimCompleted)


def test_what_was_packed_for_a_claim_that_is_taken_back_is_removed(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.relay_is_down = True
        at.mail(AXIGEN, "Please send me a copy of my data.")
        at.follow_link()
        assert kept(at) == 2
        at.mail(AXIGEN, "I withdraw my request, please stop.")
        assert at.told(bus.ClaimWithdrawn)
        assert kept(at) == 0


def test_every_program_that_this_machine_has_opens_the_archive(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)
        secret: list[str] = []

        async def walk(browser: Browser) -> None:
            page = await read(await browser.post(link), 200)
            (tmp_path / "package.zip").write_bytes(await (await browser.get(archive_on(page))).read())
            secret.append(password_on(page))

        visit(at, walk)
    for program in extractors():
        assert extract(program, tmp_path, secret[0][:-1] + "?").returncode != 0
        done = extract(program, tmp_path, secret[0])
        assert done.returncode == 0, done.stderr
        assert "a red pen" in (tmp_path / "out" / "data" / "shop" / "orders.jsonl").read_text()
        shutil.rmtree(tmp_path / "out")


def extractors() -> list[list[str]]:
    """The commands that this machine has, a place for the password in each; pyzipper is on every machine."""
    known = (["7zz", "x", "-y", "-p{}"], ["7z", "x", "-y", "-p{}"], ["bsdtar", "--passphrase", "{}", "-x", "-f"])
    return [[sys.executable, "-c", UNZIP, "{}"], *(command for command in known if shutil.which(command[0]))]


def extract(command: list[str], folder: Path, password: str) -> subprocess.CompletedProcess[bytes]:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    filled = [part.replace("{}", password) for part in command]
    return subprocess.run([*filled, str(folder / "package.zip")], cwd=out, capture_output=True, check=False, timeout=60)


def test_an_officer_sees_how_far_a_package_is_and_may_remove_it(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        link = ask(at)
        case = at.case().case_id
        with shelf(at.settings, at.clock) as packages:
            (before,) = packages.packages(case)
            assert (before["standing"], before["ends"]) == ("announced", "2027-03-16T09:00:00+00:00")
            assert packages.packages("HB-00000000") == []

            async def walk(browser: Browser) -> None:
                where = archive_on(await read(await browser.post(link), 200))
                await (await browser.get(where, headers={"Range": "bytes=0-99"})).read()
                await browser.head(where)  # which waits until the piece is counted

            visit(at, walk)
            (opened_,) = packages.packages()
            assert opened_["standing"] == "open"
            assert opened_["fetched_percent"] == 100 * 100 // opened_["size_bytes"]
            (gone,) = packages.remove(f"HB-{case.replace('-', '')[:8].upper()}")
            assert gone["removed"]
            assert kept(at) == 0
            with pytest.raises(PackageFault, match="no package any more"):
                packages.remove(case)
        told = CliRunner().invoke(habeas, ["packages", "list", "--all", "--home", str(at.settings.home)])
        assert told.exit_code == 0, told.output
        assert "gone: " in told.output
        assert "ann@" not in told.output


def test_a_home_without_a_habeas_is_said_in_one_line(tmp_path: Path) -> None:
    told = CliRunner().invoke(habeas, ["packages", "list", "--home", str(tmp_path)])
    assert told.exit_code == 1
    assert "there is no habeas in" in told.output


ASKED = f'{MAILED}mail_when = "asked"\n'


@pytest.mark.parametrize(
    ("settings", "words", "mailed"),
    [
        (MAILED, "Please send me a copy of my data. Do not mail it, I'll download it.", False),
        (MAILED, "Please send me a copy of my data.", True),
        (ASKED, "Please send me a copy of my data.", False),
        (ASKED, "Please send me a copy of my data as an e-mail attachment.", True),
        ("", "Please send me a copy of my data as an e-mail attachment.", False),
    ],
)
def test_how_a_copy_is_wished_is_followed_as_far_as_the_settings_go(
    tmp_path: Path, shop: Shop, settings: str, words: str, mailed: bool
) -> None:
    with house(home_with(shop, tmp_path, settings)) as at:
        ask(at, words)
        files = [part.get_filename() for part in at.letters()[-1].iter_attachments()]
        assert [str(name).endswith(".zip") for name in files] == ([True] if mailed else [])
