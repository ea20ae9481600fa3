"""Where the store of a trial lies: a file, or a database of a PostgreSQL of our own; and a proxy that cuts what is said to it between two messages."""

import os
import socket
import subprocess
import tempfile
import threading
import time


class SQLite:
    base = "store: sqlite\n"

    def fresh(self, name):
        """A store for a site that was copied; the lines of its site.yaml."""
        return self.base

    def drop(self, name):
        pass

    def stop(self):
        pass


class Postgres:
    def __init__(self, options):
        self.script = os.path.join(options.checkout, "Tests/postgres")
        self.host = tempfile.mktemp(prefix="compline-faults-postgres-", dir=options.work)
        if subprocess.run([self.script, "start", self.host, str(os.getpid())]).returncode != 0:
            raise SystemExit("there is no PostgreSQL server to run on")
        self.base = self.lines("compline")

    def lines(self, database, host=None):
        return "store: postgresql\npostgresql: {host: %s, database: %s, role: postgres}\n" % (host or self.host, database)

    def sql(self, text):
        command = ["psql", "-qX", "-h", self.host, "-U", "postgres", "-d", "postgres", "-c", text]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def fresh(self, name, host=None):
        self.sql('CREATE DATABASE "%s" TEMPLATE compline' % name)
        return self.lines(name, host)

    def linger(self, name):
        """Each COMMIT of a database waits a tenth of a second before its record is flushed, so that a crash can come within it."""
        self.sql("ALTER SYSTEM SET fsync = on")
        self.sql("SELECT pg_reload_conf()")
        for setting in ("commit_delay = 100000", "commit_siblings = 0"):
            self.sql('ALTER DATABASE "%s" SET %s' % (name, setting))

    def drop(self, name):
        self.sql('DROP DATABASE IF EXISTS "%s" WITH (FORCE)' % name)

    def restart(self):
        subprocess.run([self.script, "restart", self.host], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        subprocess.run([self.script, "stop", self.host])


class Proxy:
    """Stands between a site and its server, counts the messages of the site, and does one thing at one of them.

    `plan` is (number, action): `cut` the connection or `restart` the server as after a crash; `before` the message reaches the server, when `half` of its bytes did,
    `within` what it makes the server do, or `after` it and before its answer comes back. `seen` lists (type, SQL) of each message; the data of a COPY has the SQL of it.
    """

    def __init__(self, store, folder, plan=None):
        self.store, self.folder, self.plan, self.seen = store, folder, plan, []
        self.hit, self.over = False, threading.Event()
        os.makedirs(folder)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(folder, ".s.PGSQL.5432"))
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        """Waits for what was begun: a server that crashed is there again."""
        self.end(self.listener)
        self.listener.close()
        if self.hit:
            self.over.wait(60)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(os.path.join(self.store.host, ".s.PGSQL.5432"))
            threading.Thread(target=self.answer, args=(server, client), daemon=True).start()
            for message in self.messages(client):
                if self.plan and len(self.seen) == self.plan[0] and not self.hit:
                    self.hit = True
                    self.act(message, client, server)
                    return self.over.set()
                server.sendall(message)
        except OSError:
            pass
        finally:
            for end in (client, server):
                self.end(end)
                end.close()

    def end(self, connection):
        """Closing alone would leave it open while another thread reads from it."""
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def answer(self, server, client):
        try:
            while True:
                content = server.recv(1 << 16)
                if not content:
                    break
                client.sendall(content)
        except OSError:
            pass
        self.end(client)
        self.end(server)

    def act(self, message, client, server):
        what, when = self.plan[1].split(" ")
        if when != "before":
            # Nothing of the answer may reach the site: its end is closed for writing first.
            client.shutdown(socket.SHUT_WR)
            server.sendall(message[:len(message) // 2] if when == "half" else message)
        if when == "within":
            time.sleep(0.01)
        if what == "restart":
            self.store.restart()
        elif when != "before":
            time.sleep(0.05)

    def messages(self, client):
        """The messages of a client, each whole; the first has no type."""
        content, names, bound, said, is_first = b"", {}, "", "", True
        while True:
            start = 0 if is_first else 1
            while len(content) >= start + 4 and len(content) >= start + int.from_bytes(content[start:start + 4], "big"):
                size = start + int.from_bytes(content[start:start + 4], "big")
                message, content = content[:size], content[size:]
                kind, parts = ("startup", []) if is_first else (chr(message[0]), message[5:].split(b"\0"))
                if kind == "P":
                    names[parts[0]] = parts[1].decode()
                if kind in "PDBC" and parts:
                    bound = names.get(parts[1] if kind == "B" else parts[0][1:] if kind in "DC" else parts[0], bound)
                said = parts[0].decode() if kind == "Q" else said
                self.seen.append((kind, said if kind in "Qdc" else bound if kind in "PBDESC" else ""))
                is_first, start = False, 1
                yield message
            piece = client.recv(1 << 16)
            if not piece:
                return
            content += piece
