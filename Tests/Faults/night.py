"""The micro night: 3 drops, 20 synthetic messages, one consumer; and what a night has come to, to be held against another."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess

NIGHT = "2026-03-10"
PEOPLE = ["QUXALPHA", "QUXBRAVO", "QUXCHARLIE", "QUXDELTA"]
# What may stand nowhere in clear below var/, nor be said by a job.
PLANTED = [text.encode() for number, name in enumerate(PEOPLE) for text in (name, "ZZM77100%d" % number, "qux%d.test@" % number)]
EXITS = {0, 3, 65, 70, 74, 75, 76, 77, 78}

FEED = """feed: %s
owner: interfaces@example.invalid
from: {drop: drops/%s, after: %s}
format: hl7v2
mappings: [%s]
zone: America/Chicago
arrival: {by: "02:00", complete: rename}
"""
FEEDS = {
    "adt": ("{move: drops/done}", "pid-patient, pv1-encounter, adt-merge"),
    "orders": ("delete", "pid-patient, pv1-encounter, obr-order, oru-observation, oru-document, dft-charge"),
}


def message(kind, structure, identifier, hour, *segments):
    time = "20260310%02d0000" % hour
    head = "MSH|^~\\&|ZZHIS|MICRO|COMPLINE|ZZHUB|%s||%s^%s|%s|T|2.5.1" % (time, kind, structure, identifier)
    return [head, *(segment.replace("TIME", time) for segment in segments)]


def person(number, account=True):
    fields = "PID|1||ZZM77100%d^^^MICRO^MR||TEST^%s^^^^^L||194%d0102|F|||1 QUX STREET^^SAMPLETOWN^ZZ^00000||(555)555-010%d^PRN^PH^qux%d.test@example.invalid"
    return fields % (number, PEOPLE[number], number, number, number) + ("|||||ZZA%d^^^MICRO^AN" % number if account else "")


def visit(number):
    return "PV1|1|I|WARD1^101^1^MICRO||||ZZ9^TEST^DOCTOR||||||||||||ZZV%d^^^MICRO^VN|||||||||||||||||||||||||TIME" % number


def arrivals():
    """Ten: four come, three change, one of them late; one is sent twice, one leaves, one is merged into another."""
    come = [message("ADT^A01", "ADT_A01", "A%d" % n, 8 + n, "EVN|A01|TIME", person(n), visit(n)) for n in range(4)]
    changes = [message("ADT^A08", "ADT_A01", "U%d" % n, hour, "EVN|A08|TIME", person(n), visit(n)) for n, hour in ((0, 14), (1, 15), (1, 9))]
    merge = message("ADT^A40", "ADT_A39", "M3", 20, "EVN|A40|TIME", person(2), "MRG|ZZM771003^^^MICRO^MR")
    return come + changes + [come[2], message("ADT^A03", "ADT_A03", "D0", 18, "EVN|A03|TIME", person(0), visit(0)), merge]


def results():
    """Five, the last one with a file in it."""
    found = []
    for n in range(4):
        found.append(message("ORU^R01", "ORU_R01", "R%d" % n, 12, person(n), visit(n), "OBR|1|ZZP%d|ZZF%d|24323-8^Panel^LN|||TIME|||||||||||||||TIME|||F" % (n, n),
                             "OBX|1|NM|2345-7^Glucose^LN||%d|mg/dL|70-99|N|||F|||TIME" % (80 + n), "OBX|2|TX|8251-1^Comment^LN||seen by QUXBRAVO||||||F"))
    data = base64.b64encode(b"%PDF-1.4 a synthetic page\n" * 40).decode()
    found.append(message("ORU^R01", "ORU_R01", "R4", 13, person(0), visit(0), "OBR|1|ZZP9|ZZF9|11502-2^Report^LN|||TIME|||||||||||||||TIME|||F",
                         "OBX|1|ED|11502-2^Report^LN||^application^pdf^Base64^" + data + "||||||F|||TIME"))
    return found


def charges():
    """Five; one names no account, so that its row is withheld."""
    return [message("DFT^P03", "DFT_P03", "C%d" % n, 18, "EVN|P03|TIME", person(n % 4, n != 3), visit(n % 4),
                    "FT1|1|ZZT%d||20260310|20260310180000|CG|G0463^Visit^HPC|||1|10%d.50&USD|10%d.50&USD|D|||||||||||G0463^Visit^HPC" % (n, n, n)) for n in range(5)]


def drop(name, messages):
    head = "|^~\\&|ZZHIS|MICRO|COMPLINE|ZZHUB|20260310200000||%s||%s" % (name, name)
    lines = ["FHS" + head, "BHS" + head, *(line for part in messages for line in part), "BTS|%d" % len(messages), "FTS|1"]
    return "".join(line + "\r" for line in lines).encode()


def place_of(path, folder):
    """A file's kind: its path in the site, names drawn by lot and numbers of pipes left out."""
    path = os.path.relpath(path, folder) if path.startswith(folder) else path
    path = re.sub(r"\.tmp-[0-9a-f]+", ".tmp", re.sub(r"\[\d+\]", "", path))
    return re.sub(r"[0-9a-f]{32}", "ID", re.sub(r"/[0-9a-f]{2}(?=/|$)", "/XX", path))


