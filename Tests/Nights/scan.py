"""Looks for values in files, in every disguise that a careless program might give them. Tells where and as what, never the value."""

import base64
import hashlib
import os
import re
import subprocess
import tempfile
import urllib.parse
import zlib

STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
UNPACKED = 1 << 20


def readings(value):
    """The value and what programs make of it before they hash or store it."""
    digits = re.sub(r"\D", "", value)
    found = {"plain": value, "lower": value.lower(), "upper": value.upper(), "without blanks": value.replace(" ", "")}
    if len(digits) >= 8:
        found["digits"] = digits
    return {name: text for name, text in found.items() if name == "plain" or text != value}


def fragments(content, alphabet=None):
    """Of each of the three ways in which bytes may lie in base64, the characters that they alone decide."""
    for lead in range(3):
        first, end = (lead * 8 + 5) // 6, (lead + len(content)) * 8 // 6
        yield base64.b64encode(bytes(lead) + content, alphabet)[first:end]


def disguises(value):
    """(name, bytes): the value as it may lie in a file."""
    for name, text in readings(value).items():
        plain = text.encode()
        yield name, plain
        yield name + " reversed", plain[::-1]
        yield name + " UTF-16LE", text.encode("utf-16-le")
        yield name + " UTF-16BE", text.encode("utf-16-be")
        yield name + " hex", plain.hex().encode()
        yield name + " HEX", plain.hex().upper().encode()
        yield name + " bytes as JSON", ",".join(map(str, plain)).encode()
        yield name + " bytes as a list", b" ".join(b"%d" % byte for byte in plain)
        yield name + " JSON", "".join("\\u%04x" % ord(c) for c in text).encode()
        yield name + " JSON, slashed", text.replace('"', '\\"').replace("/", "\\/").encode()
        yield name + " URL", urllib.parse.quote(text, safe="").encode()
        yield name + " URL, plus", urllib.parse.quote_plus(text).encode()
        yield name + " URL, whole", "".join("%%%02X" % byte for byte in plain).encode()
        yield name + " XML", "".join("&#%d;" % ord(c) for c in text).encode()
        yield name + " octal", "".join("\\%03o" % byte for byte in plain).encode()
        for number, part in enumerate(fragments(plain)):
            yield "%s base64 at %d" % (name, number), part
        for number, part in enumerate(fragments(plain, b"-_")):
            yield "%s base64url at %d" % (name, number), part
        for kind in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(kind, plain).digest()
            yield "%s %s" % (name, kind), digest
            yield "%s %s hex" % (name, kind), digest.hex().encode()
            yield "%s %s HEX" % (name, kind), digest.hex().upper().encode()
            yield "%s %s base64" % (name, kind), base64.b64encode(digest)[:22]


class Scanner:
    def __init__(self, values):
        self.values, self.meanings = values, {}
        for number, value in enumerate(values):
            for name, content in disguises(value):
                # A line end would cut a pattern in two: the longest piece without one stands for it.
                piece = max(content.split(b"\n"), key=len)
                if len(piece) >= 8:
                    self.meanings.setdefault(piece, (number, name))
        self.file = tempfile.NamedTemporaryFile(prefix="patterns-")
        self.file.write(b"\n".join(self.meanings))
        self.file.flush()

    def hits(self, *folders):
        """(file, number of the value, disguise) of each find below the folders, in files and in what is packed in them."""
        with tempfile.TemporaryDirectory(prefix="unpacked-", dir=os.path.dirname(folders[0])) as unpacked:
            names = self.unpack(folders, unpacked)
            found = self.grep(folders) + self.grep([unpacked])
            return [(names.get(path, path), number, name) for path, number, name in found]

    def grep(self, folders):
        command = ["grep", "-raoFZ", "-f", self.file.name, "--", *folders]
        said = subprocess.run(command, stdout=subprocess.PIPE, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        if said.returncode > 1:
            raise RuntimeError("grep ended %d" % said.returncode)
        return [(path.decode(), *self.meanings[piece]) for path, piece in re.findall(rb"(/[^\0\n]*)\0(.*)\n", said.stdout)]

    def unpack(self, folders, to):
        """Writes what gzip and zlib streams hold into files of their own; their names -> the file and place they lie in."""
        names = {}
        for folder in folders:
            for place, _, files in os.walk(folder):
                for file in files:
                    path = os.path.join(place, file)
                    if not os.path.isfile(path) or os.path.islink(path):
                        continue
                    with open(path, "rb") as source:
                        content = source.read()
                    for match in STREAM.finditer(content):
                        text = unpacked(content, match.start())
                        if len(text) >= 8:
                            name = os.path.join(to, str(len(names)))
                            names[name] = "%s, packed at byte %d" % (path, match.start())
                            with open(name, "wb") as target:
                                target.write(text)
        return names


def unpacked(content, start):
    try:
        return zlib.decompressobj(47).decompress(content[start:start + UNPACKED], UNPACKED)
    except zlib.error:
        return b""


def seen_in(scanner, folder):
    """Of one value, the disguises in which the scanner does not find it, each in a file of its own and once packed: nothing, if it works."""
    wanted = {}
    for name, content in disguises(scanner.values[0]):
        if len(max(content.split(b"\n"), key=len)) >= 8:
            for how, written in (("", b"\x00before " + content + b" after\xff"), (", gzip", zlib.compress(b"before " + content))):
                path = os.path.join(folder, str(len(wanted)))
                wanted[path] = name + how
                with open(path, "wb") as file:
                    file.write(written)
    found = {path.split(",")[0] for path, number, _ in scanner.hits(folder) if number == 0}
    return [name for path, name in wanted.items() if path not in found]
