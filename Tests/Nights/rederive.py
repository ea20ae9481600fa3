"""What keys a night's drops leave in the store, read from their bytes alone and without the product: chapters 2, 3, 4, 6, 7 and 10 of HL7 v2.5.1, CDA R2,
FHIR R4 and the columns of the census. Knows what the feeds of `messages` may hold and no more; a segment, resource or event that it does not know ends it.

A row is there where the last word on its key, by event time, is no withdrawal; at one time a withdrawal comes last.
"""

import collections
import csv
import datetime
import io
import json
import os
import sys
import xml.etree.ElementTree as xml
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Reading"))
import hl7v2  # noqa: E402

ZONE = zoneinfo.ZoneInfo("America/Chicago")
SYSTEMS = {"LN": "2.16.840.1.113883.6.1", "http://loinc.org": "2.16.840.1.113883.6.1"}
CDA = "{urn:hl7-org:v3}"
STATED, CORRECTED, WITHDRAWN = range(3)
Said = collections.namedtuple("Said", "entity key time word")


def clock(text):
    """An instant of `20260310093000`, with an offset or without."""
    form = "%Y%m%d%H%M%S" + ("%z" if len(text) > 14 else "")
    read = datetime.datetime.strptime(text, form)
    return read if read.tzinfo else read.replace(tzinfo=ZONE)


def number(segment, field, component, otherwise=None, repetition=0):
    """value@assigner of an identifier whose assigner stands in a component; `otherwise`: the sender."""
    value = segment.get(field, 1, 1, repetition)
    assigner = segment.get(field, component, 1, repetition) or otherwise
    return "%s@%s" % (value, assigner) if value else None


# HL7 v2

KNOWN = {"MSH", "EVN", "PID", "PV1", "DG1", "ORC", "OBR", "OBX", "FT1", "SCH"}
EVENTS = {"A01", "A02", "A03", "A04", "A08", "A11", "A13", "A23", "A31", "R01", "O01", "P03", "S12", "S14", "S15", "S17"}


def hl7(data):
    for message in hl7v2.messages(data):
        segments = {name: message.named(name) for name in KNOWN}
        header, event = segments["MSH"][0], segments["MSH"][0].get(9, 2)
        if {s.name for s in message.segments} - KNOWN or event not in EVENTS:
            raise SystemExit("the re-derivation does not know what a message holds")
        yield from read(segments, header, event)


def read(segments, header, event):
    pid, sender = segments["PID"][0], header.get(4)
    sent = clock(header.get(7))
    at = clock(segments["EVN"][0].get(2)) if segments["EVN"] else sent
    repetitions = range(len(pid.repetitions(3)))
    patient = next(number(pid, 3, 4, sender, n) for n in repetitions if pid.get(3, 5, 1, n) == "MR")
    yield Said("patient", patient, at, STATED)
    for n in repetitions:
        yield Said("identifier", (number(pid, 3, 4, sender, n), patient), at, STATED)
    for visit in segments["PV1"]:
        if visit.get(7):
            yield Said("provider", number(visit, 7, 9, sender), sent, STATED)
        word = {"A23": WITHDRAWN, "A11": CORRECTED, "A13": CORRECTED}.get(event, STATED)
        yield Said("encounter", (number(visit, 19, 4, sender), patient), at if header.get(9) in ("ADT", "DFT") else sent, word)
    for diagnosis in segments["DG1"]:
        yield Said("condition", (number(diagnosis, 20, 2, sender), patient), at, WITHDRAWN if diagnosis.get(21) == "D" else STATED)
    for charge in segments["FT1"]:
        if charge.get(6) == "CG":
            yield Said("charge", ("%s@%s" % (charge.get(2), sender), patient), at, STATED)
    for schedule in segments["SCH"]:
        yield Said("appointment", (number(schedule, 2, 2, sender) or number(schedule, 1, 2, sender), patient), sent, {"S17": WITHDRAWN, "S15": CORRECTED}.get(event, STATED))
    yield from results(segments, sender, patient, sent)


def results(segments, sender, patient, sent):
    for order in segments["OBR"]:
        at = clock(order.get(22)) if order.get(22) else sent
        cancels = any(control.get(1) == "CA" for control in segments["ORC"])
        yield Said("order", (number(order, 2, 2, sender), patient), at, CORRECTED if cancels else STATED)
        for result in segments["OBX"]:
            key = (number(order, 3, 2, sender), result.get(3), result.get(4) or "-", patient, SYSTEMS[result.get(3, 3)])
            yield Said("observation", key, at, {"W": WITHDRAWN, "D": WITHDRAWN, "C": CORRECTED}.get(result.get(11), STATED))


# The other formats

