"""Fulfil as a service: the worker that hears claims, the job runner that carries them out, the relay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from schemas.rights import Right
from schemas.topics import Topic, claims_topic
from services.fulfil.asking import AskEffect
from services.fulfil.carried import ASK
from services.fulfil.hastening import CLAIM
from services.fulfil.knowing import KNOWING, FactorEffect
from services.fulfil.restores import RestoreWatch
from services.fulfil.transferring import DROP, TRANSFER, DropEffect, TransferEffect
from services.fulfil.worker import SERVICE, ClaimEffect, Fulfil
from services.fulfil.workroom import sweep
from services.runtime.clock import Clock
from services.runtime.ground import Ground, Part
from services.runtime.jobs import Effect, JobPace, JobRunner
from services.runtime.relay import Relay
from services.runtime.settings import Settings
from services.runtime.store import Store
from services.runtime.vault import Vault
from services.runtime.worker import Worker

PACKING_SECONDS_MAX: Final = 2 * 3600.0
"""1 GB is found, packed and stored in three minutes on two busy cores (`bench.packages`); 10 GB in half an hour."""


def topics() -> list[str]:
    """Return what fulfil listens to."""
    return [*(claims_topic(right) for right in Right), Topic.CASES.value, Topic.OUTCOMES.value, Topic.COMPLETIONS.value,
            Topic.DELIVERIES.value, Topic.IDENTITY.value]  # fmt: skip


def effects_of(*, store: Store, vault: Vault, settings: Settings, clock: Clock) -> Mapping[str, Effect]:
    """Return what fulfil does outside, by the kind of its jobs."""
    return {
        CLAIM: ClaimEffect(store=store, vault=vault, settings=settings, clock=clock),
        ASK: AskEffect(store=store, vault=vault, settings=settings, clock=clock),
        TRANSFER: TransferEffect(store=store, vault=vault, settings=settings, clock=clock),
        DROP: DropEffect(vault),
        KNOWING: FactorEffect(store=store, vault=vault, settings=settings, clock=clock),
    }


async def _letting_go(effects: Mapping[str, Effect], stopping: asyncio.Event) -> None:
    """Close the connections that are kept between claims; one in use is closed when its claim is done."""
    await stopping.wait()
    for effect in effects.values():
        if isinstance(effect, ClaimEffect | FactorEffect):
            await asyncio.to_thread(effect.close)


class FulfilService:
    """The handlers of one process."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._store = ground.database.store(SERVICE)

    def parts(self, stopping: asyncio.Event) -> list[Part]:
        """Return what runs until told to stop."""
        ground = self._ground
        settings = ground.settings
        sweep(settings.home)
        worker = Worker(
            group=SERVICE, topics=topics(), bus=ground.bus, store=self._store,
            handle=Fulfil(settings).handle, metrics=ground.metrics, retry=settings.retry, pace=ground.pace,
        )  # fmt: skip
        effects = effects_of(store=self._store, vault=ground.vault, settings=settings, clock=ground.clock)
        jobs = JobRunner(
            store=self._store, effects=effects, metrics=ground.metrics, retry=settings.retry,
            pace=JobPace(perform_seconds_max=PACKING_SECONDS_MAX),
        )  # fmt: skip
        relay = Relay(store=self._store, bus=ground.bus, metrics=ground.metrics)
        restores = RestoreWatch(store=self._store, vault=ground.vault, settings=settings, clock=ground.clock)
        working = [worker.run(stopping), jobs.run(stopping), relay.run(stopping)]
        return [*working, restores.run(stopping), _letting_go(effects, stopping)]
