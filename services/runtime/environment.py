"""Settings from the environment, where a value that cannot be read is a fault like any other, beside all the others."""

from __future__ import annotations

from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource


class Environment(EnvSettingsSource):
    """Reads variables as the library does: a section or a list as JSON. A list may be words with commas as well."""

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        """Return what a variable holds; what is no JSON goes on as it is, so that its fault is told with its place."""
        try:
            return super().decode_complex_value(field_name, field, value)  # type: ignore[arg-type] # it says None too
        except ValueError:
            if field is not None and get_origin(field.annotation) is tuple:
                return [part.strip() for part in str(value).split(",") if part.strip()]
            return value
