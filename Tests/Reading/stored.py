#!/usr/bin/env python3
"""Holds what a night stored against what its messages said, row by row.

usage: stored.py EXPORT ROWS...

EXPORT is what `compline export` wrote after one night over some files, ROWS are lines of `compline mapping run SET --json` over the same files. Every
key that a message states has one row in the store, no other key has one, and each value of a row is one that a message stated for its key. A key that
some message takes back may have a row or none. Prints counts, never values; exit 0 where nothing differs.
"""

import collections
import json
import os
import re
import sys


def keys(export):
    """The key fields of each entity, from the dictionary that the export holds."""
    folder = os.path.join(export, "Mappings", "canonical")
    newest = max(os.listdir(folder), key=lambda name: int(name.split(".")[0]))
    found, entity = {}, None
    for line in open(os.path.join(folder, newest), encoding="utf-8"):
        named = re.match(r"  (\w+):\s*$", line)
        field = re.match(r"      (\w+): .*\|\s*key\s*(\||$)", line)
        if named:
            entity = found.setdefault(named.group(1), [])
        elif field:
            entity.append(field.group(1))
    return {name: fields for name, fields in found.items() if fields}


def text(value):
    return json.dumps(value, sort_keys=True)


def key(fields, names):
    return tuple(text(fields.get(name)) for name in names)


def stated(paths, names):
    """Entity -> key -> field -> the values that messages state, and entity -> the keys taken back. What holds or filters a message has no rows here."""
    back = collections.defaultdict(set)
    said = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(set)))
    for path in paths:
        for line in open(path, encoding="utf-8"):
            for row in json.loads(line)["rows"]:
                number = key(row["fields"], names[row["entity"]])
                if row.get("does") == "withdraw":
                    back[row["entity"]].add(number)
                values = said[row["entity"]][number]
                for name, value in row["fields"].items():
                    values[name].add(text(value))
    return said, back


def main():
    export, paths = sys.argv[1], sys.argv[2:]
    names = keys(export)
    (said, back), wrong, values = stated(paths, names), collections.Counter(), 0
    for entity in names:
        there = set()
        path = os.path.join(export, entity + ".ndjson")
        for line in open(path, encoding="utf-8") if os.path.exists(path) else []:
            row = json.loads(line)
            number = key(row, names[entity])
            there.add(number)
            for name in set(row) - {"ref", "event_time", "event_time_is_fallback"}:
                values += 1
                wrong[entity + "." + name] += text(row[name]) not in said[entity].get(number, {}).get(name, ())
        wrong[entity + " keys"] += len((there ^ set(said[entity])) - back[entity])
    for name, count in sorted(wrong.items()):
        if count:
            print("%-32s %6d differ" % (name, count))
    print("stored: %d values of %d entities held against what was stated, %d differ" % (values, len(said), sum(wrong.values())))
    return 0 if values and not sum(wrong.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
