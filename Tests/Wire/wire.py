#!/usr/bin/env python3
"""Lost connections: pulls and deliveries over a real sshd whose sessions are cut at points drawn by lot, while the other side works on.

usage: wire.py --bin DIR --mappings DIR [--parts LIST] [--files N] [--points N] [--scale N] [--seed N] [--jobs N] [--work DIR]

  leave, move, delete   a pull of --files files, 1 byte to 64 MB, with --points cuts, under one `after` each; the partner replaces, truncates and still writes
                        files meanwhile (truncates those that stand there only where a file counts as whole once it stands still: leave, delete)
  deliver               deliveries with --points cuts to consumers that take each file as soon as it has its name; one name in ten cuts the sessions too
  control               a small pull after which a half written file, a lost one and a changed byte in the spool must each be seen
  network               a pull and a delivery between two network namespaces: delay and loss by netem where the kernel has it, else by the relay; the link goes down and up

A point is so many whole blocks of 64 KiB in one direction after the last cut there; then the connection is reset, closed, or silent, and of some that were silent all that
was sent arrives when its sender is gone. --scale divides the sizes of files. Exit 1 where something was violated.
"""

import argparse
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import network  # noqa: E402
import partner  # noqa: E402
import place  # noqa: E402
import relay  # noqa: E402
from place import night  # noqa: E402

MEBIBYTE = 1 << 20
WINDOW = 6


class World:
    """One part: a folder, a server, a relay and a site."""

    def __init__(self, name, options, network=None, attempts=10):
        self.name, self.options, self.network, self.wrong = name, options, network, []
        self.lot = random.Random("%s %d" % (name, options.seed))
        self.folder = os.path.join(options.folder, name.replace(", ", "-"))
        os.mkdir(self.folder)
        self.server = place.Server(self.folder + "/server", options.checkout, network.prefix("b") if network else ())
        self.plan, self.attempts = relay.Plan({}), attempts

    def begin(self, hold=None):
        enter = (lambda: relay.enter_network(self.network.name("b"))) if self.network else (lambda: None)
        address = self.network.ADDRESS if self.network else "127.0.0.1"
        self.relay = relay.Relay(("127.0.0.1", self.server.port), self.plan, address, hold, enter)
        self.site = place.Site(self.folder + "/base", self.options)
        self.site.begin(self.server, (address, self.relay.port), self.attempts, self.network.prefix("a") if self.network else ())

    def make(self, *names):
        for name in names:
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        return [os.path.join(self.folder, name) for name in names]

    def judge(self, text, bad):
        """Notes a violation for what must be empty."""
        if bad:
            self.wrong.append("%s: %d, such as %s" % (text, len(bad), sorted(map(str, bad))[:3]))

    def end(self):
        self.server.stop()
        self.relay.close()


