"""A worker takes events of its group from the bus and handles each in a transaction with the group's position.

`turn` is one transaction, `attempt` one event in it, `held` the tries of what failed, `flood` the limit, and `worker`
the loop around them. A service gives one function: `handle(transaction, envelope)`.
"""

from services.runtime.failures import Flooded, Retry
from services.runtime.worker.attempt import Handle
from services.runtime.worker.worker import Worker

__all__ = ["Flooded", "Handle", "Retry", "Worker"]
