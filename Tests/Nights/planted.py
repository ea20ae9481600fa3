#!/usr/bin/env python3
"""Plants identifiers in a night of six feeds and looks for them where nobody without the keys may find them.

usage: planted.py --bin DIR --mappings DIR --shim FILE [--store sqlite|postgresql|both] [--people N]

Eleven a person: record, visit and account numbers, family and given name, social security number, telephone, street, e-mail, a birth date beside a name, and a
file's name. They stand in HL7 v2, documents, rows and Bundles, some of them broken. The site lives through a night, an ingest that is killed at a write, a
statement that the store refuses (on PostgreSQL), one more night, and what an operator asks. Then all of the site but its keys, its drops and what was
delivered is read, with all that the jobs said, and the server's folder with its write-ahead log and its log of every statement and parameter.
Controls: the scanner finds each disguise that it knows, and each planted value in the drops and in the export. Exit 1 where anything was found, or a control was not.
"""

import argparse
import os
import random
import shutil
import sqlite3
import string
import subprocess
import sys
import tempfile

import drops
import messages
import scan
import sites

SERVER = ["log_statement = 'all'", "log_min_error_statement = 'debug5'", "log_min_messages = 'info'", "log_parameter_max_length = -1", "log_duration = on",
          "log_parameter_max_length_on_error = -1", "log_error_verbosity = 'verbose'", "log_min_duration_statement = 0", "log_connections = on"]
ASKED = [("status", "--exceptions", "--night", sites.faults.NIGHT), ("digest",), ("audit", "verify"), ("check",)]

REFUSE = """DO $$ DECLARE place text; BEGIN
FOR place IN SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE tablename = 'a_observation'
LOOP EXECUTE 'ALTER TABLE ' || place || ' %s'; END LOOP; END $$"""


class Planted(messages.Person):
    """A person whose every identifier is one that chance does not bring."""

    def __init__(self, number):
        super().__init__(number)
        lot = random.Random("planted %d" % number)

        def word(size):
            return "".join(lot.choices(string.ascii_uppercase, k=size))

        def digits(size):
            return "".join(lot.choices(string.digits, k=size))

        self.mrn, self.visit, self.account = "ZZ" + digits(10), "ZV" + digits(4) + word(6), "ZA" + digits(10)
        self.family, self.given, self.ssn = "QX" + word(9), "QY" + word(9), "9%s-%s-%s" % (digits(2), digits(2), digits(4))
        self.line, self.street, self.email = "555-01%s x%s" % (digits(2), digits(8)), "%s Q%s STREET" % (digits(3), word(8).title()), "%s@example.invalid" % word(10).lower()
        self.note, self.file = "%s %s" % (self.given, self.born), "QF" + word(10)

    def phone(self, moves=0):
        return self.line

    @property
    def values(self):
        return [self.mrn, self.visit, self.account, self.family, self.given, self.ssn, self.line, self.street, self.email, self.note, self.file]