class Pull(World):
    def __init__(self, name, after, options, network=None):
        super().__init__(name, options, network)
        self.after = after
        files, points = (options.files, options.points) if not network else (max(40, options.files // 4), max(4, options.points // 10))
        sizes = self.sizes(files, options.scale if not network else 8)
        self.begin(network and network.hold)
        drops, staging, self.done = self.make("drops", "staging", "done")
        self.partner = partner.Partner(drops, staging, self.lot, in_place=after != "move")
        for number, size in enumerate(sizes):
            self.partner.put("%02d/f%04d.dat" % (number // 64, number), size, age=3600)
        # Large files come first by name: most points lie far apart there, the rest close together among the small ones.
        up, close = max(1, points // 20), points // 3
        largest = max(1, int(1.8 * sum(sizes) / relay.BLOCK / (points - up - close)))
        down = relay.points_by_lot(self.lot, points - up - close, largest) + relay.points_by_lot(self.lot, close, 1)
        self.plan.__init__({"down": down, "up": relay.points_by_lot(self.lot, up, 1)})
        rule = {"leave": "leave", "delete": "delete", "move": '{move: "%s"}' % self.done}[after]
        complete = ("settle", ", settle: %ds" % WINDOW) if self.partner.in_place else ("rename", "")
        self.site.write("feeds/wire.yaml", (place.FEED % (drops, rule, *complete)).encode())
        self.site.init()

    def sizes(self, count, scale):
        """Of each hundred files 94 below 64 KiB, 4 below 1 MiB, 2 up to 64 MiB; one of 1 byte and one of 64 MiB among them."""
        large = max(2, count // 50)
        sizes = [1, 64 * MEBIBYTE // scale]
        sizes += [int(2 ** self.lot.uniform(20, 24)) // scale for _ in range(large - 1)] + [int(2 ** self.lot.uniform(16, 20)) for _ in range(2 * large)]
        sizes += [int(2 ** self.lot.uniform(0, 16)) for _ in range(count - len(sizes))]
        return sorted(sizes, reverse=True)

    def run(self):
        started = time.monotonic()
        self.partner.start(0.4)
        with self.network.flapping(self.lot) if self.network else open(os.devnull):
            while self.plan.left():
                self.step()
                if self.plan.left() and self.partner.bytes < (8 << 30):
                    for _ in range(8):
                        self.partner.put("more/m%05d.dat" % len(self.partner.whole), int(2 ** self.lot.uniform(19, 22)), age=3600)
            self.partner.stop()
        self.settle()
        self.check()
        self.said = "%d versions of files, %d of them withdrawn, %d bytes; %s; %d pulls ended %s; %d sessions" % (
            len(self.partner.whole), len(self.partner.withdrawn), sum(self.partner.whole.values()), ", ".join("%d %s" % (count, act) for act, count in self.partner.acts.items()),
            len(self.site.codes), "/".join("%d times %d" % (self.site.codes.count(code), code) for code in sorted(set(self.site.codes))), self.relay.sessions)
        return time.monotonic() - started

    def step(self):
        self.wrong += self.site.job("compline-pull")[1]

    def settle(self):
        """The partner is done: pulls until one of them finds nothing to do."""
        time.sleep(1)
        for _ in range(8):
            before = len(self.site.journal())
            code, wrong = self.site.job("compline-pull")
            self.wrong += wrong
            last = [record for record in self.site.journal() if record["type"] == "look"][-1]
            if code == 0 and last["arriving"] == 0 and len(self.site.journal()) == before:
                return
            time.sleep(2)
        self.wrong.append("pulls did not come to an end: the last one ended %d" % code)

    def check(self):
        drops, twice = self.site.drops()
        allowed, wanted = self.site.keyed(self.partner.whole), self.site.keyed(self.partner.wanted)
        self.judge("sealed twice", twice)
        self.judge("sealed, and no version that was ever whole", set(drops) - set(allowed))
        self.judge("versions that were whole and are not sealed", [allowed[code].hex() for code in set(wanted) - set(drops)])
        whole, bad = self.site.verified()
        self.judge("drops that do not open to what the journal says", bad)
        self.judge("drops that were not opened", range(len(drops) - whole))
        self.judge("temporary files", self.site.temporaries())
        self.check_source({allowed[code]: drops[code] for code in drops if code in allowed})

    def check_source(self, sealed):
        left = {path: place.sha256(path) for path in place.files_below(self.partner.folder)}
        if self.after == "leave":
            standing = {os.path.join(self.partner.folder, name): digest for name, digest in self.partner.standing.items()}
            self.judge("files at the source that are not as the partner left them", set(left.items()) ^ set(standing.items()))
            self.judge("files at the source that are not sealed", [path for path, digest in left.items() if digest not in sealed])
        else:
            self.judge("files left at the source", left)
        aside = [(os.path.basename(path), place.sha256(path)) for path in place.files_below(self.done)]
        self.judge("moved files that are not the drop in their name", [name for name, digest in aside if not name.startswith(sealed.get(digest, "-"))])
        self.judge("drops whose file was neither moved nor withdrawn", set(sealed) - self.partner.withdrawn - {digest for _, digest in aside} if self.after == "move" else [])


class Control(Pull):
    """What the checks must see: they would be worth nothing if they did not."""

    SIGNS = ("sealed, and no version that was ever whole: 1,", "versions that were whole and are not sealed: 1,", "drops that do not open to what the journal says: 1,")

    def settle(self):
        self.partner.put("control/lost.dat", 1_000, age=3_600)
        os.unlink(self.partner.folder + "/control/lost.dat")
        content, digest = self.partner.content(1_000)
        del self.partner.whole[digest], self.partner.standing["control/lost.dat"]
        with open(self.partner.folder + "/control/half.dat", "wb") as file:
            file.write(content[:500])
        os.utime(file.name, (time.time() - 3_600,) * 2)
        super().settle()

    def check(self):
        drop = sorted(self.site.drops()[0].values())[0]
        with open(os.path.join(self.site.path, "var/spool", drop[:2], drop + ".sealed"), "r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read()[0]
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last ^ 1]))
        super().check()
        seen = [sign for sign in self.SIGNS if any(line.startswith(sign) for line in self.wrong)]
        self.wrong = ["not seen: " + sign for sign in self.SIGNS if sign not in seen]


class Taker:
    """Takes what has its name out of each consumer's folder at once, and cuts the sessions at one name in ten."""

    def __init__(self, folder, away, lot, pounce):
        self.folder, self.away, self.lot, self.pounce, self.taken, self.over = folder, away, lot, pounce, [], threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.over.wait(0.001):
            for consumer in os.scandir(self.folder):
                for entry in os.scandir(consumer.path):
                    if not entry.name.endswith(".part"):
                        self.take(consumer.name, entry)

    def take(self, consumer, entry):
        if self.lot.random() < 0.1:
            self.pounce()
        place_now = os.path.join(self.away, "%05d" % len(self.taken))
        os.rename(entry.path, place_now)
        self.taken.append((consumer, entry.name, place_now))

    def stop(self):
        self.over.set()
        self.thread.join()


class Deliver(World):
    def __init__(self, name, options, network=None):
        super().__init__(name, options, network, attempts=3)
        count, self.consumers = (options.points, 16 if options.scale == 1 else 4) if not network else (max(4, options.points // 10), 4)
        rows = max(2_000, 12_000 // options.scale)
        largest = max(1, 50 * rows // relay.BLOCK)
        self.inbound, self.away = self.make("inbound", "away")
        self.begin(self.hold)
        half = count // 2
        self.cuts = {"up": relay.points_by_lot(self.lot, count - half, largest), "down": relay.points_by_lot(self.lot, half, largest)}
        self.prepare(rows)
        self.deliveries = self.rounds = 0

    def hold(self, way):
        if self.network:
            return self.network.hold(way)
        return 0.003 if way == "down" else 0

    def prepare(self, rows):
        """A night that is loaded, and consumers that have had nothing of it."""
        os.makedirs(self.site.path + "/drops/charges")
        self.site.write("feeds/charges.yaml", (night.FEED % ("charges", "charges", "leave", "pid-patient, pv1-encounter, dft-charge")).encode())
        sites = os.path.join(self.options.checkout, "Sites/demo")
        shutil.copy(sites + "/agreements/billing-baa.yaml", self.site.path + "/agreements/")
        with open(sites + "/consumers/billing.yaml") as file:
            billing = file.read()
        for number in range(self.consumers):
            name = "c%02d" % number
            own = 'delivery: {sftp: loopback, path: "%s/%s", marker: "{name}.done", ' % (self.inbound, name)
            self.site.write("consumers/%s.yaml" % name, billing.replace("consumer: billing", "consumer: " + name).replace("delivery: {folder: delivery/billing, ", own).encode())
            os.makedirs(os.path.join(self.inbound, name))
        charges = [night.message("DFT^P03", "DFT_P03", "C%d" % n, 18, "EVN|P03|TIME", night.person(n % 4), night.visit(n % 4),
                                 "FT1|1|ZZT%d||20260310|20260310180000|CG|G0463^Visit^HPC|||1|10%d.50&USD|10%d.50&USD|D|||||||||||G0463^Visit^HPC" % (n, n % 10, n % 10))
                   for n in range(rows)]
        self.site.init()
        self.site.write("drops/charges/charges.hl7", night.drop("charges", charges))
        for job in ("compline-pull", "compline-ingest"):
            self.wrong += self.site.job(job)[1]
        self.base = self.site

    def run(self):
        started = time.monotonic()
        self.plan.__init__(self.cuts)
        with self.network.flapping(self.lot) if self.network else open(os.devnull):
            while self.plan.left() or not self.rounds:
                self.round()
        self.said = "%d deliveries of 4 files in %d rounds; %d names at which the sessions were cut; %d runs ended %s; %d sessions" % (
            self.deliveries, self.rounds, self.relay.pounces, len(self.codes), "/".join("%d times %d" % (self.codes.count(code), code) for code in sorted(set(self.codes))),
            self.relay.sessions)
        return time.monotonic() - started

    codes = ()

    def round(self):
        self.rounds += 1
        site = self.base.copy(os.path.join(self.folder, "round"))
        site.__class__, site.prefix, site.codes = place.Site, self.base.prefix, []
        taker = Taker(self.inbound, self.away, random.Random(self.lot.random()), self.relay.pounce)
        for _ in range(60):
            code, wrong = site.job("compline-extract")
            self.wrong += wrong
            if code == 0:
                break
        else:
            self.wrong.append("the deliveries did not come to an end: the last run ended %d" % code)
        site.job("compline-extract")
        time.sleep(0.1)
        taker.stop()
        self.codes = [*self.codes, *site.codes]
        for number in range(self.consumers):
            self.check(site, "c%02d" % number, [(name, path) for consumer, name, path in taker.taken if consumer == "c%02d" % number])
        self.judge("left in a consumer's folder", place.files_below(self.inbound))
        self.judge("temporary files", site.temporaries())
        for name in (self.away, site.folder):
            shutil.rmtree(name)
        os.makedirs(self.away)

    def check(self, site, consumer, taken):
        """Each file once, in order, and the bytes of the outbox."""
        self.deliveries += 1
        outbox = "var/outbox/%s/%s/" % (consumer, night.NIGHT)
        manifest, data = site.read(outbox + "manifest.json"), "%s-%s.csv" % (consumer, night.NIGHT)
        order = [data, data + ".manifest.json", data + ".manifest.json.sig", data + ".done"]
        self.judge("files of %s that did not come once and in order" % consumer, [] if [name for name, _ in taken] == order else [name for name, _ in taken] or ["none"])
        wanted = {order[0]: json.loads(manifest)["files"][0]["sha256"]}
        wanted.update({name: place.hashlib.sha256(content).hexdigest() for name, content in zip(order[1:], (manifest, site.read(outbox + "manifest.json.sig"), b""))})
        self.judge("files of %s with other bytes" % consumer, [name for name, path in taken if place.sha256(path).hex() != wanted.get(name)])
        self.judge("deliveries of %s without a record" % consumer, [] if site.read(outbox + "delivery.json") else [consumer])


def parts(options):
    """What is to be run, as (name, a function that makes its world)."""
    for name in options.parts.split(","):
        if name == "network":
            yield from network.parts(options, Pull, Deliver)
        elif name == "deliver":
            yield name, lambda: Deliver("deliver", options)
        elif name == "control":
            yield name, lambda: Control("control", "leave", argparse.Namespace(**{**vars(options), "files": 40, "points": 4, "scale": 32}))
        else:
            yield name, lambda after=name: Pull(after, after, options)


def run(name, make):
    world = make()
    try:
        seconds = world.run()
        for line in world.wrong:
            print("VIOLATION %s: %s" % (name, line), flush=True)
        hits = ", ".join("%d %s %s" % (count, way, kind) for (way, kind), count in sorted(world.plan.hits.items()))
        print("%s: %d points (%s), %d violations, %d min %d s\n  %s" % (
            name, sum(world.plan.hits.values()), hits, len(world.wrong), seconds // 60, seconds % 60, world.said), flush=True)
        return len(world.wrong)
    finally:
        world.end()
        shutil.rmtree(world.folder)


def main():
    own = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    for name in ("--bin", "--mappings"):
        own.add_argument(name, required=True, type=os.path.abspath)
    own.add_argument("--parts", default="leave,move,delete,deliver,control,network")
    for name, value in (("--files", 500), ("--points", 200), ("--scale", 1), ("--seed", 1), ("--jobs", 2)):
        own.add_argument(name, type=int, default=value)
    own.add_argument("--work", default="/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())
    options = own.parse_args()
    options.checkout = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options.folder = tempfile.mkdtemp(prefix="compline-wire-", dir=options.work)
    started = time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            violations = sum(pool.map(lambda part: run(*part), parts(options)))
    finally:
        shutil.rmtree(options.folder, ignore_errors=True)
    print("%d violations, %d s" % (violations, time.monotonic() - started))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
