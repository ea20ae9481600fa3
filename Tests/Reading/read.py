#!/usr/bin/env python3
"""Compares what the product makes of real files with a plain reading that shares no code with it.

usage: read.py CORPUS --bin DIR --mappings DIR [--values] [--list N] [--write FILE]
       read.py CORPUS --rows FILE... [--values] [--list N] [--write FILE]

CORPUS holds hl7v2/ and cda/. The product's rows come from `compline mapping run SET --json` over every file; --rows reads its output instead.
A field is one comparison; where neither side has a value it is none. What differs is printed as file, field and count; --values shows the values too,
for a person's eyes. exceptions.csv lists the differences that are known, each with a reason; --table writes it anew. Exit 0 where at most 1 % (--at-most)
of the fields differ and each difference stands in the table.
"""

import argparse
import collections
import csv
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import facts_cda  # noqa: E402
import facts_hl7  # noqa: E402
import hl7v2  # noqa: E402
from facts import equal  # noqa: E402

SETS = (("hl7v2", "hl7v2-standard"), ("cda", "ccda-standard"))
HERE = os.path.dirname(os.path.abspath(__file__))


class Tally:
    def __init__(self, values):
        self.fields = collections.Counter()
        self.wrong = collections.defaultdict(collections.Counter)
        self.shown = [] if values else None
        self.fates = collections.Counter()

    def add(self, name, file, same, expected, found, kind):
        if expected in (None, "", set(), []) and found in (None, ""):
            return
        self.fields[name] += 1
        if not same:
            self.wrong[(file, name)][kind] += 1
            if self.shown is not None:
                self.shown.append((file, name, kind, expected, found))


def files(corpus, kind):
    for folder, _, names in sorted(os.walk(os.path.join(corpus, kind))):
        for name in sorted(names):
            yield os.path.join(folder, name)


def product(corpus, options):
    """The product's messages by file: lists of the lines that `mapping run --json` writes."""
    found = collections.defaultdict(list)
    for text in options.rows or produced(corpus, options):
        for line in text if not isinstance(text, str) else open(text, encoding="utf-8"):
            message = json.loads(line)
            found[os.path.relpath(message["file"], corpus)].append(message)
    return found


