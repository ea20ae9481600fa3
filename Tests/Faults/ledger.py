"""What earlier runs over the same binaries did, in a file, so that a run that was ended goes on where it was."""

import hashlib
import json
import os


def digest_of(*paths):
    """SHA-256 of files, and of the files below folders, with their names."""
    whole = hashlib.sha256()
    for top in paths:
        files = [os.path.join(place, name) for place, _, names in os.walk(top) for name in names] or [top]
        for path in sorted(files):
            with open(path, "rb") as file:
                whole.update(os.path.relpath(path, top).encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return whole.hexdigest()


class Ledger:
    """A file of lines of JSON; without a path, nothing is kept. One of other binaries begins anew."""

    def __init__(self, path, about):
        self.kept, self.done, self.seconds, self.file = {}, set(), {}, None
        if not path:
            return
        lines = read(path)
        if not lines or lines[0] != about:
            with open(path, "w") as file:
                file.write(json.dumps(about) + "\n")
            lines = []
        self.file = open(path, "a", buffering=1)
        for line in lines[1:]:
            self.take(line)

    def take(self, line):
        if "kept" in line:
            self.kept[line["kept"]] = line["value"]
        if line.get("wrong") == []:
            self.done.add((line["part"], line["name"]))
            self.seconds[line["part"]] = self.seconds.get(line["part"], 0) + line["seconds"]

    def put(self, line):
        if self.file:
            self.file.write(json.dumps(line) + "\n")

    def keep(self, name, make):
        """What an earlier run found out, else what `make` gives, as JSON has it."""
        if name not in self.kept:
            self.kept[name] = json.loads(json.dumps(make()))
            self.put({"kept": name, "value": self.kept[name]})
        return self.kept[name]

    def note(self, part, name, wrong, seconds):
        """A point with something wrong is run again by the next run."""
        self.put({"part": part, "name": name, "wrong": wrong, "seconds": round(seconds, 2)})


def read(path):
    """The lines of a file; a last one that was cut off is none."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]
