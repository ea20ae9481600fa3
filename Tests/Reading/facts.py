"""What a plain reading finds: one Fact a row that ought to be there, with the fields that are compared."""

import re
from decimal import Decimal, InvalidOperation

import times


class Fact:
    """`place`: what ties it to a row; `fields`: (name, kind, value), value None where nothing was sent; `optional`: compared where there is a row."""

    def __init__(self, entity, place, fields, identifier=None, optional=False):
        self.entity, self.place, self.fields, self.identifier, self.optional = entity, place, fields, identifier, optional


def decimal(text):
    try:
        return Decimal(str(text).strip())
    except InvalidOperation:
        return None


def squeezed(text):
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def equal(kind, expected, found):
    """Whether a row's value says what was sent. `found` is the product's JSON, None where there is none.

    A number whose assigner nobody names, neither the field nor the sender, is the feed's.
    """
    if kind == "set":
        return found in expected if expected else found is None
    if kind == "value of" and not expected:
        return True
    if expected in (None, ""):
        return found in (None, "")
    if found is None:
        return False
    if kind == "time":
        return times.said(found) == expected
    if kind == "instant":
        return times.instant(times.said(found)) == times.instant(expected)
    if kind == "contains":
        return squeezed(expected) in squeezed(found)
    if kind == "lines":
        said = found.split("\n")
        return len(said) == len(expected) and all(text == b or (time and time == times.said(b)) for (text, time), b in zip(expected, said))
    if kind == "number":
        return decimal(found) == decimal(expected)
    if kind == "value of":
        return found.get("value") in expected
    if kind == "identifier":
        assigner = found.get("assigner") or ""
        return found.get("value") == expected[0] and (assigner == expected[1] or not expected[1] and assigner.startswith("feed:"))
    if kind == "squeezed":
        return squeezed(found) == squeezed(expected)
    return found == expected
