#!/usr/bin/env python3
"""Writes what a peer's FHIR bundles hold and the canonical store does not, and the other way round, into docs/coverage.md.

usage: peer.py CORPUS --bin DIR --mappings DIR [--write FILE]
       peer.py CORPUS --rows FILE... [--write FILE]

The peer's counts are those of truth/peer_fhir_counts.json. The store's are the rows that the standard sets make of the same inputs. Without --write the
table goes to standard output.
"""

import collections
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from read import page, product  # noqa: E402

# Resource type of FHIR R4 -> the entity whose rows say the same, and why the two counts differ. A list of mappings by hand: counts alone do not tell.
SAME = {
    "Patient": ("patient", "a merge (A40 …) is two patients in both; a merge of accounts (A41 …) is two there and one here"),
    "Encounter": ("encounter", "a visit needs its number here (PV1-19, PID-18, encompassingEncounter/id); there a number is made up from the message. Visits of a merge or move are events"),
    "Condition": ("condition", "a problem and its concern act, or a diagnosis that stands in two sections, is one row under its own id"),
    "AllergyIntolerance": ("allergy", "one row a statement in both"),
    "Immunization": ("immunization", "one row an administration in both"),
    "Observation": ("observation", "an organizer is no row of its own here; the OBX of notes and of embedded files are rows here"),
    "Procedure": ("procedure", "the peer makes a Procedure of an ORC or a report too"),
    "Coverage": ("coverage", "one row a plan in both"),
    "ChargeItem": ("charge", "payments and credits are charges here, held by name until their effect is defined"),
    "Appointment": ("appointment", "one row a schedule request in both; resources of the appointment are its fields here"),
    "ServiceRequest": ("order", "an order is a row here whatever is ordered: service, drug, diet or supply; a referral (RF1) is one of `referral`"),
    "DocumentReference": ("document", "the peer adds one for the input itself"),
    "Practitioner": ("provider", "one resource a mention there, with an id made from the message; here a provider is known by its own number, once a message, and needs one"),
}

# Resource types without an entity of their own, or that share one: where the same is said, or that it is not.
ELSEWHERE = {
    "Account": "a number: `account` of encounter, coverage, charge",
    "ClaimResponse": "`authorization` and `authorized_units` of referral",
    "Composition": "the document itself: a row of `document`; each row of its entries names its `section`",
    "Consent": "not in the dictionary: it stays in the sealed drop (`protection` of patient says that there is a wish)",
    "Device": "MSH-3 and MSH-4, or the authoring software: not about the patient; kept with the message in the ledger. `device` of observation",
    "DiagnosticReport": "`panel`, `panel_system`, `panel_display`, `issued` of each observation under it, and the order",
    "EpisodeOfCare": "not in the dictionary: the episode that PRB names around a problem",
    "FamilyMemberHistory": "not in the standard set; it stays in the sealed drop",
    "Linkage": "a merge; here `replaced_by` of the record that is no more",
    "Location": "texts: `facility`, `ward`, `room`, `bed`, `location`, one resource for each part and mention there",
    "Medication": "`code`, `form`, `lot` of medication and immunization",
    "MedicationAdministration": "a row of `medication`, its `kind` says administration",
    "MedicationDispense": "a row of `medication`, its `kind` says dispense",
    "MedicationRequest": "a row of `medication`, its `kind` says order",
    "MedicationStatement": "a row of `medication`, its `kind` says statement",
    "MessageHeader": "the message's line in the ledger, not a clinical row",
    "NutritionOrder": "a row of `order`",
    "Organization": "texts: `payer_name`, `laboratory`, `organization`, `facility`, `custodian`, one resource a mention there",
    "PractitionerRole": "`role`, `specialty`, `organization` of provider; who did what is the reference that names the provider",
    "Provenance": "`compline trace`: mapping line, path, message, drop and hash of every row",
    "RelatedPerson": "next of kin and guarantor are not in the dictionary; a subscriber is `subscriber_…` of coverage",
    "ResearchStudy": "not in the dictionary: PV1 and PID carry no study that a consumer asked for",
    "Specimen": "`specimen`, `specimen_kind`, `collected` of each observation",
    "Substance": "`code` of allergy",
    "SupplyRequest": "a row of `order`",
    "Task": "`status` and events of order",
}

# Entities that have no resource of their own there.
OURS = {
    "identifier": "each number of a patient is a row with its assigner, so that numbers can be matched and withdrawn; there a list inside Patient",
    "medication": "MedicationStatement, Request, Dispense and Administration are one entity, told apart by `kind` and `intent`",
    "referral": "there a ServiceRequest",
}


def counted(corpus, options):
    with open(os.path.join(corpus, "truth", "peer_fhir_counts.json"), encoding="utf-8") as file:
        peer = {name: collections.Counter(bundle) for name, bundles in json.load(file).items() for bundle in bundles.values()}
    rows = {name: collections.Counter() for name in peer}
    held = {name: collections.Counter() for name in peer}
    for name, messages in product(corpus, options).items():
        for message in messages if name in peer else []:
            rows[name].update(row["entity"] for row in message["rows"])
            held[name].update(row["entity"] for row in message["held"])
    return peer, rows, held


def table(peer, rows, held):
    kinds = sorted({kind for bundle in peer.values() for kind in bundle})
    entities = sorted({entity for counts in rows.values() for entity in counts})
    lines = ["", "%d inputs: %d of HL7 v2, %d documents. Counts are of resources and of rows." % (
        len(peer), sum(n.startswith("hl7v2/") for n in peer), sum(n.startswith("cda/") for n in peer)), ""]
    lines += ["| the peer's resource | peer | store | held | inputs with more there | inputs with more here | why |", "|---|---:|---:|---:|---:|---:|---|"]
    for kind in kinds:
        if kind in SAME:
            entity, why = SAME[kind]
            more = [sum(a[kind] > b[entity] for a, b in paired(peer, rows)), sum(a[kind] < b[entity] for a, b in paired(peer, rows))]
            counts = (total(peer, kind), total(rows, entity), total(held, entity)) + tuple(more)
            lines.append("| %s | %d | `%s` %d | %d | %d | %d | %s |" % ((kind, counts[0], entity) + counts[1:] + (why,)))
        else:
            inputs = sum(bool(bundle[kind]) for bundle in peer.values())
            lines.append("| %s | %d | | | %d | | %s |" % (kind, total(peer, kind), inputs, ELSEWHERE.get(kind, "not in the dictionary")))
    lines += ["", "| the store's entity without a resource of its own there | rows | inputs | why |", "|---|---:|---:|---|"]
    for entity in entities:
        if entity not in {name for name, _ in SAME.values()}:
            inputs = sum(bool(counts[entity]) for counts in rows.values())
            lines.append("| `%s` | %d | %d | %s |" % (entity, total(rows, entity), inputs, OURS.get(entity, "")))
    return "\n".join(lines + [""])


def paired(peer, rows):
    return [(peer[name], rows[name]) for name in peer]


def total(counts, name):
    return sum(count[name] for count in counts.values())


if __name__ == "__main__":
    page("peer", lambda corpus, options: table(*counted(corpus, options)))