class Site:
    """A site in a folder of its own; `folder` holds site, keys and what is thrown away with them."""

    def __init__(self, folder, options):
        self.folder, self.options, self.order_differs = folder, options, False
        self.path = os.path.join(folder, "site")

    environment = {"PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"}
    # Seconds that a job may take, on a busy machine too.
    patience = 600

    def command(self):
        return [os.path.join(self.options.bin, "compline-nightly"), "--site", self.path, "--night", NIGHT]

    def run(self, *command, environment=None):
        """Exit code (negative: the signal), what it said, what it said of errors."""
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=self.patience, env={**self.environment, **(environment or {})})
        return said.returncode, said.stdout, said.stderr

    def night(self, environment=None):
        return self.run(*self.command(), environment=environment)

    def verb(self, *words):
        code, said, errors = self.run(os.path.join(self.options.bin, "compline"), *words, "--site", self.path)
        return said.decode() if code == 0 else "exit %d: %s" % (code, errors.decode())

    def make(self, store="store: sqlite\n"):
        os.makedirs(self.path)
        for folder in ("feeds", "consumers", "agreements", "drops/adt", "drops/orders", "drops/done", "delivery/billing"):
            os.makedirs(os.path.join(self.path, folder))
        for name in ("consumers/billing.yaml", "agreements/billing-baa.yaml"):
            shutil.copy(os.path.join(self.options.checkout, "Sites/demo", name), os.path.join(self.path, name))
        self.point(store)
        for name, (after, mappings) in FEEDS.items():
            self.write("feeds/%s.yaml" % name, (FEED % (name, name, after, mappings)).encode())
        code, _, errors = self.run(os.path.join(self.options.bin, "compline"), "init", self.path)
        if code != 0:
            raise SystemExit("compline init ended %d: %s" % (code, errors.decode()))
        for name, messages in (("adt/adt", arrivals()), ("orders/results", results()), ("orders/charges", charges())):
            self.write("drops/%s.hl7" % name, drop(name.split("/")[1], messages))

    def point(self, store):
        self.write("site.yaml", ("site: micro\nzone: America/Chicago\n%skeys: {provider: file, dir: ../keys}\nmappings: %s\n" % (store, self.options.mappings)).encode())

    def write(self, name, content):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(content)

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True)
        return Site(folder, self.options)

    def read(self, *parts):
        try:
            with open(os.path.join(self.path, *parts), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def files(self):
        """Every file below the site, by kind; but a sealed drop that a killed pull left without a record may be set aside, since its source is pulled again."""
        found = [place_of(os.path.join(folder, name), self.path) for folder, _, names in os.walk(self.path) for name in names]
        return sorted(place for place in found if place != "var/spool/orphans/ID.sealed")

    def outcome(self):
        """What must be the same after any fault and the next run."""
        statement = json.loads(self.read("var/statements", NIGHT, "statement.json") or b"{}")
        statement.pop("runs", None)
        manifest = json.loads(self.read("var/outbox/billing", NIGHT, "manifest.json") or b"{}")
        verified = self.verb("audit", "verify")
        return {
            "digest": self.verb("digest"),
            "extract": [file["sha256"] for file in manifest.get("files", [])],
            "delivered": [hashlib.sha256(self.read("delivery/billing", file["name"])).hexdigest() for file in manifest.get("files", [])],
            "statement": json.dumps(statement, sort_keys=True),
            "audit": re.sub(r"\d+ entries.*?, (\d+) after it(?s:.*)", r"\1 after the checkpoint", verified),
            "files": self.files(),
            "clear": self.planted(),
        }

    def planted(self):
        """Files below var/ in which a planted identifier stands in clear."""
        found = []
        for folder, _, names in os.walk(os.path.join(self.path, "var")):
            for name in names:
                content = self.read(folder, name)
                if any(text in content for text in PLANTED):
                    found.append(os.path.relpath(os.path.join(folder, name), self.path))
        return found
