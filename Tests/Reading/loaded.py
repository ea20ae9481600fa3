#!/usr/bin/env python3
"""Writes how many of the eligible messages and documents of the corpus are loaded, and why the rest is not, into docs/coverage.md.

usage: loaded.py CORPUS --bin DIR --mappings DIR [--write FILE]
       loaded.py CORPUS --rows FILE... [--write FILE]

Eligible are HL7 v2 messages of the listed types in files whose messages carry a patient id, and well-formed CDA documents; both as the corpus's truth
says. Loaded is what came out as rows. Without --write the tables go to standard output.
"""

import collections
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from read import page, product  # noqa: E402

LISTED = "ADT ORU ORM OML OMP RDE RDS RAS VXU MDM SIU DFT BAR REF RRI PPR".split()

CLAUSES = {
    ("hl7v2", "SUBJECT-MISSING"): "PID, with a number in PID-3 (v2.5.1, 3.4.2.3), is required; PID-2 and PID-4 stand in. Without one the message is of nobody",
    ("cda", "SUBJECT-MISSING"): "recordTarget/patientRole with at least one id (C-CDA R2.1, 1.1, CONF:1198-5266 to 5268). Without one the document is of nobody",
    ("hl7v2", "REQUIRED-MISSING"): "the key of the main rows: results none of which says in OBX-3 what was asked (v2.5.1, 7.4.2.3), or a message without MSH-10 whose orders or charges have no number",
    ("hl7v2", "KEY-REPEATED"): "rows of one key that differ (OBX-4, v2.5.1, 7.4.2.4): none is chosen",
    ("hl7v2", "NO-MAPPING"): "no mapping of the set reads this type",
    ("hl7v2", "MERGE-HELD"): "a link of two records, or a merge of accounts (v2.5.1, 3.3): it has no effect",
    ("hl7v2", "MESSAGE-TYPE-MISSING"): "MSH-9 is required (v2.5.1, 2.15.9.9)",
    ("hl7v2", "DROP-TRUNCATED"): "an envelope or block that was opened is not closed (v2.5.1, 2.10.3): the last message may be cut",
    ("hl7v2", "ORPHAN-SEGMENT"): "a segment whose parent is not there: OBX before any OBR (v2.5.1, 7.3.1)",
    ("hl7v2", "DELIMITERS-INVALID"): "MSH-2 names the delimiters (v2.5.1, 2.15.9.2)",
    ("hl7v2", "DROP-EMPTY"): "no MSH in the file",
    ("cda", "NOT-CDA"): "the root element is no ClinicalDocument (CDA R2, 4.1)",
    ("cda", "DROP-EMPTY"): "the file is empty",
    ("cda", "XML-INVALID"): "not well-formed XML",
}


def truth(corpus):
    found = {}
    for kind in ("hl7v2", "cda"):
        with open(os.path.join(corpus, "truth", kind + ".json"), encoding="utf-8") as file:
            found.update({name: record for name, record in json.load(file).items() if record.get("agreed")})
    return found


def is_eligible(record):
    if record.get("is_cda") is not None:
        return bool(record["is_cda"] and record.get("well_formed"))
    types = set(record.get("message_types") or ())
    return bool(record.get("patient_ids") and types and all(name.split("^")[0] in LISTED for name in types))


def family(name, message):
    return "CDA" if name.startswith("cda/") else message["type"].split("^")[0]


def counted(corpus, options):
    sure, types, fates, examples = truth(corpus), collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter), {}
    for name, messages in sorted(product(corpus, options).items()):
        eligible = name in sure and is_eligible(sure[name])
        for message in messages:
            loaded = message["verdict"] == "rows" and bool(message["rows"])
            if eligible:
                types[family(name, message)]["eligible"] += 1
                types[family(name, message)]["loaded"] += loaded
            if not loaded and message["verdict"] != "filtered":
                key = (name.split("/")[0], message.get("code") or next((h["code"] for h in message["held"]), "no rows"))
                fates[key].update(messages=1, eligible=eligible)
                if eligible or key not in examples:
                    examples.setdefault((key, eligible), name)
                    examples[key] = examples.get((key, True), name)
    return types, fates, examples


def tables(types, fates, examples):
    total = sum(types.values(), collections.Counter())
    lines = ["", "| type | eligible | loaded | |", "|---|---:|---:|---:|"]
    for name, count in sorted(types.items()) + [("all", total)]:
        lines.append("| %s | %d | %d | %.1f %% |" % (name, count["eligible"], count["loaded"], 100 * count["loaded"] / max(1, count["eligible"])))
    lines += ["", "| code | of | messages | eligible | clause | example |", "|---|---|---:|---:|---|---|"]
    for key, count in sorted(fates.items(), key=lambda item: (-item[1]["eligible"], -item[1]["messages"], item[0])):
        lines.append("| `%s` | %s | %d | %d | %s | `%s` |" % (key[1], key[0], count["messages"], count["eligible"], CLAUSES.get(key, ""), examples[key]))
    return "\n".join(lines + [""])


if __name__ == "__main__":
    page("loaded", lambda corpus, options: tables(*counted(corpus, options)))
