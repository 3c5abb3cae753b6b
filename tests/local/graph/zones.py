"""Time zones as Graph knows them: Windows names, and a documented list of IANA names.

https://learn.microsoft.com/graph/api/resources/datetimetimezone
"""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from tests.local.graph.answers import GraphError, invalid_property

_IANA = """
Etc/GMT+12 Etc/GMT+11 Pacific/Honolulu America/Anchorage America/Santa_Isabel America/Los_Angeles America/Phoenix
America/Chihuahua America/Denver America/Guatemala America/Chicago America/Mexico_City America/Regina America/Bogota
America/New_York America/Indiana/Indianapolis America/Caracas America/Asuncion America/Halifax America/Cuiaba
America/La_Paz America/Santiago America/St_Johns America/Sao_Paulo America/Argentina/Buenos_Aires America/Cayenne
America/Godthab America/Montevideo America/Bahia Etc/GMT+2 Atlantic/Azores Atlantic/Cape_Verde Africa/Casablanca
Etc/GMT Europe/London Atlantic/Reykjavik Europe/Berlin Europe/Budapest Europe/Paris Europe/Warsaw Africa/Lagos
Africa/Windhoek Europe/Bucharest Asia/Beirut Africa/Cairo Asia/Damascus Africa/Johannesburg Europe/Kiev
Europe/Istanbul Asia/Jerusalem Asia/Amman Asia/Baghdad Europe/Kaliningrad Asia/Riyadh Africa/Nairobi Asia/Tehran
Asia/Dubai Asia/Baku Europe/Moscow Indian/Mauritius Asia/Tbilisi Asia/Yerevan Asia/Kabul Asia/Karachi Asia/Tashkent
Asia/Kolkata Asia/Colombo Asia/Kathmandu Asia/Almaty Asia/Dhaka Asia/Yekaterinburg Asia/Rangoon Asia/Bangkok
Asia/Novosibirsk Asia/Shanghai Asia/Krasnoyarsk Asia/Singapore Australia/Perth Asia/Taipei Asia/Ulaanbaatar
Asia/Irkutsk Asia/Tokyo Asia/Seoul Australia/Adelaide Australia/Darwin Australia/Brisbane Australia/Sydney
Pacific/Port_Moresby Australia/Hobart Asia/Yakutsk Pacific/Guadalcanal Asia/Vladivostok Pacific/Auckland Etc/GMT-12
Pacific/Fiji Asia/Magadan Pacific/Tongatapu Pacific/Apia Pacific/Kiritimati
"""

IANA_NAMES = frozenset(_IANA.split())

REFUSED_THOUGH_LISTED = frozenset({"Africa/Casablanca"})
"""Listed, yet an event in it was once refused with a general validation error."""


def zone(name: str | None) -> tzinfo:
    """The zone of that name. Raises GraphError (400) for one that Graph does not take."""
    known = _known(name or "")
    if known is None:
        raise GraphError(
            400,
            "TimeZoneNotSupportedException",
            f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name or ''}'.",
        )
    if name in REFUSED_THOUGH_LISTED:
        raise invalid_property()
    return known


@lru_cache(maxsize=1024)
def _known(name: str) -> tzinfo | None:
    if name == "UTC":
        return UTC
    if name in IANA_NAMES:
        return ZoneInfo(name)
    iana = win_tz.get(name)
    return ZoneInfo(iana) if iana else None


def to_utc(local: datetime, place: tzinfo) -> datetime:
    """The instant of a wall clock.

    A wall clock that occurs twice is taken for the second one, and one that does not exist is moved on by the gap: both
    times the offset of standard time, as Exchange counts.
    """
    if place is UTC:
        return local.replace(tzinfo=UTC)
    here = local.replace(tzinfo=place)
    first, second = here.utcoffset(), here.replace(fold=1).utcoffset()
    assert first is not None
    assert second is not None
    return local.replace(tzinfo=UTC) - min(first, second)


def stamp(moment: datetime) -> str:
    """A dateTime as Graph writes it: no zone, seven digits of fraction."""
    return moment.isoformat(timespec="microseconds")[:26] + "0"
