"""The facts of an HL7 v2 message: PID, OBX, FT1, as chapters 3, 6 and 7 of the standard describe them."""

import re

import times
from facts import Fact, decimal
from tables import CODE_SYSTEMS, CREDITS, RESULT_STATUS, SEX


# Events whose MRG names a number that is the survivor's from now on (v2.5.1, 3.3).
MERGES = ("A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47")


def facts(message):
    header = message.segments[0]
    zone = zone_of(header)
    found = []
    for pid in message.named("PID"):
        found += patient(pid, header, message)
    for mrg in message.named("MRG") if header.get(9, 2) in MERGES else ():
        for number in dict.fromkeys(identifiers(mrg, 1, header)):
            found.append(Fact("identifier", ("MRG", mrg.occurrence), [("identifier", "identifier", number)], identifier=number))
    for segment in message.segments:
        if segment.name == "OBX" and header.get(9).strip() == "MDM":
            continue
        if segment.name in ("OBX", "FT1"):
            fact = observation(segment, zone) if segment.name == "OBX" else charge(segment)
            fact.fields += parents(segment, message, header)
            found.append(fact)
    for name, entity, paths in BESIDE:
        found += [beside(segment, entity, paths, zone) for segment in message.named(name)]
    return found + content(message, found) if header.get(9).strip() == "MDM" else found


def content(message, found):
    """The OBX of MDM are the text of the document that TXA describes (v2.5.1, 9.5): each of their lines stands in the row of TXA."""
    lines = [obx.text_of(text) for obx in message.named("OBX") if obx.get(2).strip() not in ("ED", "RP") for text in obx.repetitions(5) if value(text)]
    for fact in found:
        if fact.place == ("TXA", 1):
            fact.fields += [("text", "contains", line) for line in lines]
    return []


# What is compared where there is a row, beyond what must be there: segment, entity, (field, kind, (field, component)).
BESIDE = (
    ("RXA", "immunization", (("code", "vaccine", (5, 1)), ("given", "time", (3, 1)), ("lot", "text", (15, 1)))),
    ("AL1", "allergy", (("code", "text", (3, 1)), ("code_display", "text", (3, 2)))),
    ("IAM", "allergy", (("code", "text", (3, 1)), ("code_display", "text", (3, 2)))),
    ("DG1", "condition", (("code", "text", (3, 1)), ("code_display", "text", (3, 2)))),
    ("PRB", "condition", (("code", "text", (3, 1)), ("onset", "time", (16, 1)))),
    ("PR1", "procedure", (("code", "text", (3, 1)), ("code_display", "text", (3, 2)), ("start", "time", (5, 1)))),
    ("PV1", "encounter", (("admitted", "time", (44, 1)), ("discharged", "time", (45, 1)))),
    ("RXE", "medication", (("code", "text", (2, 1)), ("code_display", "text", (2, 2)))),
    ("RXO", "medication", (("code", "text", (1, 1)), ("code_display", "text", (1, 2)))),
    ("RXD", "medication", (("code", "text", (2, 1)), ("code_display", "text", (2, 2)))),
    ("IN1", "coverage", (
        ("plan", "plan", (2, 1)), ("payer_name", "text", (4, 1)), ("group", "text", (8, 1)), ("start", "day", (12, 1)), ("end", "day", (13, 1)),
    )),
    ("SCH", "appointment", (("reason", "text", (7, 1)), ("start", "time", (11, 4)), ("end", "time", (11, 5)))),
    ("RF1", "referral", (("start", "time", (7, 1)), ("end", "time", (8, 1)))),
    ("TXA", "document", (("code", "text", (2, 1)), ("created", "time", (6, 1)))),
)


def beside(segment, entity, paths, zone):
    fields = []
    for name, kind, (number, component) in paths:
        sent = value(segment.get(number, component))
        if kind == "vaccine":
            fields.append((name, "text", value(segment.get(5, 4)) if segment.get(5, 3) != "CVX" and segment.get(5, 6) == "CVX" else sent))
        elif kind == "plan":
            fields.append((name, "text", sent or "-"))
        elif kind in ("time", "day"):
            read = times.sent(sent, zone) if sent else None
            fields.append((name, "time", read[:3] if read and kind == "day" else read))
        else:
            fields.append((name, kind, sent))
    return Fact(entity, (segment.name, segment.occurrence), fields, optional=True)


def value(text):
    """A field's text: None where it was not sent or is the explicit null `""`."""
    return None if text.strip() in ("", '""') else text


def coded(table, text):
    text = (text or "").strip()
    return None if text in ("", '""') else table.get(text.upper(), {text, text.upper()})


def day(text):
    read = times.sent(text) if text else None
    return read[:3] if read else None


