"""A decode worker driven from outside: what ingest would send, and a count of what comes back.

The worker gets bytes through its pipe and answers through its pipe, as it does at night. What comes back is drained while it works and
looked into only when the clock has stopped.
"""
import os, struct, subprocess, threading, time

SETUP, DROP_BEGINS, CHUNK, DROP_ENDS = 1, 2, 3, 4
READY, DROP_DONE = 16, 20
CHUNK_BYTES = 1 << 18


def text(value): return listed(value.encode())
def listed(value): return struct.pack('<i', len(value)) + value


def setup(library, mapping, kind, zone='/usr/share/zoneinfo/America/Chicago', days=20_530):
    """Everything that a worker is told of a feed: the files of the library, the mapping, format, character set, zone, name, business date; no field
    is traced, no server named, and nothing is wrapped."""
    files = {}
    for folder in library:
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                with open(path, 'rb') as file: files[os.path.relpath(path, folder)] = file.read()
    out = struct.pack('<i', len(files)) + b''.join(text(path) + listed(files[path]) for path in sorted(files))
    with open(zone, 'rb') as file: rules = file.read()
    return listed(out) + struct.pack('<i', 1) + text(mapping) + text(kind) + text('') + listed(rules) + text('bench') \
        + struct.pack('<qii', days, -1, -1) + text('') + struct.pack('<i', 0)


class Worker:
    """One worker process. `cpu` pins it, and nothing else."""

    def __init__(self, binary, payload, cpu=None):
        pin = ['taskset', '-c', str(cpu)] if cpu is not None else []
        self.process = subprocess.Popen(
            pin + [os.path.join(binary, 'compline-ingest'), '--decode-worker'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={'SWIFT_BACKTRACE': 'enable=no'}, bufsize=0)
        self.input, self.output = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.send(SETUP, payload)
        frame = self.exactly(5)
        if frame[0] != READY: raise RuntimeError('the worker did not take its set-up')
        self.exactly(struct.unpack('<I', frame[1:])[0])
        self.summary_bytes = None
        self.run([frames(b'')])

    def exactly(self, count):
        parts = []
        while count:
            part = os.read(self.output, count)
            if not part: raise RuntimeError('the worker ended')
            parts.append(part)
            count -= len(part)
        return b''.join(parts)

    def send(self, kind, payload):
        self.write(struct.pack('<BI', kind, len(payload)) + payload)

    def write(self, data):
        view = memoryview(data)
        while view: view = view[os.write(self.input, view):]

    def run(self, drops):
        """Feeds drops, each a list of frames, and drains the answers meanwhile. Gives seconds on the wall and on the CPU, and the summaries."""
        watch = Watch(len(drops), self.summary_bytes)
        reader = threading.Thread(target=watch.drain, args=(self.output,))
        before, start = self.cpu_seconds(), time.perf_counter()
        reader.start()
        for frames in drops:
            for frame in frames: self.write(frame)
        reader.join()
        seconds = time.perf_counter() - start
        if watch.fault: raise RuntimeError(watch.fault)
        if self.summary_bytes is None: self.summary_bytes = len(watch.summaries[-1]) if watch.summaries else None
        return seconds, self.cpu_seconds() - before, watch.finished()

    def cpu_seconds(self):
        with open(f'/proc/{self.process.pid}/schedstat') as file: return int(file.read().split()[0]) / 1e9

    def peak_kilobytes(self):
        with open(f'/proc/{self.process.pid}/status') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmHWM'))

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0: raise RuntimeError('the worker failed')
        self.process.stdout.close()


class Watch:
    """Drains frames until every drop is done. Of one drop the blocks are kept and read after the clock; of many only the headers are."""

    def __init__(self, drops, summary_bytes):
        self.left, self.skip, self.pending, self.summaries, self.blocks, self.fault = drops, 0, b'', [], [], None
        self.tail = None if drops > 1 or summary_bytes is None else struct.pack('<BI', DROP_DONE, summary_bytes)

    def drain(self, descriptor):
        while self.left:
            block = os.read(descriptor, 1 << 20)
            if not block:
                self.fault = 'the worker ended'
                return
            if self.tail is None:
                self.take(block)
                continue
            self.blocks.append(block)
            size = 5 + int.from_bytes(self.tail[1:], 'little')
            if block[-size:].startswith(self.tail): self.left = 0

    def finished(self):
        if self.tail is not None:
            self.left = 1
            for block in self.blocks: self.take(block)
            if self.left: raise RuntimeError('what looked like the end of the drop was not')
        return [Summary(payload) for payload in self.summaries]

    def take(self, block):
        at = min(self.skip, len(block))
        self.skip -= at
        if self.skip: return
        data, start = (self.pending + block, 0) if self.pending else (block, at)
        while len(data) - start >= 5:
            count = int.from_bytes(data[start + 1:start + 5], 'little')
            if data[start] == DROP_DONE:
                if len(data) - start < 5 + count: break
                self.summaries.append(data[start + 5:start + 5 + count])
                self.left -= 1
            start += 5 + count
        if start > len(data): self.skip, self.pending = start - len(data), b''
        else: self.pending = data[start:]


class Summary:
    """What the worker says at the end of a drop: messages, those that stand in a unit that declares, rows by entity."""

    def __init__(self, payload):
        self.messages, self.declared, self.truncated = struct.unpack_from('<qqB', payload)
        count = struct.unpack_from('<i', payload, 17)[0] if len(payload) > 17 else 0
        self.rows = list(struct.unpack_from(f'<{count}q', payload, 21))


def frames(data):
    """The frames of one drop, ready to be written."""
    out = [struct.pack('<BIBq', DROP_BEGINS, 9, 0, 0)]
    view = memoryview(data)
    for at in range(0, len(view), CHUNK_BYTES):
        part = view[at:at + CHUNK_BYTES]
        out.append(struct.pack('<BI', CHUNK, len(part)) + part)
    out.append(struct.pack('<BI', DROP_ENDS, 0))
    return out
