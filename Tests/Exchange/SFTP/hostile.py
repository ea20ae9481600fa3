#!/usr/bin/env python3
"""An SFTP version 3 server on standard input and output that misbehaves in one way, for tests.

usage: hostile.py MODE

It serves three files from memory: `small` (1,000 bytes), `large` (3,000,000 bytes) and `empty`. What it does wrong is said by MODE.
"""
import os, select, struct, sys, time

MODE = sys.argv[1]
LARGE = (bytes(range(251)) * 12_000)[:3_000_000]
FILES = {b'small': LARGE[:1000], b'large': LARGE, b'empty': b''}
NAMES = [b'.', b'..', b'', b'../../etc/cron.d/x', b'a/b', b'a\0b', b'-oProxyCommand=x', b'line\nfeed', b'\x1b[31m', b'\xff\xfe', b'n' * 255, b'n' * 2000, b'small', b'small']
REGULAR, FOLDER, FIFO, LINK = 0o100644, 0o040755, 0o010644, 0o120777

def string(value): return struct.pack('>I', len(value)) + value
def attributes(size, mode, mtime=1_700_000_000):
    if MODE == 'no-size' and mode == REGULAR: return struct.pack('>II', 4, mode)
    if MODE == 'no-time' and mode == REGULAR: return struct.pack('>IQI', 5, size, mode)
    if MODE == 'unknown-attributes': return struct.pack('>I', 0x40)
    return struct.pack('>IQIII', 13, size, mode, mtime, mtime)

def said(name):
    size = len(FILES[name])
    if MODE == 'size-small': size = min(size, 10)
    if MODE == 'size-huge': size = 2 ** 62
    return size

class Server:
    def __init__(self): self.out, self.listed, self.count = [], False, 0

    def reply(self, kind, ident, body):
        if MODE == 'unknown-id' and kind != 2: ident = (ident + 1000) & 0xFFFFFFFF
        packet = bytes([kind]) + (b'' if kind == 2 else struct.pack('>I', ident)) + body
        if MODE == 'half' and kind == 103: os.write(1, struct.pack('>I', len(packet)) + packet[:len(packet) // 2]); os._exit(0)
        self.out.append(struct.pack('>I', 0x7FFFFFFF if MODE == 'long' and kind != 2 else len(packet)) + packet)
        if MODE == 'repeat' and kind != 2: self.out.append(self.out[-1])
        if MODE == 'lying-length' and kind == 102: self.out[-1] = struct.pack('>IBII', 9, 102, ident, 500)
        if MODE == 'trailing' and kind == 102: self.out[-1] = struct.pack('>I', len(packet) + 1) + packet + b'x'

    def status(self, ident, code): self.reply(101, ident, struct.pack('>I', code) + string(b'no text') + string(b''))

    def path(self, name): return name.split(b'/')[-1] if name not in (b'.', b'in') else b''

    def stat(self, ident, name, opened=False):
        if name == b'': return self.reply(105, ident, attributes(0, FOLDER))
        if name not in FILES: return self.status(ident, 2)
        mode = REGULAR
        if MODE == 'becomes-fifo' and opened: mode = FIFO
        if MODE == 'link': mode = LINK
        self.reply(105, ident, attributes(said(name), mode))

    def read(self, ident, name, offset, length):
        self.count += 1
        if MODE == 'stall' and self.count > 3: time.sleep(3600)
        if MODE == 'slow': time.sleep(0.4); length = min(length, 1)
        data = FILES[name][offset:offset + (min(length, 100) if MODE == 'short' else length)]
        if MODE == 'wrong-answer': return self.status(ident, 0)
        if MODE == 'more-data': data += b'x' * (length + 1)
        if MODE == 'no-data': return self.reply(103, ident, string(b''))
        if data: self.reply(103, ident, string(data))
        else: self.status(ident, 1)

    def names(self, ident):
        if MODE in ('endless', 'always-new'):
            self.count += 1
            names = [b'%d' % (self.count if MODE == 'always-new' else 0)] * 50
            return self.reply(104, ident, struct.pack('>I', len(names)) + b''.join(string(n) + string(b'') + attributes(5, REGULAR) for n in names))
        if self.listed: return self.status(ident, 1)
        self.listed = True
        names = NAMES if MODE == 'names' else list(FILES)
        body = b''.join(string(n) + string(b'long ' + n) + attributes(said(n) if n in FILES else 5, REGULAR) for n in names)
        self.reply(104, ident, struct.pack('>I', 0xFFFFFFF if MODE == 'lying-count' else len(names)) + body)

    def take(self, packet):
        kind = packet[0]
        if kind == 1: return self.reply(2, 0, struct.pack('>I', 9 if MODE == 'version' else 3) + (string(b'posix-rename@openssh.com') + string(b'1') if MODE == 'replaces' else b''))
        ident = struct.unpack('>I', packet[1:5])[0]
        rest, fields = packet[5:], []
        first = rest[4:4 + struct.unpack('>I', rest[:4])[0]]
        after = rest[4 + len(first):]
        if kind == 3:
            if MODE == 'wrong-open': return self.reply(103, ident, string(b'x'))
            if MODE == 'long-handle': return self.reply(102, ident, string(b'h' * 300))
            return self.reply(102, ident, string(self.path(first))) if self.path(first) in FILES else self.status(ident, 3 if MODE == 'denied' else 2)
        if kind == 11: self.listed = False; return self.reply(102, ident, string(b'folder'))
        if kind == 12: return self.names(ident)
        if kind == 4: return self.status(ident, 0)
        if kind == 5: return self.read(ident, first, *struct.unpack('>QI', after))
        if kind in (7, 17): return self.stat(ident, self.path(first))
        if kind == 8: return self.stat(ident, first, opened=True)
        if kind == 18 and MODE == 'replaces': return self.status(ident, 4)
        if kind == 200 and MODE == 'replaces': FILES.clear(); return self.status(ident, 0)
        self.status(ident, 8)

    def run(self):
        if MODE == 'garbage': os.write(1, b'Welcome to the file service of our hospital!\n')
        held = b''
        while True:
            quick = MODE == 'reversed' and self.out
            if select.select([0], [], [], 0.02 if quick else None)[0]:
                part = os.read(0, 1 << 16)
                if not part: return
                held += part
            while len(held) >= 4 and len(held) - 4 >= struct.unpack('>I', held[:4])[0]:
                length = struct.unpack('>I', held[:4])[0]
                packet, held = held[4:4 + length], held[4 + length:]
                self.take(packet)
            if quick or MODE != 'reversed' or len(self.out) < 2:
                out, self.out = b''.join(reversed(self.out)), []
                while out:
                    out = out[os.write(1, out[:1] if MODE == 'drip' else out):]
                    if MODE == 'drip': time.sleep(0.05)
                if MODE == 'flood': os.write(2, b'debug1: nothing of note\n' * 2_000)

Server().run()
