"""An OpenSSH server of one's own, and a site that reaches it through a relay."""

import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Faults"))
import night  # noqa: E402

CODED = re.compile(r"compline[a-z-]*: [A-Z]+(-\d+)? \(exit \d+\)|$")
PARTNER = """partner: loopback
owner: interfaces@example.invalid
purpose: loses its connections on purpose
host: %s
port: %d
user: %s
identity: {file: "%s"}
host_keys:
  - {key: "%s", since: 2026-01-01, until: 2099-12-31}
limits: {stall: 5s, total: 900s, attempts: %d}
revoke: nothing is left to revoke; the server ends with the run
"""
FEED = """feed: wire
owner: interfaces@example.invalid
from: {sftp: loopback, path: "%s", after: %s}
format: hl7v2
mappings: [hl7v2-standard]
zone: America/Chicago
arrival: {by: "02:00", complete: %s%s}
"""


class Server:
    """sshd on a loopback port; `prefix` is what stands before its command line, to start it elsewhere."""

    def __init__(self, folder, checkout, prefix=()):
        self.folder, self.prefix, self.script = folder, list(prefix), os.path.join(checkout, "Tests/sshd")
        subprocess.run([*self.prefix, self.script, "start", folder, str(os.getpid())], check=True)
        self.key = os.path.join(folder, "user")
        with open(folder + "/port") as port, open(folder + "/host.pub") as pin:
            self.port, self.pin = int(port.read()), " ".join(pin.read().split()[:2])

    def stop(self):
        subprocess.run([self.script, "stop", self.folder], check=False)


class Site(night.Site):
    """A site whose partner is behind a relay; `prefix` stands before the command lines of its jobs."""

    patience = 1800

    def begin(self, server, address, attempts, prefix=()):
        self.prefix, self.codes = list(prefix), []
        for folder in ("feeds", "consumers", "agreements", "partners"):
            os.makedirs(os.path.join(self.path, folder))
        shutil.copy(server.key, self.path + ".partner-key")
        os.chmod(self.path + ".partner-key", 0o600)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        self.write("partners/loopback.yaml", (PARTNER % (*address, user, self.path + ".partner-key", server.pin, attempts)).encode())
        self.point("store: sqlite\n")

    def init(self):
        code, _, errors = self.run(os.path.join(self.options.bin, "compline"), "init", self.path)
        if code != 0:
            raise SystemExit("compline init ended %d: %s" % (code, errors.decode()))

    def job(self, name):
        """Runs a job; gives its exit code and what it did that no cut excuses."""
        code, said, errors = self.run(*self.prefix, os.path.join(self.options.bin, name), "--site", self.path, "--night", night.NIGHT)
        self.codes.append(code)
        wrong = [] if code in (0, 3, 76) else ["%s ended %d: %s" % (name, code, errors.decode().strip())]
        return code, wrong + ["said without a code: %r" % line for line in errors.decode().splitlines() if not CODED.match(line)]

    # The spool

    def journal(self):
        return [json.loads(line.split(b" ", 1)[1]) for line in self.read("var/spool/journal").splitlines()]

    def drops(self):
        """The keyed hash of each drop in the journal, with its id; and those that stand there twice."""
        found, twice = {}, []
        for record in self.journal():
            if record["type"] == "drop":
                (twice.append if record["hash"] in found else lambda _: None)(record["hash"])
                found[record["hash"]] = record["id"]
        return found, twice

    def keyed(self, digests):
        """The keyed hashes that the journal would hold for these SHA-256, as its form says: HMAC under a key for this feed, made from the pull key."""
        with open(os.path.join(self.folder, "keys/pull.key")) as file:
            key = bytes.fromhex(file.read().strip())
        own = hmac.digest(key, b"compline/v1/index/pull/hash/wire", "sha256")
        return {hmac.digest(own, digest, "sha256").hex(): digest for digest in digests}

    def verified(self):
        """Opens every sealed drop and hashes it again; what is not whole."""
        said = json.loads(self.run(os.path.join(self.options.bin, "compline"), "spool", "verify", "--json", "--site", self.path)[1])
        return said["whole"], ["drop %s is %s" % (item["drop"], item["condition"]) for item in said["bad"]] + ["%s has no record" % name for name in said["unnamed"]]

    def temporaries(self):
        return [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(self.path, "var")) for name in names if name.startswith(".tmp-")]


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def files_below(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)
