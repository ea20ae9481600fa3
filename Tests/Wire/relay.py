"""Stands between ssh and its server: counts what passes in each direction, ends sessions where a plan says, and holds bytes back."""

import collections
import ctypes
import os
import select
import socket
import struct
import threading
import time

BLOCK = 1 << 16
WAYS = ("down", "up")
KINDS = ("reset", "close", "silence", "late")


class Plan:
    """Where sessions are cut: in each direction, after so many whole blocks of 64 KiB since the last cut there, counted over all sessions.

    `points` maps a direction to a list of (blocks, kind). `hits` counts the points that were reached, by direction and kind.
    """

    def __init__(self, points):
        self.points = {way: collections.deque(points.get(way, [])) for way in WAYS}
        self.passed, self.hits, self.lock = dict.fromkeys(WAYS, 0), collections.Counter(), threading.Lock()

    def pass_on(self, way, count):
        """How many of so many bytes may still pass, and the kind of cut that comes then, or None."""
        with self.lock:
            points = self.points[way]
            if not points or self.passed[way] + count < points[0][0] * BLOCK:
                self.passed[way] += count
                return count, None
            blocks, kind = points.popleft()
            left, self.passed[way] = blocks * BLOCK - self.passed[way], 0
            self.hits[way, kind] += 1
            return left, kind

    def left(self):
        return sum(len(points) for points in self.points.values())


def points_by_lot(lot, count, largest, kinds=KINDS, weights=(45, 45, 5, 5)):
    return [(lot.randint(1, largest), lot.choices(kinds, weights)[0]) for _ in range(count)]


class Relay:
    """Listens on a port of its own and passes on to `server`, an address and a port.

    `hold` gives the seconds that the next piece in a direction is held back. `enter` is called in each thread that makes sockets.
    """

    def __init__(self, server, plan, address="127.0.0.1", hold=None, enter=lambda: None):
        self.server, self.plan, self.hold, self.enter = server, plan, hold, enter
        self.pounced = self.pounces = self.sessions = 0
        self.ready = threading.Event()
        self.address = address
        threading.Thread(target=self.serve, daemon=True).start()
        self.ready.wait()

    def serve(self):
        self.enter()
        self.listener = socket.create_server((self.address, 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.ready.set()
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def pounce(self):
        """Cuts all sessions before anything more that the server said gets through."""
        self.pounced += 1

    def talk(self, client):
        self.enter()
        try:
            server = socket.create_connection(self.server)
        except OSError:
            return client.close()
        with client, server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.setblocking(False)
            Session(self, client, server).run()


class Session:
    """One connection: what came from each end and waits for the other."""

    MOST = 1 << 20

    def __init__(self, relay, client, server):
        self.relay, self.client, self.server, self.since = relay, client, server, relay.pounced
        self.waiting, self.gone = {client: b"", server: b""}, set()

    def run(self):
        try:
            while self.round():
                pass
        except OSError:
            self.reset(self.client)

    def round(self):
        """Moves what can be moved; false where the session is over."""
        readers = [end for end in (self.client, self.server) if end not in self.gone and len(self.waiting[self.other(end)]) < self.MOST]
        writers = [end for end, content in self.waiting.items() if content]
        if not readers and not writers:
            return False
        readable, writable, _ = select.select(readers, writers, [])
        for end in writable:
            self.waiting[end] = self.waiting[end][end.send(self.waiting[end]):]
        for end in readable:
            kind = self.take(end)
            if kind:
                return self.end(kind)
        return True

    def other(self, end):
        return self.server if end is self.client else self.client

    def take(self, end):
        """Takes a piece from an end; gives the kind of cut that it came to."""
        content, way = end.recv(1 << 18), "up" if end is self.client else "down"
        if not content:
            # What is still to be sent goes first; then the other end hears of it.
            self.gone.add(end)
            if not self.waiting[self.other(end)]:
                self.other(end).shutdown(socket.SHUT_WR)
            return "close" if end is self.server else None
        count, kind = self.relay.plan.pass_on(way, len(content))
        if self.relay.hold:
            time.sleep(self.relay.hold(way))
        if way == "down" and self.since != self.relay.pounced:
            self.relay.pounces += 1
            return "reset"
        self.waiting[self.other(end)] += content[:count]
        return kind

    def end(self, kind):
        """What passed before the cut is let through, as far as the ends take it at once."""
        for end, content in self.waiting.items():
            self.send_all(end, content)
        if kind in ("silence", "late"):
            watch = select.poll()
            watch.register(self.client, select.POLLRDHUP)
            watch.poll(120_000)
        if kind == "late":
            self.arrive_late()
        if kind == "reset":
            self.reset(self.client)
        return False

    def send_all(self, end, content):
        try:
            end.settimeout(1)
            end.sendall(content)
        except OSError:
            pass

    def arrive_late(self):
        """What the client had sent reaches the server when the client is gone."""
        self.client.settimeout(0.2)
        try:
            while content := self.client.recv(1 << 18):
                self.send_all(self.server, content)
        except OSError:
            pass
        time.sleep(0.2)

    def reset(self, end):
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass


def enter_network(name):
    """Takes the calling thread into a network namespace."""
    with open("/run/netns/" + name) as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