def produced(corpus, options):
    for kind, name in SETS:
        names = list(files(corpus, kind))
        for start in range(0, len(names), 300):
            part = names[start:start + 300]
            command = [os.path.join(options.bin, "compline"), "mapping", "run", name, "--json", "--mappings", options.mappings, "--on", part[0]] + part[1:]
            run = subprocess.run(command, stdout=subprocess.PIPE, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
            if run.returncode not in (0, 3, 65):
                sys.exit("compline mapping run ended %d" % run.returncode)
            yield run.stdout.decode("utf-8").splitlines()


def plain(path, kind):
    """The facts of a file, one list a message; None where it cannot be read."""
    if kind == "cda":
        root = facts_cda.read(path)
        return None if root is None else [facts_cda.facts(root)]
    return [facts_hl7.facts(message) for message in hl7v2.messages(open(path, "rb").read())]


def compare(file, read, said, tally):
    """One message: facts against rows. Each fact finds its row by its place or its identifier."""
    rows = collections.defaultdict(list)
    for row in said["rows"]:
        rows[row["entity"]].append(dict(row, number=len(rows[row["entity"]])))
    for group in dict.fromkeys((fact.entity, fact.place[0] if isinstance(fact.place, tuple) and fact.entity != "identifier" else None) for fact in read):
        entity = group[0]
        pairs, extra = matched([f for f in read if f.entity == entity and group[1] in (None, f.place[0])], rows[entity])
        for fact, row in pairs:
            if fact.optional and row is None:
                continue
            settle(file, fact, row or twin(fact, pairs), tally, fate(fact, said["held"]))
        for row in extra:
            tally.add(entity + ".row", file, False, None, "row", "extra")


def fate(fact, held):
    """Why a fact has no row: the code under which the product holds it, else `missing`."""
    codes = [h["code"] for h in held if h["entity"] == fact.entity]
    if isinstance(fact.place, tuple):
        codes = [h["code"] for h in held if h["entity"] == fact.entity and h["at"].endswith("occurrence %d" % fact.place[1])]
    return "held " + codes[0] if codes else "missing"


def segment_of(row):
    """PID 1, OBX 12: the segment that a row was made from."""
    return (row["from"].split(" ")[0].split("-")[0].split("[")[0], row["occurrence"])


def matched(facts, rows):
    """Pairs each fact with its row: first by place and identifier, then by identifier, then in order."""
    pairs, free = [], list(rows)
    if facts[0].entity == "identifier":
        for fact in facts:
            row = next((r for r in rows if equal("identifier", fact.identifier, r["fields"].get("identifier"))), None)
            pairs.append((fact, row))
        return pairs, [r for r in rows if not any(equal("identifier", fact.identifier, r["fields"].get("identifier")) for fact in facts)]
    if isinstance(facts[0].place, tuple):
        for fact in facts:
            row = next((r for r in free if segment_of(r) == fact.place), None)
            if row:
                free.remove(row)
            pairs.append((fact, row))
        return pairs, [r for r in free if segment_of(r)[0] == facts[0].place[0]]
    return by_identity(facts, free)


def by_identity(facts, rows):
    """Statements of a document: by their id, the best of equals; what is left by what they say."""
    pairs, rest, free = [], [], list(rows)
    for fact in facts:
        same = [r for r in free if fact.identifier and equal("identifier", fact.identifier, r["fields"].get("source", r["fields"].get("identifier")))]
        if same:
            row = max(same, key=lambda r: likeness(fact, r))
            free.remove(row)
            pairs.append((fact, row))
        else:
            rest.append(fact)
    for fact in sorted(rest, key=lambda f: f.optional):
        row = max(free, key=lambda r: (likeness(fact, r), -r["number"]), default=None)
        if row is not None:
            free.remove(row)
        pairs.append((fact, row))
    return pairs, free


def twin(fact, pairs):
    """What a message says twice, word by word, is one row."""
    return next((row for other, row in pairs if row is not None and other.identifier == fact.identifier and other.fields == fact.fields), None)


def likeness(fact, row):
    return sum(kind not in ("one", "parent") and equal(kind, value, found(row, name, kind)) for name, kind, value in fact.fields)


def found(row, name, kind):
    if kind == "parent":
        return row["fields"].get(name, {}).get("identifier")
    return row["event_time"] if kind == "instant" else row["fields"].get(name)


def settle(file, fact, row, tally, without):
    for name, kind, value in fact.fields:
        label = fact.entity + "." + name
        if row is None:
            tally.add(label, file, value in (None, "", set(), []), value, None, without)
            continue
        said = found(row, name, kind)
        if kind in ("one", "parent"):
            same = any(equal("identifier", number, said) for number in value) if value else True
        elif kind == "instant" and value is None:
            same = bool(row.get("event_time_is_fallback"))
        else:
            same = equal(kind, value, said)
        tally.add(label, file, same, value, said, "differs")


def run(corpus, options):
    tally = Tally(options.values)
    said = product(corpus, options)
    for kind, _ in SETS:
        for path in files(corpus, kind):
            file = os.path.relpath(path, corpus)
            lines = said.get(file, [])
            loaded = [m for m in lines if m["verdict"] == "rows" and m["rows"]]
            for message in lines:
                fate = message["verdict"] if message["verdict"] != "rows" or message["rows"] else "without rows"
                tally.fates[(kind, fate, message.get("code", ""))] += 1
            if not loaded:
                continue
            read = plain(path, kind)
            if read is None or (kind == "hl7v2" and len(read) != len(lines)):
                tally.add("messages", file, False, None if read is None else len(read), len(lines), "count")
                continue
            tally.add("messages", file, True, len(read), len(lines), "count")
            for message in loaded:
                compare(file, read[message["message"] - 1], message, tally)
    return tally


def written(text, part, path):
    """Puts a text between the two marks of its part of a page; without a page it goes to standard output."""
    if not path:
        return print(text)
    begin, end = "<!-- %s: begin -->" % part, "<!-- %s: end -->" % part
    with open(path, encoding="utf-8") as file:
        page = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(page.split(begin)[0] + begin + "\n" + text + end + page.split(end)[1])


def exceptions():
    """(file, field, how) -> (count, reason). A field may be `entity.*`: all fields of its rows."""
    path = os.path.join(HERE, "exceptions.csv")
    if not os.path.exists(path):
        return {}
    with open(path, newline="", encoding="utf-8") as table:
        return {(row["file"], row["field"], row["how"]): (int(row["count"]), row["reason"]) for row in csv.DictReader(table)}


def unexplained(tally, known):
    """What differs beyond the table, as (file, field, how) -> count."""
    left = {key: count for key, (count, reason) in known.items() if reason.strip()}
    over = collections.Counter()
    for (file, name), counts in sorted(tally.wrong.items()):
        for how, count in counts.items():
            for key in ((file, name, how), (file, name.split(".")[0] + ".*", how)):
                used = min(count, left.get(key, 0))
                left[key] = left.get(key, 0) - used
                count -= used
            over[(file, name, how)] += count
    return +over


def rewrite(tally, known):
    """The table as it ought to be: what differs now, with the reasons it has; a row that is new takes the reason of another file with the same field and how."""
    counts, reasons = collections.Counter(), {key[1:]: reason for key, (_, reason) in known.items()}
    for (file, name), hows in tally.wrong.items():
        for how, count in hows.items():
            whole = how.startswith("held ") or how == "missing"
            counts[(file, name.split(".")[0] + ".*" if whole else name, how)] += count
    with open(os.path.join(HERE, "exceptions.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "field", "how", "count", "reason"])
        writer.writerows([*key, count, known.get(key, (0, reasons.get(key[1:], "")))[1]] for key, count in sorted(counts.items()))


def summary(tally, over):
    total, wrong = sum(tally.fields.values()), sum(sum(c.values()) for c in tally.wrong.values())
    return "reading: %d fields compared, %d differ (%.3f %%), %d of them without a reason" % (total, wrong, 100 * wrong / max(1, total), sum(over.values()))


def by_field(tally):
    lines, differ = [], collections.defaultdict(collections.Counter)
    for (_, name), counts in tally.wrong.items():
        differ[name] += counts
    for name in sorted(tally.fields):
        how = ", ".join("%d %s" % (count, how) for how, count in sorted(differ[name].items()))
        lines.append((name, tally.fields[name], sum(differ[name].values()), how))
    return lines


def report(tally, options):
    if options.table:
        rewrite(tally, exceptions())
    over = unexplained(tally, exceptions())
    for (kind, fate, code), count in sorted(tally.fates.items(), key=str):
        print("%-6s %-14s %-24s %6d" % (kind, fate, code, count))
    for line in by_field(tally):
        print("%-28s %7d compared %6d differ %s" % line)
    for (file, name, how), count in sorted(over.items(), key=lambda item: -item[1])[: options.list]:
        print("  %s, %s: %d %s" % (file, name, count, how))
    for shown in tally.shown or []:
        print("    %s %s %s: %r | %r" % shown)
    print(summary(tally, over))
    if options.write:
        table = ["", "| field | compared | differ | how |", "|---|---:|---:|---|"] + ["| %s | %d | %d | %s |" % line for line in by_field(tally)]
        written("\n".join(table + ["", summary(tally, over) + ".", ""]), "reading", options.write)
    total, wrong = sum(tally.fields.values()), sum(sum(c.values()) for c in tally.wrong.values())
    return 0 if total and 100 * wrong <= options.at_most * total and not over else 1


def arguments():
    """What every table is made from, and where it goes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("--bin")
    parser.add_argument("--mappings")
    parser.add_argument("--rows", nargs="*")
    parser.add_argument("--write", help="a page whose part of the table's name gets it")
    return parser


def page(part, table):
    """Writes the table that a corpus and the options give as a part of a page."""
    options = arguments().parse_args()
    written(table(options.corpus, options), part, options.write)


def main():
    parser = arguments()
    parser.add_argument("--values", action="store_true")
    parser.add_argument("--table", action="store_true", help="writes exceptions.csv anew; rows without a reason are for you to fill in")
    parser.add_argument("--at-most", type=float, default=1.0, help="per cent of the fields that may differ")
    parser.add_argument("--list", type=int, default=40)
    options = parser.parse_args()
    return report(run(options.corpus, options), options)


if __name__ == "__main__":
    sys.exit(main())
