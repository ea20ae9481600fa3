#!/usr/bin/env python3
"""Bad luck, one piece at a time, over the micro night; each time the next night must end as an untouched one did.

usage: faults.py --bin DIR --mappings DIR --shim FILE [--store sqlite|postgresql] [--parts LIST] [--sample N] [--minutes N] [--jobs N] [--only POINT] [--done FILE]

  calls   each state-changing call of each process (shim.c names it) killed before or after, failed once with an error, or cut short
  proxy   on PostgreSQL: the connection cut, or the server crashed and started again, before and after a message of the site
  within  the same in the middle of the data of a COPY, and within a COMMIT
  jobs    a stage stopped at a call: a second run is refused; the first run's lock is let go, another run works, then the stopped stage goes on
  power   power goes: what was not synced may be there, torn or gone (power.py)
  disk    a night on a file system that is full after so many KB, then made larger

The night under the fault may end as it likes, but by no crash, with coded lines only and no planted value said or left below var/. The next night without it
must end as the untouched one in all that Site.outcome() names. Calls on SQLite: of points that nothing can tell apart (walk.py) one, and 50 of the others. Calls on PostgreSQL: one
point a distinct call site and mode, and 500 more by lot. --sample N takes N by lot. --only runs one, named as in a line of VIOLATION: "0.2 f 17 EIO".
SIGTERM ends a part early, after what is running; so does --minutes. --done names a file of what was done: the next run over the same binaries goes on there.
Exit 1 where something differed.
"""

import argparse
import collections
import concurrent.futures
import functools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import connections  # noqa: E402
import ledger  # noqa: E402
import night  # noqa: E402
import power  # noqa: E402
import stores  # noqa: E402
import walk  # noqa: E402

Point = collections.namedtuple("Point", "who kind number job call caller place")
WRITES = {"write", "pwrite", "pwrite64", "writev", "pwritev", "send", "sendto"}
INTERRUPTIBLE = WRITES | {"open", "open64", "openat", "fsync", "fdatasync", "ftruncate", "ftruncate64", "fallocate", "sendmsg"}
FREEING = {"unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchown", "utimensat", "futimens"}
REVISION = re.compile("^(delivery|var/outbox)/billing/.*-r2\\b")
CODED = re.compile(rb"compline[a-z-]*: [A-Z]+(-\d+)? \(exit \d+\)|$")


def modes(point):
    """What can become of the call: only files run out of space, only what waits is interrupted, only what moves bytes does less than asked."""
    found = ["before", "after", "EIO"]
    if point.kind == "f" and point.call not in FREEING:
        found.append("ENOSPC")
    if point.call in INTERRUPTIBLE:
        found.append("EINTR")
    return found + (["short"] if point.call in WRITES else [])


