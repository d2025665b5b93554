"""The seat that an import was given, filled up from what is known of its controller."""

from __future__ import annotations

from typing import Any

from services.router.api import policies as api


def seat(known: api.Controller | None, given: dict[str, Any]) -> api.Seat | None:
    """Return the seat that was given, filled up from the controller's, or nothing if none was given."""
    found = _seat(known, given)
    if found is not None:
        api.check_seat(found)
    return found


def _seat(known: api.Controller | None, given: dict[str, Any]) -> api.Seat | None:
    country = (given["country"] or "").upper()
    named = any(given[name] for name in ("entity", "address", "country", "zone", "holidays", "laws"))
    if known is None:
        if not (given["entity"] or given["name"]) or not country or not given["zone"]:
            return None
        laws = tuple(given["laws"]) or api.home_law(country)
        if not laws:
            known_laws = ", ".join(api.laws_of(country))
            raise api.PolicyError(f"no one law is at home in {country}; name one with --law, such as {known_laws}")
        return api.Seat(
            given["entity"] or given["name"],
            given["address"],
            country,
            _zone(given["zone"]),
            given["holidays"] or country,
            laws,
        )
    if not named:
        return None
    seat = known.seat
    return api.Seat(
        given["entity"] or seat.entity,
        given["address"] or seat.address,
        country or seat.country,
        _zone(given["zone"] or seat.zone),
        given["holidays"] or (country or seat.holidays),
        tuple(given["laws"]) or (api.home_law(country) if country else ()) or seat.laws,
    )


def _zone(name: str) -> str:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise api.PolicyError(f"{name!r} is not a time zone; write it as Europe/Berlin") from None
    return name