def zone_of(header):
    """The offset of MSH-7 in minutes: it holds for every time of the message that has none (v2.5.1, 2.15.9.7)."""
    read = times.sent(header.get(7))
    return read[-1] if read and len(read) > 3 and times.has_offset(header.get(7)) else None


def own_facility(header):
    """Who sends: the facility, else the application, else the organization (MSH-4, MSH-3, MSH-22)."""
    return value(header.get(4)) or value(header.get(3)) or value(header.get(22))


# Types of numbers (table 0203) and what is written for them, where senders should name an authority.
KINDS = {"MR", "MRN", "PI", "PID", "PT", "VN", "AN"}


def authority(segment, text, header):
    """Who gave out a number: CX.4.1 unless it is a kind of number, else CX.4.2, else the sending facility."""
    name = (value(segment.part(text, 4, 1)) or "").strip()
    return ("" if name.upper() in KINDS else name) or (value(segment.part(text, 4, 2)) or own_facility(header) or "").strip()


def identifiers(segment, number, header):
    """(value, assigner) of each repetition of a CX field with content."""
    for text in segment.repetitions(number):
        number_sent = value(segment.part(text, 1))
        if number_sent:
            yield number_sent.strip(), authority(segment, text, header)


def numbers_of(pid, header):
    """PID-3; before v2.3.1 a sender may give PID-2 or PID-4 alone."""
    return next((found for found in (list(identifiers(pid, number, header)) for number in (3, 2, 4)) if found), [])


# Types of PID-3.5 (table 0203) that number the record of the patient, the nearest first; the last are those of papers, money and single visits.
RECORDS = ("MR", "PI", "PT", "")
NO_RECORDS = {"SS", "SSN", "SB", "DL", "DLN", "PPN", "TAX", "AN", "ANON", "ANC", "AND", "ANT", "VN", "GN", "BA", "BC", "BCT", "AM", "DI", "DS", "MS", "VS", "CZ"}


def record_number(pid, header):
    """The number of PID-3 that is nearest to the record, the first of its kind; without PID-3, PID-2 or PID-4."""
    found = []
    for place, text in enumerate(pid.repetitions(3)):
        kind = (value(pid.part(text, 5)) or "").strip().upper().replace("MRN", "MR")
        near = RECORDS.index(kind) if kind in RECORDS else 9 if kind in NO_RECORDS else 8
        if value(pid.part(text, 1)):
            found.append((near, place, (value(pid.part(text, 1)).strip(), authority(pid, text, header))))
    return min(found)[2] if found else numbers_of(pid, header)[0]


def patient(pid, header, message):
    place = ("PID", pid.occurrence)
    event = message.named("EVN")
    zone = zone_of(header)
    sent_at = times.sent(header.get(7))
    at = times.within(times.sent(event[0].get(2), zone) if event else None, sent_at) or sent_at
    sent = numbers_of(pid, header)
    fields = [
        ("family", "text", value(pid.get(5, 1)) or value(pid.get(5, 1, 3))), ("given", "text", value(pid.get(5, 2))), ("birth_date", "time", day(value(pid.get(7)))),
        ("sex", "set", coded(SEX, pid.get(8))), ("event_time", "instant", at),
        ("identifier", "identifier", record_number(pid, header)) if sent else ("identifier", "one", sent),
    ]
    yield Fact("patient", place, fields)
    for number in dict.fromkeys(identifiers(pid, 3, header)):
        yield Fact("identifier", place, [("identifier", "identifier", number)], identifier=number)


# Types whose orders stand under their specimen: what comes between the next SPM and its order is observed of the specimen (v2.5.1, 4.4.8, 4.4.10, 7.3.7, 7.3.8).
BY_SPECIMEN = ("OUL^R22", "OUL^R23", "OML^O33", "OML^O35", "OML^O39")


def parents(segment, message, header):
    """Whose row it is, by position alone: the nearest PID above, and for a result the numbers of the nearest OBR and its ORC."""
    above = message.segments[: message.segments.index(segment)]
    pid = next((s for s in reversed(above) if s.name == "PID"), None)
    found = [("patient", "parent", numbers_of(pid, header) if pid else [])]
    openers = ("OBR", "PID", "SPM") if header.get(9) + "^" + header.get(9, 2) in BY_SPECIMEN else ("OBR", "PID")
    start = next((i for i in reversed(range(len(above))) if above[i].name in openers), None)
    if segment.name == "OBX" and start is not None and above[start].name == "SPM":
        found.append(("order", "value of", [n for n in (value(above[start].get(2, c)) for c in (1, 2)) if n]))
    if segment.name == "OBX" and start is not None and above[start].name == "OBR":
        order = [above[start]] + ([above[start - 1]] if above[start - 1].name == "ORC" else [])
        numbers = [(value(s.get(n, 1)) or "").strip() for s in order for n in (3, 2)]
        # Several tests of one number share it; a result that two of them report goes on with its test.
        test = (value(above[start].get(4)) or "").strip()
        found.append(("order", "value of", [n for n in numbers if n] + [f"{n}#{test}" for n in numbers if n]))
    return found