class Log:
    """What the shim says of a run: T lines are calls, C lines starts of processes, an H line the call that was spoilt, S lines children that crashed."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(8 << 20)

    def all(self):
        """Every line that is whole."""
        with open(self.path, "rb") as file:
            text = file.read(int.from_bytes(file.read(8), "little")).split(b"\0")[0].decode("utf-8", "replace")
        return [line.split(" ") for line in text.split("\n")[:-1]]

    def lines(self, letter):
        return [line for line in self.all() if line[0] == letter]


class Faults(power.Outages, connections.Cuts):
    def __init__(self, options):
        self.options = options
        options.work = options.work or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
        self.folder = tempfile.mkdtemp(prefix="compline-faults-", dir=options.work)
        self.store = stores.Postgres(options) if options.store == "postgresql" else stores.SQLite()
        self.base = night.Site(os.path.join(self.folder, "base"), options)
        self.violations, self.counts, self.quiet = 0, collections.Counter(), False
        self.ledger = ledger.Ledger(options.done, {"store": options.store, "seed": options.seed, "binaries": ledger.digest_of(options.bin, options.mappings, options.shim)})

    # Sites

    def fresh(self, name):
        site = self.base.copy(os.path.join(self.folder, name))
        site.point(self.store.fresh(name))
        return site, Log(os.path.join(self.folder, name + ".log"))

    def drop(self, site, log):
        self.store.drop(os.path.basename(site.folder))
        shutil.rmtree(site.folder, ignore_errors=True)
        os.unlink(log.path)

    def under(self, log, **more):
        return {"LD_PRELOAD": self.options.shim, "FAULTS_LOG": log.path, **more}

    def prepare(self):
        """The site, an untouched night, and the calls that a counted night makes."""
        self.base.make(self.store.base)
        site, log = self.fresh("clean")
        start = time.monotonic()
        self.exit, _, errors = site.night()
        night.Site.patience = max(night.Site.patience, 10 * (time.monotonic() - start))
        self.wanted = site.outcome()
        if self.exit not in (0, 3) or not self.wanted["audit"].endswith(" 0 after the checkpoint") or self.wanted["clear"] or not self.wanted["extract"]:
            raise SystemExit("the untouched night ended %d: %s%s" % (self.exit, errors.decode(), self.wanted))
        self.drop(site, log)
        # What a kill leaves on a server is not seen in files.
        is_whole = self.options.store == "sqlite" and not self.options.sample and not self.options.only
        found = self.ledger.keep("calls", self.walked if is_whole else self.counted)
        self.points = [Point(*point) for point, _ in found]
        self.kinds = walk.kinds(self.points, [walk.Call(*call) for _, call in found], modes) if is_whole else {}

    def counted(self):
        site, log = self.fresh("counted")
        site.night(self.under(log, FAULTS_TRACE="1"))
        found = [(self.point(line, site), None) for line in log.lines("T")]
        self.drop(site, log)
        return found

    def walked(self):
        site, log = self.fresh("walked")
        calls = walk.Walk(site, log, self.under(log, FAULTS_TRACE="1", FAULTS_WALK="1"), os.path.join(self.folder, "scratch")).calls()
        found = [(self.point(line, site), call) for line, call in calls]
        self.drop(site, log)
        return found

    def point(self, line, site):
        return Point(line[1], line[2], int(line[3]), line[5], line[6], line[7], night.place_of(" ".join(line[9:]), site.path))

    def lot(self, part):
        """Each part draws for itself, so that one that goes on draws as before."""
        return random.Random("%s %s" % (self.options.seed, part))

    # Judging

    def misbehaved(self, site, log, code, said, errors):
        """What no fault excuses."""
        # A drop that could not be read is held, its neighbours go on: the next night loads it after them, and the statement counts what came first.
        site.order_differs = b"DROP-UNREADABLE" in said or b"DECODER-CRASHED" in said
        wrong = ["%s ended by signal %s" % (who, number) for _, who, number in log.lines("S")]
        if code not in night.EXITS and code != -signal.SIGKILL:
            wrong.append("exit %d" % code)
        wrong += ["said without a code: %r" % line for line in errors.splitlines() if not CODED.match(line)]
        if any(text in said + errors for text in night.PLANTED):
            wrong.append("a job said a planted value")
        return wrong + ["%s holds a planted value" % place for place in site.planted()]

    def healed(self, site):
        code, _, errors = site.night()
        return ([] if code == self.exit else ["the next night ended %d: %s" % (code, errors.decode().strip())]) + self.differences(site)

    def differences(self, site):
        wrong = []
        for name, value in site.outcome().items():
            if value == self.wanted[name] or name == "statement" and site.order_differs:
                continue
            if name == "files":
                left, right = collections.Counter(value), collections.Counter(self.wanted[name])
                # What was sent without a held drop stays, and a second revision stands beside it.
                left -= collections.Counter(filter(REVISION.search, left) if site.order_differs else ())
                if left == right:
                    continue
                value = "%s more, %s less" % (sorted((left - right).elements()), sorted((right - left).elements()))
            wrong.append("%s differs: %s" % (name, value))
        return wrong

    # Running

    def run(self, part, trials, jobs=None):
        """Runs (name, body) side by side; a body gives what is wrong, as lines."""
        start, done, before = time.monotonic(), 0, self.violations
        earlier = {name for kept, name in self.ledger.done if kept == part}
        trials, running = ((name, self.timed(body)) for name, body in trials if name not in earlier), {}
        with concurrent.futures.ThreadPoolExecutor(jobs or self.options.jobs) as pool:
            while True:
                late = self.options.minutes and time.monotonic() - start > 60 * self.options.minutes
                while len(running) < (jobs or self.options.jobs) and not late:
                    name, body = next(trials, (None, None))
                    if name is None:
                        break
                    running[pool.submit(body, name)] = name
                if not running:
                    break
                for future in concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED).done:
                    name, (wrong, seconds) = running.pop(future), future.result()
                    self.note(name, wrong)
                    self.ledger.note(part, name, wrong, seconds)
                    done += 1
        seconds = time.monotonic() - start + self.ledger.seconds.get(part, 0)
        count = sum(1 for _ in trials)
        left = (", %d of them by earlier runs" % len(earlier) if earlier else "") + (", %d not for want of time" % count if count else "")
        print("%s on %s: %d run%s, %d violations, %d min %d s" % (part, self.options.store, done + len(earlier), left, self.violations - before, seconds // 60, seconds % 60), flush=True)
        return done

    def timed(self, body):
        def run(name):
            start = time.monotonic()
            return body(name), time.monotonic() - start
        return run

    def note(self, name, wrong):
        self.violations += bool(wrong)
        for line in [] if self.quiet else wrong:
            print("VIOLATION %s: %s" % (name, line[:1500]), flush=True)

    def trial(self, name, body):
        """`body` spoils a night of a fresh site and gives what is wrong with it; then the next night is judged."""
        site, log = self.fresh("t-" + re.sub("[^a-z0-9]", "-", name.split(" (")[0].lower()))
        try:
            return body(site, log) + self.healed(site)
        except subprocess.TimeoutExpired:
            return ["a night did not end within %d s" % site.patience]
        finally:
            self.drop(site, log)

    # Parts

    def calls(self):
        kinds = collections.Counter(point.call for point in self.points)
        print("%d calls a night: %s" % (len(self.points), ", ".join("%d %s" % (count, call) for call, count in kinds.most_common())), flush=True)
        pairs = self.chosen([(point, mode) for point in self.points for mode in modes(point)])
        counts = collections.Counter(mode for _, mode in pairs)
        print("%d points of %d: %s" % (len(pairs), sum(len(modes(point)) for point in self.points),
                                       ", ".join("%d %s" % (count, mode) for mode, count in counts.most_common())), flush=True)
        self.run("calls", [("%s %s %d %s (%s %s of %s)" % (*point[:3], mode, point.call, point.place, point.job),
                            functools.partial(self.call, "%s %s %d" % point[:3], mode)) for point, mode in pairs])
        print("%d reached, %d not" % (self.counts["reached"], self.counts["not reached"]), flush=True)
        if self.kinds:
            self.run("calls, each once", [("every pwrite64 %s" % mode, functools.partial(self.every, mode)) for mode in ("EINTR", "short")])

    def every(self, mode, name):
        """Each write of SQLite is interrupted, or does half: the night does not notice."""
        wanted = sum(point.call == "pwrite64" and point.kind == "f" for point in self.points)

        def body(site, log):
            code, said, errors = site.night(self.under(log, FAULTS_EVERY="pwrite64", FAULTS_MODE=mode))
            spoilt = len(log.lines("H"))
            wrong = ["it ended %d" % code] if code != self.exit else []
            wrong += ["%d spoilt of %d" % (spoilt, wanted)] if spoilt < 0.9 * wanted else []
            return wrong + self.differences(site) + self.misbehaved(site, log, code, said, errors)
        return self.trial(name, body)

    def chosen(self, pairs):
        if self.options.only:
            return [(point, mode) for point, mode in pairs if "%s %s %d %s" % (*point[:3], mode) == self.options.only]
        self.lot("calls").shuffle(pairs)
        if self.options.sample:
            return pairs[:self.options.sample]
        alike = []
        if self.kinds:
            told = {self.kinds[pair]: pair for pair in reversed(pairs)}
            alike = [pair for pair in pairs if told[self.kinds[pair]] != pair][:50]
            pairs = list(told.values())
        seen, first, rest = set(), [], []
        for point, mode in pairs:
            key = (*point[3:], point.kind, mode)
            (rest if key in seen else first).append((point, mode))
            seen.add(key)
        return first + (rest[:500] if self.options.store == "postgresql" else rest + alike)

    def call(self, at, mode, name):
        def body(site, log):
            code, said, errors = site.night(self.under(log, FAULTS_AT=at, FAULTS_MODE=mode))
            self.counts["reached" if log.lines("H") else "not reached"] += 1
            return self.misbehaved(site, log, code, said, errors)
        return self.trial(name, body)

    def jobs(self):
        points = [point for point in self.points if point.who != "0" and point.kind == "f"]
        points = self.lot("jobs").sample(points, min(3 if self.options.sample else 40, len(points)))
        if self.options.only:
            points = [point for point in self.points if "%s %s %d stop" % point[:3] == self.options.only]
        self.run("jobs", [("%s %s %d stop (%s %s of %s)" % (*point[:3], point.call, point.place, point.job), functools.partial(self.stopped, "%s %s %d" % point[:3]))
                          for point in points])
        print("%d lapsed runs worked on, %d were kept out by the store; %d of the stopped refused by the epoch" % (
            self.counts["worked"], self.counts["kept out"], self.counts["STO-102"]), flush=True)

    def stopped(self, at, name):
        def body(site, log):
            environment = {**site.environment, **self.under(log, FAULTS_AT=at, FAULTS_MODE="stop")}
            first = subprocess.Popen(site.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
            while not log.lines("H"):
                if first.poll() is not None:
                    return ["it ended %d before the point" % first.returncode]
                time.sleep(0.02)
            pid = int(log.lines("H")[0][4])
            second = site.night()[0]
            wrong = [] if second == 75 else ["a second run ended %d" % second]
            first.kill()
            third = site.night()[0]
            self.counts["worked" if third == self.exit else "kept out"] += 1
            wrong += [] if third in (self.exit, 75) else ["a run after the lock lapsed ended %d" % third]
            os.kill(pid, signal.SIGCONT)
            said, errors = first.communicate(timeout=site.patience)
            self.counts["STO-102"] += b"STO-102" in errors
            if third == self.exit:
                # What it says of its own end is signed by the next run.
                wrong += ["as the stopped stage went on, " + line for line in self.differences(site) if not line.endswith(" after the checkpoint")]
            return wrong + self.misbehaved(site, log, -signal.SIGKILL, said, errors)
        return self.trial(name, body)

    def disk(self):
        """Sizes from what the site takes before the night to what it takes after it."""
        place = os.path.join(self.folder, "disk")
        os.makedirs(place)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", place], capture_output=True).returncode != 0:
            return print("disk on %s: skipped; only root can mount a file system of a given size" % self.options.store, flush=True)
        before = self.filled(place, 65536, None)
        after = self.filled(place, 65536, True)
        sizes = list(range(before, after + 128, 16 if not self.options.sample else (after - before) // 3))
        self.run("disk", [("%d KB" % size, functools.partial(self.full, place, size)) for size in sizes], 1)
        subprocess.run(["umount", place])

    def filled(self, place, size, runs):
        """KB that a copy of the site takes on a file system of so many."""
        subprocess.run(["mount", "-o", "remount,size=%dk" % size, place], check=True)
        site = self.base.copy(os.path.join(place, "t"))
        if runs:
            site.night()
        used = os.statvfs(place)
        shutil.rmtree(site.folder)
        return (used.f_blocks - used.f_bfree) * used.f_frsize // 1024

    def full(self, place, size, name):
        log = Log(os.path.join(self.folder, "disk.log"))
        subprocess.run(["mount", "-o", "remount,size=%dk" % size, place], check=True)
        site = self.base.copy(os.path.join(place, "t"))
        code, said, errors = site.night(self.under(log))
        wrong = self.misbehaved(site, log, code, said, errors)
        self.counts["disk full"] += code == 74
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        wrong += self.healed(site)
        shutil.rmtree(site.folder)
        return wrong


def main():
    own = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    for name in ("--bin", "--mappings", "--shim"):
        own.add_argument(name, required=True, type=os.path.abspath)
    own.add_argument("--store", default="sqlite", choices=["sqlite", "postgresql"])
    own.add_argument("--parts")
    own.add_argument("--sample", type=int, default=0)
    own.add_argument("--minutes", type=float, default=0)
    own.add_argument("--jobs", type=int, default=2)
    own.add_argument("--seed", type=int, default=1)
    own.add_argument("--states", type=int, default=500, help="what a loss of power may leave: so many")
    own.add_argument("--recorder", type=os.path.abspath, default=".build/record.so", help="record.c, built")
    own.add_argument("--only")
    own.add_argument("--done", help="a file of what was done, to go on from")
    own.add_argument("--work")
    options = own.parse_args()
    options.checkout = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    signal.signal(signal.SIGTERM, lambda *_: setattr(options, "minutes", 1e-9))
    faults = Faults(options)
    try:
        faults.prepare()
        for part in (options.parts or ("calls,proxy,within,jobs" if options.store == "postgresql" else "calls,jobs,disk,power")).split(","):
            getattr(faults, part)()
    finally:
        subprocess.run(["umount", os.path.join(faults.folder, "disk")], capture_output=True)
        faults.store.stop()
        shutil.rmtree(faults.folder, ignore_errors=True)
    return 1 if faults.violations else 0


if __name__ == "__main__":
    sys.exit(main())
