"""A service that runs alone can be probed where it was told to listen."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.journeys.product import WAIT_SECONDS, eventually, free_port


@pytest.mark.parametrize("service", ["router", "fulfil"])
def test_a_service_alone_serves_health_readiness_and_metrics(service: str, tmp_path: Path) -> None:
    port = free_port()
    flags = ["--home", str(tmp_path / "home"), "--http", f"127.0.0.1:{port}"]
    running = subprocess.Popen([sys.executable, "-m", "services", "run", service, *flags])

    def got(path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=WAIT_SECONDS) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    try:
        assert json.loads(eventually(lambda: got("/readyz"))) == {
            "ready": True, "checks": {"store": "ok", "bus": "ok"}
        }  # fmt: skip
        assert json.loads(eventually(lambda: got("/healthz"))) == {"alive": True}
        assert "habeas_outbox_events" in got("/metrics")
        running.send_signal(signal.SIGTERM)
        assert running.wait(WAIT_SECONDS) == 0
    finally:
        running.kill()
        running.wait()
