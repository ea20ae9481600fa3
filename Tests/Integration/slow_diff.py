"""What two versions of the mapping `own-patient` say differently, worked out slowly and by itself.

usage: slow_diff.py INDEX_KEY OLD NEW FILE...

OLD and NEW are the line of the mapping that differs, like "phone: PID-13.1". The files are those that were dropped.
It parses HL7 v2 itself, maps patients itself, makes the pseudonyms itself, and prints one line of JSON.
"""

import hashlib
import hmac
import json
import sys

READ = {"ADT^A01", "ADT^A04", "ADT^A08", "ORU^R01", "DFT^P03"}
SEXES = {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other"}
LINES = {"phone": "PID-13.1", "sex": "PID-8 | upper", "identifier": "PID-3 | id else MSH-4.1"}


def messages(data):
    """Lists of segments, envelopes left out."""
    current = []
    for line in data.decode("utf-8").replace("\r\n", "\r").replace("\n", "\r").split("\r"):
        name = line[:3]
        if name == "MSH":
            if current:
                yield current
            current = [line]
        elif name in ("FHS", "BHS", "BTS", "FTS") or not line:
            if current:
                yield current
            current = []
        elif current:
            current.append(line)
    if current:
        yield current


def field(segment, number):
    parts = segment.split("|")
    index = number - 1 if parts[0] == "MSH" else number
    return parts[index] if index < len(parts) else ""


def component(text, number):
    """Of the first repetition: None where the field was not sent, "" where it was sent without it."""
    if not text:
        return None
    parts = text.split("~")[0].split("^")
    return parts[number - 1].split("&")[0] if number <= len(parts) else ""


def rule(lines, name):
    path, _, step = lines[name].partition("|")
    place, _, part = path.strip().removeprefix("PID-").partition(".")
    return int(place), int(part or 1), step.strip()


def patient(message, lines):
    """(key, fields) of the patient that a message speaks of, or None: none, or held."""
    pid = next((s for s in message if s.startswith("PID|")), None)
    if pid is None:
        return None
    number = rule(lines, "identifier")[0]
    text = field(pid, number)
    value, assigner = component(text, 1), component(text, 4) or field(message[0], 4)
    if not value or not assigner:
        return None
    place, part, _ = rule(lines, "phone")
    _, _, case = rule(lines, "sex")
    sex = component(field(pid, 8), 1)
    if sex:
        sex = sex.upper() if case == "upper" else sex.lower()
        sex = SEXES.get(sex, sex)
    born = component(field(pid, 7), 1)
    event = next((field(s, 2) for s in message if s.startswith("EVN|")), "") or field(message[0], 7)
    fields = {
        "family": component(field(pid, 5), 1), "given": component(field(pid, 5), 2), "birth_date": born, "sex": sex,
        "phone": component(field(pid, place), part), "identifier": f"{value}@{assigner}", "event_time": event,
    }
    return f"{value}\x1f{assigner}".encode(), fields


def compare(found):
    """found: message -> (old, new). Rows by key, over all messages."""
    rows = {}
    for old, new in found:
        for side, said in (("old", old), ("new", new)):
            if said:
                rows.setdefault(said[0], {"old": 0, "new": 0, "fields": set(), "differs": False})[side] += 1
        if old and new and old[0] == new[0]:
            fields = {name for name in old[1] if old[1][name] != new[1][name]}
            rows[old[0]]["fields"] |= fields
            rows[old[0]]["differs"] |= bool(fields)
        else:
            for said in (old, new):
                if said:
                    rows[said[0]]["differs"] = True
                    rows[said[0]]["fields"] |= {name for name, value in said[1].items() if value is not None and name != "event_time"}
    return rows


def pseudonym(index_key, key):
    derived = hmac.new(index_key, b"compline/v1/index/diff/patient", hashlib.sha256).digest()
    encoded = len(key).to_bytes(4, "big") + key
    return hmac.new(derived, encoded, hashlib.sha256).digest()[:16].hex()


def main():
    index_key = bytes.fromhex(open(sys.argv[1]).read().strip())
    lines = []
    for text in sys.argv[2:4]:
        name, _, rest = text.partition(":")
        lines.append({**LINES, **({name.strip(): rest.strip()} if name.strip() in LINES else {})})
    seen, found = set(), []
    for path in sys.argv[4:]:
        for message in messages(open(path, "rb").read()):
            kind = "^".join(field(message[0], 9).split("^")[:2])
            text = "\r".join(message)
            if text in seen:
                continue
            seen.add(text)
            found.append(tuple(patient(message, side) if kind in READ else None for side in lines))
    out = {"added": [], "removed": [], "changed": {}, "same": 0, "messages": len(seen)}
    for key, row in compare(found).items():
        name = pseudonym(index_key, key)
        if not row["differs"]:
            out["same"] += 1
        elif not row["old"]:
            out["added"].append(name)
        elif not row["new"]:
            out["removed"].append(name)
        else:
            out["changed"][name] = sorted(row["fields"])
    out["added"].sort()
    out["removed"].sort()
    print(json.dumps(out, sort_keys=True))


main()
