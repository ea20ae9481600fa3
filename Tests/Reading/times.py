"""Dates and times of HL7 v2 (DT, TS, DTM) and v3 (TS), and the product's ISO 8601 texts, as comparable tuples."""

import datetime
import re
import zoneinfo

ZONE = zoneinfo.ZoneInfo("America/Chicago")
SENT = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d+))?)?)?)?)?)?([+-]\d{2}(?:\d{2})?|Z)?$")
SAID = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?$")


def minutes(offset):
    if not offset:
        return None
    if offset == "Z":
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return (1 if offset[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))


def tuple_of(match, zone):
    parts = [int(p) for p in match.groups()[:6] if p is not None]
    try:
        moment = datetime.datetime(*(parts + [1, 1, 1][len(parts):] if len(parts) < 3 else parts))
    except ValueError:
        return None
    if len(parts) < 4:
        return tuple(parts)
    fraction = (match.group(7) or "").rstrip("0")
    offset = minutes(match.group(8))
    if offset is None:
        offset = zone if zone is not None else int(moment.replace(tzinfo=ZONE).utcoffset().total_seconds() // 60)
    return tuple(parts) + (fraction, offset)


def sent(text, zone=None):
    """Of a value as sent; None where it is no time. `zone`: minutes that stand in for a missing offset."""
    match = SENT.fullmatch(text.strip())
    return tuple_of(match, zone) if match else None


def has_offset(text):
    match = SENT.fullmatch(text.strip())
    return bool(match and match.group(8))


def said(text):
    """Of a value of the product."""
    match = SAID.fullmatch(text)
    return tuple_of(match, None) if match else ("unread", text)


def within(value, other):
    """A moment of what was written coarser than a second: where another time lies in its span, that one; else the end of the span that is nearer to it."""
    if value is None or other is None or len(value) > 7:
        return value
    first, at = instant(value), instant(other)
    last = end(value) - datetime.timedelta(microseconds=1)
    return min(max(first, at), last)


def end(value):
    """The first moment behind the span of a tuple."""
    if len(value) > 3:
        return instant(value) + (datetime.timedelta(hours=1) if len(value) == 6 else datetime.timedelta(minutes=1))
    year, month, day = (list(value) + [1, 1, 1][len(value):])[:3]
    if len(value) == 1:
        return instant((year + 1, 1, 1))
    if len(value) == 2:
        return instant((year + month // 12, month % 12 + 1, 1))
    following = datetime.date(year, month, day) + datetime.timedelta(days=1)
    return instant((following.year, following.month, following.day))


def instant(value):
    """The moment in UTC of a tuple; midnight of the feed's zone where it has no time of day."""
    if value is None or isinstance(value, datetime.datetime):
        return value
    if len(value) < 4:
        moment = datetime.datetime(*(list(value) + [1, 1, 1][len(value):])).replace(tzinfo=ZONE)
        return moment.astimezone(datetime.timezone.utc)
    parts, fraction, offset = value[:-2], value[-2], value[-1]
    moment = datetime.datetime(*parts) - datetime.timedelta(minutes=offset)
    micro = int(fraction.ljust(6, "0")[:6]) if fraction else 0
    return moment.replace(microsecond=micro, tzinfo=datetime.timezone.utc)