def census(data):
    for row in csv.DictReader(io.StringIO(data.decode())):
        if row["Facility"] == "TOTAL":
            continue
        at = datetime.datetime.strptime(row["As Of"], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        patient = "%s@%s" % (row["Patient ID"], row["Facility"])
        yield Said("patient", patient, at, STATED)
        yield Said("encounter", ("%s@%s" % (row["Visit No"], row["Facility"]), patient), at, STATED)


def of(node):
    return "%s@%s" % (node.get("extension"), node.get("root"))


def document(data):
    root = xml.fromstring(data)
    at = clock(root.find(CDA + "effectiveTime").get("value"))
    numbers = [of(node) for node in root.findall("/".join(["."] + [CDA + name for name in ("recordTarget", "patientRole", "id")]))]
    yield Said("patient", numbers[0], at, STATED)
    for value in numbers:
        yield Said("identifier", (value, numbers[0]), at, STATED)
    yield Said("document", (of(root.find(CDA + "id")), numbers[0]), at, STATED)
    for author in root.iter(CDA + "assignedAuthor"):
        yield Said("provider", of(author.find(CDA + "id")), at, STATED)
    for statement in root.iter(CDA + "observation"):
        if any(mark.get("root").endswith(".22.4.4") for mark in statement.findall(CDA + "templateId")):
            yield Said("condition", (of(statement.find(CDA + "id")), numbers[0]), at, STATED)


def name(resource):
    return "%s@%s" % (resource["identifier"][0]["value"], resource["identifier"][0]["system"].replace("urn:oid:", ""))


def bundle(data):
    whole = json.loads(data)
    at = datetime.datetime.fromisoformat(whole["timestamp"])
    resources = {entry["fullUrl"]: entry["resource"] for entry in whole["entry"]}
    for resource in resources.values():
        kind = resource["resourceType"]
        patient = name(resource if kind == "Patient" else resources[resource["subject"]["reference"]])
        if kind == "Patient":
            yield Said("patient", patient, at, STATED)
            yield Said("identifier", (patient, patient), at, STATED)
        elif kind == "Condition":
            yield Said("condition", (name(resource), patient), at, STATED)
        else:
            coding = resource["code"]["coding"][0]
            word = {"entered-in-error": WITHDRAWN, "amended": CORRECTED, "final": STATED}[resource["status"]]
            yield Said("observation", (name(resource), coding["code"], "-", patient, SYSTEMS[coding["system"]]), at, word)


READERS = {"hl7v2": hl7, "csv": census, "cda": document, "fhir": bundle}


def keys(files):
    """entity -> the keys that have a row; files: (format, bytes)."""
    last = {}
    for kind, data in files:
        for said in READERS[kind](data):
            key = (said.entity, said.key)
            last[key] = max(last.get(key, (said.time, said.word)), (said.time, said.word))
    found = collections.defaultdict(set)
    for (entity, key), (_, word) in last.items():
        if word != WITHDRAWN:
            found[entity].add(key)
    return found


def received(kind, data):
    """How many messages of its kind a file holds."""
    if kind == "hl7v2":
        return len(list(hl7v2.messages(data)))
    if kind == "csv":
        return sum(not line.startswith("TOTAL") for line in data.decode().splitlines()[1:])
    return 1 if kind == "cda" else len(json.loads(data)["entry"])


# What the product says it holds

FIELDS = {
    "identifier": ("identifier", "patient"), "encounter": ("visit", "patient"), "condition": ("source", "patient"), "charge": ("transaction", "patient"),
    "appointment": ("identifier", "patient"), "order": ("identifier", "patient"), "document": ("identifier", "patient"),
    "observation": ("order", "code", "sub", "patient", "code_system"), "patient": ("identifier",), "provider": ("identifier",),
}


def told(value):
    if isinstance(value, dict):
        return told(value["identifier"]) if "identifier" in value else "%s@%s" % (value["value"], value["assigner"])
    return value


def exported(folder):
    """entity -> a list of the keys of its rows, from the files of `compline export`."""
    found = {}
    for name in os.listdir(folder):
        if name.endswith(".ndjson"):
            entity = name[:-len(".ndjson")]
            with open(os.path.join(folder, name), encoding="utf-8") as lines:
                rows = [tuple(told(row.get(field)) for field in FIELDS[entity]) for row in map(json.loads, lines)]
            found[entity] = [row[0] if len(row) == 1 else row for row in rows]
    return found


def differences(files, folder):
    wanted, there = keys(files), exported(folder)
    wrong = []
    for entity in sorted(set(wanted) | set(there)):
        rows = there.get(entity, [])
        missing, more = wanted[entity] - set(rows), set(rows) - wanted[entity]
        if missing or more or len(rows) != len(wanted[entity]):
            wrong.append("%s: %d rows, %d derived, %d missing, %d more" % (entity, len(rows), len(wanted[entity]), len(missing), len(more)))
    return wrong, sum(map(len, wanted.values()))
