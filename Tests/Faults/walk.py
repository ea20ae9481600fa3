"""A night stopped at every call: what a kill there would leave, and hence which points are one because nothing can tell them apart.

Two points of a process are one
  - killed: where the files are the same, byte for byte, once SQLite has opened the store and begun and taken back a transaction, and no pipe was used and no
    process started between them. A kill after a call leaves what a kill before the process's next one leaves, and so does what only waits for the disk;
  - failed: where SQLite makes both calls on one file within one call of the program, and the files are the same in that sense: it gives the same error
    back at the same place and takes the transaction back. The three writes of a page to a journal are such, and those of the pages of a commit. Of a sync that
    fails SQLite gives one code, whatever the error;
  - interrupted or cut short: where SQLite moves bytes, since one loop does the rest of every such call at once (`every` in faults.py spoils each of them).
"""

import collections
import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import night

# `entries` counts the process's calls into SQLite, `others` pipes used and processes started in all before it; `is_next`: the next call of all is this process's too.
Call = collections.namedtuple("Call", "entries others state is_next")
REPEATED = {"EINTR", "short"}


def state_of(folder, scratch):
    """A digest of all names, modes and bytes below a folder; a store with a journal as the next writer finds it."""
    whole = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        recovered = {name[:-len("-journal")] for name in files if name.endswith("-journal")}
        for name in sorted(files):
            if name[:-len("-journal")] not in recovered:
                path = os.path.join(place, name)
                bytes_of = opened(path, scratch) if name in recovered else content(path)
                whole.update(b"%s %o %s\n" % (path.encode(), os.stat(path).st_mode, hashlib.sha256(bytes_of).digest()))
        whole.update(b"%s %o\n" % (place.encode(), os.stat(place).st_mode))
    return whole.hexdigest()


def content(path):
    with open(path, "rb") as file:
        return file.read()


def opened(path, scratch):
    """The bytes of a store and its journal after SQLite opened a copy of them, which takes back what the journal holds, and took back a transaction of its own,
    which ends a journal that held nothing yet."""
    copy = os.path.join(scratch, "store")
    for end in ("", "-journal"):
        shutil.copy(path + end, copy + end)
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        for statement in ("BEGIN IMMEDIATE", "CREATE TABLE of_the_walk (number INTEGER)", "ROLLBACK"):
            connection.execute(statement)
    finally:
        connection.close()
    found = content(copy) + (b"journal" + content(copy + "-journal") if os.path.exists(copy + "-journal") else b"")
    for end in ("", "-journal"):
        if os.path.exists(copy + end):
            os.unlink(copy + end)
    return found


class Walk:
    def __init__(self, site, log, environment, scratch):
        self.site, self.log, self.scratch, self.lines, self.states = site, log, scratch, [], []
        os.makedirs(scratch)
        job = subprocess.Popen(site.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**site.environment, **environment})
        while self.step() or job.poll() is None:
            time.sleep(0.0005)
        job.wait()

    def step(self):
        """Looks at the site at each point that was reached since, and lets the process go on."""
        lines = self.log.all()[len(self.lines):]
        for line in lines:
            self.lines.append(line)
            if line[0] == "T":
                pid = int(line[4])
                while not is_stopped(pid):
                    time.sleep(0.0002)
                self.states.append(state_of(self.site.folder, self.scratch))
                os.kill(pid, signal.SIGCONT)
        return bool(lines)

    def calls(self):
        """(line, Call) of each point, in order."""
        others, states, found = 0, iter(self.states), []
        for line, then in zip(self.lines, self.lines[1:] + [["end", ""]]):
            if line[0] == "T":
                found.append((line, Call(int(line[8]), others, next(states), then[0] == "T" and then[1] == line[1])))
            others += line[0] == "C" or line[0] == "T" and line[2] != "f"
        return found


def is_stopped(pid):
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def kinds(points, calls, modes):
    """(point, mode) -> what is the same for all points that are one."""
    found, following = {}, {}
    for point, call in zip(reversed(points), reversed(calls)):
        kill = ("killed", point.who, call.others, call.state)
        for mode in modes(point):
            alone = (*point, mode)
            if mode == "before":
                found[point, mode] = kill
            elif mode == "after":
                found[point, mode] = following[point.who] if call.is_next else alone
            elif point.kind != "f" or not point.caller.startswith("libsqlite3"):
                found[point, mode] = alone
            elif mode in REPEATED and re.match("p?write", point.call):
                found[point, mode] = (mode, *point[3:])
            else:
                failed = "failed" if point.call == "fdatasync" else mode
                found[point, mode] = (failed, point.who, point.call, point.place, call.entries, call.others, call.state)
        following[point.who] = kill
    return found
