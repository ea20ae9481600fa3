"""Two network namespaces joined by a pair of virtual links."""

import contextlib
import os
import subprocess
import threading


def parts(options, pull, deliver):
    """The parts that run across the link; says why where there are none."""
    if os.geteuid() != 0:
        return print("network: skipped; only root can make a network namespace", flush=True)
    try:
        Network("probe").close()
    except subprocess.CalledProcessError as error:
        return print("network: skipped; `%s` failed" % " ".join(error.cmd), flush=True)
    yield "network, pull", lambda: across(pull, "network, pull", "delete", options)
    yield "network, deliver", lambda: across(deliver, "network, deliver", options)


def across(part, name, *arguments):
    network = Network(name.split()[-1])
    world = part(name, *arguments, network=network)
    end = world.end

    def end_both():
        end()
        network.close()
        print("  %s: delay and loss by %s; the link went down %d times, %d of them for longer than a session waits" % (
            name, "netem" if network.has_netem else "the relay, which delays and stalls, since this kernel has no netem", network.downs, network.long_downs), flush=True)

    world.end = end_both
    return world


class Network:
    """Namespaces `a`, where the jobs run, and `b`, where server and relay are."""

    ADDRESS = "10.213.7.2"

    def __init__(self, word):
        self.word, self.downs, self.long_downs, self.lock = word, 0, 0, threading.Lock()
        self.close()
        for side, address in (("a", "10.213.7.1"), ("b", self.ADDRESS)):
            self.ip("netns", "add", self.name(side))
            self.ip("-n", self.name(side), "link", "set", "lo", "up")
        self.ip("link", "add", self.link("a"), "netns", self.name("a"), "type", "veth", "peer", "name", self.link("b"), "netns", self.name("b"))
        for side, address in (("a", "10.213.7.1"), ("b", self.ADDRESS)):
            self.ip("-n", self.name(side), "address", "add", address + "/30", "dev", self.link(side))
            self.ip("-n", self.name(side), "link", "set", self.link(side), "up")
        self.has_netem = all(self.netem(side) for side in "ab")
        self.lot = None

    def name(self, side):
        return "compline-%d-%s-%s" % (os.getpid(), self.word, side)

    def link(self, side):
        return "wire-" + side

    def prefix(self, side):
        return ["nsenter", "--net=/run/netns/" + self.name(side)]

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def netem(self, side):
        command = ["tc", "-n", self.name(side), "qdisc", "add", "dev", self.link(side), "root", "netem", "delay", "8ms", "4ms", "loss", "1%"]
        return subprocess.run(command, capture_output=True).returncode == 0

    def hold(self, way):
        """Seconds that the relay holds a piece back: up to 4 ms, and one in 500 for 1 to 7 s; nothing where the kernel does it."""
        with self.lock:
            if self.has_netem or self.lot is None:
                return 0
            return self.lot.uniform(1, 7) if self.lot.random() < 0.002 else self.lot.uniform(0, 0.004)

    @contextlib.contextmanager
    def flapping(self, lot):
        """The link goes down now and then: mostly shorter than a session waits for a byte, sometimes longer."""
        self.lot, over = lot, threading.Event()
        thread = threading.Thread(target=self.flap, args=(over, type(lot)(lot.random())), daemon=True)
        thread.start()
        yield
        over.set()
        thread.join()
        self.lot = None

    def flap(self, over, lot):
        while not over.wait(lot.uniform(2, 6)):
            is_long = lot.random() < 0.3
            self.ip("-n", self.name("a"), "link", "set", self.link("a"), "down")
            over.wait(lot.uniform(6, 9) if is_long else lot.uniform(0.1, 2))
            self.ip("-n", self.name("a"), "link", "set", self.link("a"), "up")
            self.downs, self.long_downs = self.downs + 1, self.long_downs + is_long

    def close(self):
        for side in "ab":
            subprocess.run(["ip", "netns", "del", self.name(side)], capture_output=True)