def observation(obx, zone):
    first = next((n for n in (1, 4) if value(obx.get(3, n))), 4 if value(obx.get(3, 5)) and not value(obx.get(3, 2)) else 1)
    system = value(obx.get(3, first + 2))
    fields = [
        # A suffix of an observation id may stand alone, `&GDT` (v2.3, 7.1.3).
        ("code", "text", value(obx.get(3, first)) or value(obx.get(3, first + 1)) or value(obx.get(3, 1, 2))), ("code_system", "set", {CODE_SYSTEMS.get(system.strip(), system.strip())} if system else {"-"}),
        ("code_display", "text", value(obx.get(3, first + 1))), answer(obx, zone), unit(obx),
        ("status", "set", coded(RESULT_STATUS, obx.get(11))),
    ]
    if times.sent(obx.get(14)):
        fields.append(("observed", "time", times.sent(obx.get(14), zone)))
    return Fact("observation", ("OBX", obx.occurrence), fields)


# Units of ISO 2955 in capitals and customary ones (v2.5.1, figures 7-9 and 7-10), and what UCUM writes for them.
ISO = {
    "IU": "[iU]", "MIU": "m[iU]", "UIU": "u[iU]", "KIU": "k[iU]", "HR": "h", "SEC": "s", "MSEC": "ms", "MM(HG)": "mm[Hg]", "CEL": "Cel", "OSMOL": "osm",
    "L": "L", "DL": "dL", "CL": "cL", "ML": "mL", "UL": "uL", "NL": "nL", "PL": "pL", "FL": "fL", "U": "U", "ANN": "a", "IN": "[in_i]", "FT": "[ft_i]",
    "YD": "[yd_i]", "LB": "[lb_av]", "OZ": "[oz_av]", "DEGF": "[degF]", "(24.HR)": "(24.h)", "(12.HR)": "(12.h)", "K": "K", "V": "V", "W": "W", "J": "J", "N": "N",
}
PLAIN = set("KG G MG UG NG PG FG MOL MMOL UMOL NMOL PMOL FMOL EQ MEQ UEQ MOSM KAT UKAT NKAT M CM MM UM NM KM M2 CM2 MM2 M3 CM3 MM3 S MS US MIN D WK MO".split())


def unit(obx):
    """OBX-6 as sent; capitals or small letters alone are units of ISO+ where the sender does not name UCUM."""
    sent = value(obx.get(6, 1))
    # 10^9/L is one unit, though `^` parts components.
    if sent and re.fullmatch(r"[xX*]?10", sent) and re.match(r"\d", obx.get(6, 2)):
        return ("unit", "text", sent + "^" + obx.get(6, 2))
    letters = "".join(c for c in sent or "" if c.isalpha())
    if not letters or obx.get(6, 3) == "UCUM" or not (letters.isupper() or letters.islower()) or "[" in sent or "{" in sent:
        return ("unit", "text", sent)
    parts = sent.strip().upper().split("/")
    known = [ISO.get(p) or (p.lower() if p in PLAIN or re.fullmatch(r"(10\*\d+|1)?", p) else None) for p in parts]
    written = None if None in known else "/".join(known)
    if letters.islower():
        return ("unit", "set", {sent.strip(), written})
    return ("unit", "text", written or sent)


def answer(obx, zone):
    """OBX-5 as OBX-2 says (table 0125): a number, a structured number, lines, a time; everything else as it was sent."""
    kind = obx.get(2).strip()
    if value(obx.raw(5)) is None or kind in ("ED", "RP"):
        return ("value", "text", None)
    if kind in ("DT", "TS", "DTM"):
        return ("value", "lines", [(obx.part(text, 1), times.sent(obx.part(text, 1), zone)) for text in obx.repetitions(5)])
    lines = []
    for text in obx.repetitions(5):
        if kind == "SN":
            lines.append("".join(obx.part(text, n) for n in (1, 2, 3, 4)))
        else:
            line = obx.text_of(text)
            lines.append(line.strip() if kind == "NM" and decimal(line) is not None else line)
    return ("value", "text", "\n".join(lines))


def charge(ft1):
    amount = decimal(ft1.get(11)) if value(ft1.get(11)) else None
    if amount is not None and ft1.get(6).strip().upper() in CREDITS:
        amount = -abs(amount)
    fields = [
        ("procedure", "text", value(ft1.get(25)) or value(ft1.get(7))), ("quantity", "number", value(ft1.get(10))),
        ("amount", "number", amount), ("service", "time", day(value(ft1.get(4)))),
    ]
    return Fact("charge", ("FT1", ft1.occurrence), fields)
