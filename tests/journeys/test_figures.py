"""The figures of the embedded product, as an officer's browser and Prometheus read them from `habeas up`."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from tests.journeys.product import Product, eventually, link_in, running


def figures(habeas: Product, controller: str) -> dict[str, Any]:
    status, body = habeas.get("/figures")
    assert status == 200
    return dict(json.loads(body)["controllers"].get(controller, {}))


def test_a_case_moves_from_open_to_completed_in_the_figures_and_stays_there_through_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as habeas:
        habeas.mail("legal@maxony.com", "Please send me a copy of my data.")
        habeas.mail("legal@maxony.com", "Please correct my name: it is Bea, not Be.", sender="bea@example.org")
        eventually(lambda: figures(habeas, "mailpro").get("cases", {}).get("open") == 2)
        before = figures(habeas, "mailpro")
        assert {right: row["open"] for right, row in before["rights"].items()} == {"access": 1, "rectification": 1}
        # Messages are another topic, which may be read a moment later.
        eventually(lambda: figures(habeas, "mailpro")["messages"]["last_hour"] == 2)

        habeas.get(link_in(habeas.letter("please confirm that you", "ann@example.org"), "v"), "POST")
        (task,) = eventually(lambda: habeas.events("TaskOpened"))
        habeas.habeas("case", "complete", task["data"]["case_id"], "--note", "We hold no data about you.")
        eventually(lambda: figures(habeas, "mailpro")["cases"]["completed"] == 1)
        after = figures(habeas, "mailpro")
        assert after["cases"]["open"] == 1
        assert after["rights"]["access"]["completed_by_outcome"] == {"fulfilled": 1}
        habeas.stop(signal.SIGKILL)

        habeas.start()
        eventually(lambda: figures(habeas, "mailpro").get("cases") == after["cases"])
        again = figures(habeas, "mailpro")
        assert again["rights"] == after["rights"]
        metrics = habeas.get("/metrics")[1].decode()
    assert 'habeas_cases_completed{controller="mailpro"} 1.0' in metrics
    assert 'habeas_claims_completed{controller="mailpro",outcome="fulfilled",right="access"} 1.0' in metrics
