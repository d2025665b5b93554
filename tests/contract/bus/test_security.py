"""A broker that asks who is there, over TLS: the settings reach it, and what is wrong with them is one clear line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.topics import TopicSpec
from services.cli.main import habeas
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import BusUnusable, Outgoing, Record
from tests.contract.bus.say import SECONDS_MAX
from tests.servers.secured import PASSWORD, USER, Secured

pytestmark = pytest.mark.kafka
TOPIC = TopicSpec("habeas.secured", "a topic of these tests", 1, 1, False)


def test_what_is_published_with_a_password_over_tls_comes_back(secured: Secured) -> None:
    async def go() -> list[Record]:
        bus = KafkaBus(secured.settings())
        await bus.open()
        try:
            await bus.ensure_topics([TOPIC])
            await bus.publish([Outgoing(TOPIC.name, b"key", b"value")])
            return [record async for record in bus.tail([TOPIC.name], from_beginning=True, follow=False)]
        finally:
            await bus.close()

    (record,) = asyncio.run(go())
    assert (record.key, record.value) == (b"key", b"value")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sasl_password": "another"}, "bus.sasl_username and bus.sasl_password"),
        ({"sasl_mechanism": "SCRAM-SHA-512"}, "bus.sasl_mechanism"),
        ({"ssl_cafile": "foreign"}, "bus.ssl_cafile"),
    ],
    ids=["wrong password", "mechanism that is off", "untrusted certificate"],
)
def test_what_the_broker_or_we_refuse_is_said_at_once_and_names_the_setting(
    secured: Secured, wrong: dict[str, object], says: str
) -> None:
    if "ssl_cafile" in wrong:
        wrong = {"ssl_cafile": secured.foreign}

    async def go() -> None:
        async with asyncio.timeout(SECONDS_MAX):
            await KafkaBus(secured.settings(**wrong)).open()

    with pytest.raises(BusUnusable) as refused:
        asyncio.run(go())
    assert says in str(refused.value)
    assert PASSWORD not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_user_is_told_by_the_command_in_one_line(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_text(
        f'[bus]\nkind = "kafka"\nbootstrap = "{secured.bootstrap}"\nsecurity_protocol = "SASL_SSL"\n'
        f'sasl_username = "{USER}"\nsasl_password = "wrong"\nssl_cafile = {json.dumps(str(secured.trusted))}\n'
    )
    for command in (["topics", "list"], ["doctor"]):
        done = CliRunner().invoke(habeas, [*command, "--home", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 1
        said = [line for line in done.output.splitlines() if "bus.sasl_password" in line]
        assert len(said) == 1, done.output
        assert "Traceback" not in done.output
