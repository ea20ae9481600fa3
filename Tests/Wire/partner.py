"""A partner at work in its folder: puts files there, replaces, truncates and still writes them, and knows which versions it ever finished."""

import ctypes
import hashlib
import os
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
NOREPLACE, EXCHANGE = 1, 2


def rename(old, new, flag):
    """renameat2: true where it was done, false where `new` is there (NOREPLACE) or is not (EXCHANGE)."""
    if LIBC.renameat2(-100, os.fsencode(old), -100, os.fsencode(new), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in (2, 17):
        return False
    raise OSError(number, os.strerror(number))


class Partner:
    """`whole`: the SHA-256 of each version that was finished. `withdrawn`: those of them that the partner itself put out of the way.

    - A version that was finished, and that nobody but its reader took away, must be had: `wanted`.
    - `in_place`: also truncates files that stand there and writes them anew; who wrote looks afterwards whether the file still has its name, and puts it there again if not.
    """

    def __init__(self, folder, staging, lot, in_place):
        self.folder, self.staging, self.lot, self.in_place = folder, staging, lot, in_place
        self.whole, self.withdrawn, self.standing, self.acts = {}, set(), {}, dict.fromkeys(("replace", "truncate", "slow", "new"), 0)
        self.over, self.number, self.bytes = threading.Event(), 0, 0

    @property
    def wanted(self):
        return set(self.whole) - self.withdrawn

    # Versions

    def content(self, size):
        """Bytes that were never used before."""
        while True:
            content = self.lot.randbytes(size)
            digest = hashlib.sha256(content).digest()
            if digest not in self.whole:
                self.whole[digest] = size
                return content, digest
            size += 1

    def stage(self, size):
        content, digest = self.content(size)
        path = os.path.join(self.staging, "version")
        with open(path, "wb") as file:
            file.write(content)
        return path, digest

    def put(self, name, size, age=0):
        """A file that was finished so many seconds ago."""
        path, digest = self.stage(size)
        if age:
            os.utime(path, (time.time() - age,) * 2)
        os.makedirs(os.path.dirname(os.path.join(self.folder, name)), exist_ok=True)
        if not rename(path, os.path.join(self.folder, name), NOREPLACE):
            raise RuntimeError("a name was used twice")
        self.standing[name], self.bytes = digest, self.bytes + size

    def put_back(self, name, digest, path):
        """Under its name, whatever has it now; what had it is the partner's again."""
        target = os.path.join(self.folder, name)
        while True:
            if rename(path, target, NOREPLACE):
                break
            if rename(path, target, EXCHANGE):
                self.withdraw(path)
                break
        self.standing[name] = digest

    def withdraw(self, path):
        with open(path, "rb") as file:
            self.withdrawn.add(hashlib.sha256(file.read()).digest())
        os.unlink(path)

    # At work

    def start(self, pause):
        self.thread = threading.Thread(target=self.work, args=(pause,), daemon=True)
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join()

    def work(self, pause):
        acts = ["replace", "new", "slow"] + (["truncate"] if self.in_place else [])
        while not self.over.wait(self.lot.uniform(0, 2 * pause)):
            act = self.lot.choice(acts)
            getattr(self, act)()
            self.acts[act] += 1

    def some_size(self):
        return int(2 ** self.lot.uniform(0, 18))

    def some_name(self):
        return self.lot.choice(sorted(self.standing))

    def new_name(self):
        self.number += 1
        return "later/n%05d.dat" % self.number

    def replace(self):
        path, digest = self.stage(self.some_size())
        self.put_back(self.some_name(), digest, path)

    def new(self):
        self.put(self.new_name(), self.some_size())

    def slow(self):
        """A file that is still being written: begun, truncated, begun anew, written in pieces."""
        name, (content, digest) = self.new_name(), self.content(self.some_size())
        target = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        path = target if self.in_place else target + ".part"
        with open(path, "xb") as file:
            self.write(file, content[:len(content) // 2])
            file.truncate(0)
            file.seek(0)
            self.write(file, content)
        if path != target and not rename(path, target, NOREPLACE):
            raise RuntimeError("a name was used twice")
        self.standing[name] = digest

    def truncate(self):
        """A file that stands there is cut, and written anew from its start."""
        name, (content, digest) = self.some_name(), self.content(self.some_size())
        target = os.path.join(self.folder, name)
        try:
            file = open(target, "r+b")
        except FileNotFoundError:
            return self.whole.pop(digest)
        with file:
            self.withdrawn.add(hashlib.sha256(file.read()).digest())
            file.truncate(os.fstat(file.fileno()).st_size // 2)
            time.sleep(self.lot.uniform(0, 0.3))
            file.truncate(0)
            file.seek(0)
            self.write(file, content)
            if self.has_name(file, target):
                self.standing[name] = digest
                return
        path = os.path.join(self.staging, "version")
        with open(path, "wb") as file:
            file.write(content)
        self.put_back(name, digest, path)

    def has_name(self, file, path):
        try:
            return os.stat(path).st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return False

    def write(self, file, content):
        step = max(1, len(content) // 4)
        for at in range(0, len(content), step):
            file.write(content[at:at + step])
            file.flush()
            time.sleep(self.lot.uniform(0, 0.1))
