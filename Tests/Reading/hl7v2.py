"""HL7 v2 read plainly: a drop's messages, their segments, fields by number. Written from chapter 2 of the standard (v2.5.1)."""

import re

ENVELOPE = ("FHS", "BHS", "BTS", "FTS")
CHARSETS = {"8859/1": "latin-1", "8859/2": "iso8859-2", "8859/9": "iso8859-9", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "ASCII": "utf-8"}


class Message:
    """One MSH and the segments after it. `delimiters`: field, component, repetition, escape, subcomponent."""

    def __init__(self, header):
        self.field_mark = header[3]
        codes = header[4:].split(self.field_mark)[0]
        self.marks = [codes[i] if i < len(codes) else "" for i in range(4)]
        self.segments = []

    def named(self, name):
        return [s for s in self.segments if s.name == name]


class Segment:
    def __init__(self, message, text, occurrence):
        self.message, self.text, self.occurrence = message, text, occurrence
        self.fields = text.split(message.field_mark)
        self.name = self.fields[0].strip()
        if self.name == "MSH":
            self.fields = ["MSH", message.field_mark] + self.fields[1:]

    def raw(self, number):
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number):
        mark = self.message.marks[1]
        return [r for r in (self.raw(number).split(mark) if mark else [self.raw(number)])]

    def text_of(self, part):
        return unescape(part, self.message)

    def get(self, number, component=1, sub=1, repetition=0):
        """The text of a part, escapes resolved; "" where it was not sent."""
        found = self.repetitions(number)
        return self.part(found[repetition], component, sub) if repetition < len(found) else ""

    def part(self, text, component, sub=1):
        for number, mark in ((component, self.message.marks[0]), (sub, self.message.marks[3])):
            parts = text.split(mark) if mark else [text]
            text = parts[number - 1] if number <= len(parts) else ""
        return self.text_of(text)


def unescape(text, message):
    component, repetition, escape, sub = message.marks
    if not escape or escape not in text:
        return text
    literal = {"F": message.field_mark, "S": component, "T": sub, "R": repetition, "E": escape, "H": "", "N": "", ".br": "\n", ".ce": "\n"}
    literal.update({".fi": "", ".nf": "", ".sp": "\n", ".sk": " "})
    mark = re.escape(escape)
    text = re.sub(mark + r"X([0-9A-Fa-f]+)" + mark, lambda m: unhex(m.group(1), m.group(0)), text)

    def resolve(match):
        code = match.group(1)
        if code in literal:
            return literal[code]
        skip = re.fullmatch(r"\.(sp|sk|in|ti)([+-]?\d+)", code)
        if skip:
            count = max(0, int(skip.group(2)))
            return ("\n" if skip.group(1) == "sp" else " ") * count if count <= 20 or skip.group(1) != "sp" else match.group(0)
        return match.group(0)

    return re.sub(mark + r"([A-Za-z0-9.][A-Za-z0-9+-]*)" + mark, resolve, text)


def unhex(digits, whole):
    try:
        text = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        return whole
    return whole if "\x00" in text else text


def decode(data):
    """The text of a drop: byte-order mark, MSH-18, UTF-8, then Latin-1."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    header = data[: data.find(b"\r") if b"\r" in data else None].split(b"\n")[0].split(b"|")
    declared = header[17].decode("ascii", "replace").split("~")[0].strip().upper() if len(header) > 17 else ""
    for name in (CHARSETS.get(declared, "utf-8"), "utf-8", "latin-1"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return ""


def messages(data):
    """The messages of a drop, in order. Lines that are no segment go on with the one before them."""
    current = None
    for line in re.split(r"\r\n|\r|\n", decode(data).replace("\x0b", "\r").replace("\x1c", "\r\x1c\r")):
        if line == "\x1c":
            if current:
                yield finished(current)
            current = None
        elif line.startswith("MSH") and len(line) > 8 and not line[3].isalnum():
            if current:
                yield finished(current)
            current = [line]
        elif line[:3] in ENVELOPE and len(line) > 3 and not line[3].isalnum() and line[3] != ":":
            if current:
                yield finished(current)
            current = None
        elif current and line.strip():
            if re.match(r"[A-Z][A-Z0-9]{2}(" + re.escape(current[0][3]) + r"|\s*$)", line):
                current.append(line)
            else:
                current[-1] += "\n" + line
    if current:
        yield finished(current)


def finished(lines):
    message, counts = Message(lines[0]), {}
    for line in lines:
        name = line[:3]
        counts[name] = counts.get(name, 0) + 1
        message.segments.append(Segment(message, line, counts[name]))
    return message
