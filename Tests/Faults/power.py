"""What a loss of power may leave of a folder: built from a record of calls (record.c) and a copy of the folder as it was before them.

What was synced stays: the bytes of a file up to its last sync, the names in a folder up to the folder's. Of what came later each folder keeps the changes
of its names up to some point, in their order, as a journal does; a file keeps any 512 bytes of what was written to it since, or none, or all. A name whose
file was not synced may name an empty or a torn one. A rename is one change of both folders.
"""

import collections
import copy
import functools
import os
import random
import shutil
import subprocess

import night

UNIT = 512
Record = collections.namedtuple("Record", "kind inode number paths data")


def read(path):
    """The records of a log, in order."""
    with open(path, "rb") as file:
        content = file.read()
    found, start = [], 0
    while start < len(content):
        end = content.index(b"\n", start)
        kind, inode, number, length, paths = content[start:end].decode().split(" ", 4)
        start = end + 1 + int(length)
        found.append(Record(kind, int(inode), int(number), paths.split("\t"), content[end + 1:start]))
    return found


def parent(path):
    return os.path.dirname(path)


class File:
    """Bytes that are there for good, and what was done since: (place, bytes), or (size, None)."""

    def __init__(self, content=b""):
        self.content, self.since = bytearray(content), []

    def sync(self):
        for change in self.since:
            apply(self.content, *change)
        self.since = []

    def torn(self, lot):
        """The bytes that a crash may leave."""
        content, how = bytearray(self.content), lot.choice(["none", "all", "some", "first", "some"])
        changes = self.since[:lot.randrange(len(self.since) + 1)] if how == "first" else self.since
        for place, data in [] if how == "none" else changes:
            if data is None or how != "some":
                if data is not None or how != "some" or lot.random() < 0.5:
                    apply(content, place, data)
                continue
            for unit in range(place - place % UNIT, place + len(data), UNIT):
                if lot.random() < 0.5:
                    first, last = max(place, unit), min(place + len(data), unit + UNIT)
                    apply(content, first, data[first - place:last - place])
        return bytes(content)


def apply(content, place, data):
    if data is None:
        del content[place:]
        content.extend(bytes(place - len(content)))
        return
    content.extend(bytes(max(0, place - len(content))))
    content[place:place + len(data)] = data


class Disk:
    """A folder under a record: `names` for good, `pending` changes of names as [record, whether it is for good]."""

    def __init__(self, root):
        self.names, self.files, self.pending = {}, {}, []
        for place, folders, files in os.walk(root):
            for name in folders + files:
                path = os.path.join(place, name)
                inode = os.lstat(path).st_ino
                self.names[os.path.relpath(path, root)] = (inode, name in folders)
                if name in files:
                    with open(path, "rb") as file:
                        self.files[inode] = File(file.read())

    def take(self, record):
        if record.kind in "CMRLU":
            if record.kind == "C":
                # The number of a file that is gone may be given to a new one.
                self.files[record.inode] = File()
            self.pending.append([record, False])
        elif record.kind == "W":
            self.files.setdefault(record.inode, File()).since.append((record.number, record.data))
        elif record.kind == "T":
            self.files.setdefault(record.inode, File()).since.append((record.number, None))
        elif record.inode in self.files:
            self.files[record.inode].sync()
        else:
            self.settle(lambda change: record.paths[0] in map(parent, change.paths))

    def whole_but(self, record):
        """As if all had lasted but the beginning of the last write: of its units only the last is there."""
        names, there = dict(self.names), {}
        for change, _ in self.pending:
            rename(names, change)
        for path, (inode, is_folder) in sorted(names.items()):
            file = copy.deepcopy(self.files.get(inode, File()))
            last = file.since.pop() if inode == record.inode and not is_folder else None
            file.sync()
            if last:
                begin = (last[0] + len(last[1]) - 1) // UNIT * UNIT
                apply(file.content, begin, last[1][begin - last[0]:])
            there[path] = None if is_folder else (inode, bytes(file.content))
        return there

    def settle(self, lasts):
        for change in self.pending:
            change[1] = change[1] or lasts(change[0])
        # What came before everything that is still open can be made good now.
        while self.pending and self.pending[0][1]:
            rename(self.names, self.pending.pop(0)[0])

    def crashed(self, lot):
        """path -> (inode, bytes), or None for a folder."""
        folders = {place for change, _ in self.pending for place in map(parent, change.paths)}
        kept, how = {}, lot.choice(["none", "all", "some", "some"])
        for place in sorted(folders):
            count = sum(place in map(parent, change.paths) for change, _ in self.pending)
            kept[place] = {"none": 0, "all": count, "some": lot.randrange(count + 1)}[how]
        names, seen = dict(self.names), collections.Counter()
        for change, lasts in self.pending:
            places = set(map(parent, change.paths))
            for place in places:
                seen[place] += 1
            if lasts or any(seen[place] <= kept[place] for place in places):
                rename(names, change)
        there, torn = {}, {}
        for path, (inode, is_folder) in sorted(names.items()):
            if parent(path) and there.get(parent(path), ()) is not None:
                continue
            if not is_folder and inode not in torn:
                torn[inode] = self.files.get(inode, File()).torn(lot)
            there[path] = None if is_folder else (inode, torn[inode])
        return there


