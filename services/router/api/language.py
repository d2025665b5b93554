"""The public door of what tells languages apart: have its model kept between one start and the next."""

from __future__ import annotations

from services.router.letter_model import keep_letter_model

__all__ = ["keep_letter_model"]