def night(people):
    """Files of a night, named after the people in it; and one of each format that is broken in the middle of a person."""
    items = messages.night(7, people, first=1, person=Planted)
    crowd = [Planted(number) for number in range(1, people + 1)]
    files = [file for one in range(3) for file in drops.plain(items[one::3])]
    files = [(feed, "%s-%d-%s" % (crowd[number % people].file, number, name), content) for number, (feed, name, content) in enumerate(files)]
    whole = {feed: content for feed, _, content in files}
    broken = [(feed, "%s-broken.%s" % (crowd[0].file, drops.SUFFIX[messages.FEEDS[feed][0]]), content[:len(content) * 3 // 5] + b"\xff\xfe") for feed, content in whole.items()]
    return crowd, files, broken


class Life:
    """A site, and everything that was said while it lived."""

    def __init__(self, bench, kind, options):
        self.site, self.kind, self.options, self.store = bench.site(kind, "planted-" + kind), kind, options, bench.stores[kind]
        self.said = os.path.join(self.site.folder, "said")
        os.makedirs(self.said)
        for name in ("consumers/billing.yaml", "agreements/billing-baa.yaml"):
            shutil.copy(os.path.join(sites.CHECKOUT, "Sites/demo", name), os.path.join(self.site.path, name))
        os.makedirs(os.path.join(self.site.path, "delivery/billing"))
        if kind == "postgresql":
            for line in SERVER:
                self.store.sql("ALTER SYSTEM SET " + line)
            self.store.sql("SELECT pg_reload_conf()")

    def run(self, *words, **environment):
        command = [os.path.join(self.options.bin, words[0]), *words[1:], "--site", self.site.path]
        code, out, errors = self.site.run(*command, environment=environment)
        with open(os.path.join(self.said, "%03d" % len(os.listdir(self.said))), "wb") as file:
            file.write(out + errors)
        return code

    def job(self, name, **environment):
        return self.run("compline-" + name, "--night", sites.faults.NIGHT, **environment)

    def live(self, files, broken):
        half = len(files) // 2
        drops.lay(self.site, files[:half])
        codes = [self.job("nightly")]
        drops.lay(self.site, files[half:] + broken)
        codes.append(self.job("pull"))
        log = os.path.join(self.site.folder, "shim.log")
        with open(log, "wb") as file:
            file.truncate(8 << 20)
        codes.append(self.job("ingest", LD_PRELOAD=self.options.shim, FAULTS_LOG=log, FAULTS_AT="0 %s" % ("f 400" if self.kind == "sqlite" else "s 400"), FAULTS_MODE="before"))
        shutil.copytree(os.path.join(self.site.path, "var"), os.path.join(self.site.folder, "killed"))
        if self.kind == "postgresql":
            codes.append(self.refused())
        return codes

    def refused(self):
        """The store refuses a row: the server logs the statement, and what it says of the row."""
        self.sql(REFUSE % "ADD CONSTRAINT refused CHECK (event_instant < 0) NOT VALID")
        code = self.job("ingest")
        self.sql(REFUSE % "DROP CONSTRAINT refused")
        return code

    def sql(self, text):
        subprocess.run(["psql", "-qX", "-h", self.store.host, "-U", "postgres", "-d", os.path.basename(self.site.folder), "-c", text], check=True, capture_output=True)

    def end(self):
        codes = [self.job("nightly"), self.job("nightly")]
        return codes + [self.run("compline", *words) for words in ASKED]

    # What is read

    def export(self):
        out = os.path.join(self.site.folder, "out")
        self.site.tell("export", "--to", out)
        return out

    def left(self):
        """The folders that are read, after what may hold identifiers is taken out of them; the tables are there once more as text, since a server may pack them."""
        for name in ("drops", "delivery"):
            os.rename(os.path.join(self.site.path, name), os.path.join(self.site.folder, name))
        dump = os.path.join(self.site.folder, "dump")
        os.makedirs(dump)
        with open(os.path.join(dump, "tables"), "wb") as file:
            if self.kind == "postgresql":
                self.sql("CHECKPOINT")
                subprocess.run(["pg_dump", "-h", self.store.host, "-U", "postgres", os.path.basename(self.site.folder)], check=True, stdout=file)
            else:
                tables = sqlite3.connect(os.path.join(self.site.path, "var/store/compline.sqlite"))
                file.writelines(line.encode() + b"\n" for line in tables.iterdump())
        return [self.site.path, os.path.join(self.site.folder, "killed"), self.said, dump] + ([self.store.host] if self.kind == "postgresql" else [])


def controls(scanner, life, folder):
    """What the scanner must find, and does not."""
    wrong = ["the scanner does not see: " + name for name in scan.seen_in(scanner, folder)]
    files = sorted({name for place, _, names in os.walk(os.path.join(life.site.folder, "drops")) for name in names})
    in_drops = {number for _, number, _ in scanner.hits(os.path.join(life.site.folder, "drops"))}
    in_drops |= {number for number, value in enumerate(scanner.values) if any(value in name for name in files)}
    in_export = {number for _, number, _ in scanner.hits(os.path.join(life.site.folder, "out"))}
    wrong += ["%d of %d planted values stand in the drops" % (len(in_drops), len(scanner.values))] * (len(in_drops) < len(scanner.values))
    if life.kind == "postgresql":
        with open(os.path.join(life.store.host, "log"), "rb") as log:
            said = log.read()
        wrong += ["the server's log holds no " + mark.decode() for mark in (b"violates check constraint", b"Failing row contains", b"COPY ", b"$1 = ") if mark not in said]
    # Names of files are never stored.
    return wrong + ["%d of %d planted values stand in the export" % (len(in_export), len(scanner.values))] * (len(in_export) < len(scanner.values) * 10 // 11)


def run(bench, kind, options):
    crowd, files, broken = night(options.people)
    values = [value for person in crowd for value in person.values]
    scanner = scan.Scanner(values)
    life = Life(bench, kind, options)
    codes = life.live(files, broken) + life.end()
    life.export()
    folders = life.left()
    hits = scanner.hits(*folders)
    with tempfile.TemporaryDirectory(dir=bench.folder.name) as folder:
        wrong = controls(scanner, life, folder)
    for path, number, name in hits[:40]:
        print("FOUND on %s: value %d of person %d, %s, in %s" % (kind, number % 11, number // 11, name, path[len(bench.folder.name):]))
    for line in wrong:
        print("CONTROL on %s: %s" % (kind, line))
    size = sum(os.path.getsize(os.path.join(place, name)) for folder in folders for place, _, names in os.walk(folder) for name in names if os.path.isfile(os.path.join(place, name)))
    print("planted on %s: %d values in %d forms, in %d files of %d feeds; jobs ended %s; %d MB read, %d found" % (
        kind, len(values), len(scanner.meanings), len(files) + len(broken), len(messages.FEEDS), " ".join(map(str, codes)), size >> 20, len(hits)), flush=True)
    bench.end(kind, life.site)
    return bool(hits or wrong)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--shim", required=True, type=os.path.abspath)
    parser.add_argument("--people", type=int, default=46)
    options, kinds = sites.options_of(parser)
    bench = sites.Bench(options, kinds, sites.feeds())
    try:
        return 1 if sum([run(bench, kind, options) for kind in kinds]) else 0
    finally:
        bench.close()


if __name__ == "__main__":
    sys.exit(main())