def rename(names, change):
    """One change of names."""
    path = change.paths[-1]
    if change.kind == "U":
        names.pop(path, None)
    elif change.kind == "R":
        old = change.paths[0]
        moved = names.pop(old, (change.inode, False))
        names[path] = moved
        for name in [name for name in names if name.startswith(old + "/")]:
            names[path + name[len(old):]] = names.pop(name)
    else:
        names[path] = (change.inode, change.kind == "M")


def lay(there, root, like):
    """Writes the state below a new folder; modes are those of the same names below `like`, else the owner's alone."""
    os.makedirs(root)
    first = {}
    for path, file in there.items():
        target, model = os.path.join(root, path), os.path.join(like, path)
        if file is None:
            os.mkdir(target, 0o700)
        elif file[0] in first:
            os.link(first[file[0]], target)
        else:
            first[file[0]] = target
            with open(target, "wb") as written:
                written.write(file[1])
            os.chmod(target, 0o600)
        if os.path.exists(model):
            shutil.copymode(model, target)


class Outages:
    """The part `power` of faults.py."""

    def power(self):
        """A night is written down call by call; then power goes after some call, and what a disk may hold by then is the site of the next night."""
        site, log = self.fresh("recorded")
        record, disk = os.path.join(self.folder, "record"), Disk(site.folder)
        site.night({"LD_PRELOAD": self.options.recorder, "RECORD_ROOT": site.folder, "RECORD_LOG": record})
        records = read(record)
        print("%d calls a night: %s" % (len(records), dict(collections.Counter(each.kind for each in records))), flush=True)
        self.drop(site, log)
        self.run("power", self.lost(copy.deepcopy(disk), records, self.options.sample // 4 or self.options.states))
        self.run("power, torn writes", self.torn(copy.deepcopy(disk), records))
        self.control(disk, [each for each in records if each.kind != "S"])

    def control(self, disk, records):
        """As if no sync made anything last: that has to be seen."""
        before, self.quiet = self.violations, True
        done = self.run("power, control without syncs", self.lost(disk, records, 4))
        seen, self.violations, self.quiet = self.violations - before, before, False
        if done and not seen:
            self.note("power, control", ["a night that syncs nothing passes"])

    def lost(self, disk, records, states):
        """(name, body) of each state, in the order of the calls after which power goes."""
        done, lot = 0, self.lot("power")
        for number, place in enumerate(sorted(lot.randrange(1, len(records) + 1) for _ in range(states))):
            for record in records[done:place]:
                disk.take(record)
            done, last = place, records[place - 1]
            there = disk.crashed(random.Random("%d %d" % (self.options.seed, number)))
            yield "power %d, after call %d (%s %s)" % (number, place, last.kind, night.place_of(last.paths[-1], "/")), functools.partial(self.outage, number, there)

    def torn(self, disk, records):
        """(name, body) of each write of a file of ours over more than one unit, but what SQLite writes: of those too few can be told apart to try each."""
        for number, record in enumerate(records, 1):
            disk.take(record)
            last = record.number + len(record.data) - 1
            if record.kind == "W" and ".sqlite" not in record.paths[0] and record.number // UNIT < last // UNIT:
                there = disk.whole_but(record)
                yield "power, torn by call %d (%s)" % (number, night.place_of(record.paths[-1], "/")), functools.partial(self.outage, "torn-%d" % number, there)

    def outage(self, number, there, name):
        site = night.Site(os.path.join(self.folder, "p-%s" % number), self.options)
        lay(there, site.folder, self.base.folder)
        try:
            return self.healed(site)
        except subprocess.TimeoutExpired:
            return ["a night did not end within %d s" % site.patience]
        finally:
            shutil.rmtree(site.folder, ignore_errors=True)
