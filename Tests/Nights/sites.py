"""A site with the feeds of `messages`, on either store, that takes in nights and says what it holds."""

import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "Faults")]
import drops  # noqa: E402
import messages  # noqa: E402
import night as faults  # noqa: E402
import stores  # noqa: E402

FEED = """feed: %s
owner: interfaces@example.invalid
from: {drop: %s}
format: %s
mappings: [%s]
zone: America/Chicago
source_rank: %d
arrival: {by: "02:00", complete: rename}
"""
ENDED = (0, 3)


def feeds(cut=None):
    """feed -> (folder of its drops, format, mappings, source rank); `cut` names mappings instead of some sets."""
    return {name: ("drops/" + name, kind, (cut or {}).get(mappings, mappings), rank) for name, (kind, mappings, rank) in messages.FEEDS.items()}


class Site(faults.Site):
    """`folder` holds the site and its keys."""

    patience = 3600

    def make(self, store, feeds):
        for folder in ["feeds", "consumers", "agreements", *(place for place, *_ in feeds.values() if not os.path.isabs(place))]:
            os.makedirs(os.path.join(self.path, folder))
        self.point(store)
        for name, settings in feeds.items():
            self.write("feeds/%s.yaml" % name, (FEED % (name, *settings)).encode())
        self.must(0, os.path.join(self.options.bin, "compline"), "init", self.path)

    def copy(self, folder):
        super().copy(folder)
        return Site(folder, self.options)

    def must(self, codes, *command):
        code, said, errors = self.run(*command)
        if code not in (codes if isinstance(codes, tuple) else (codes,)):
            raise RuntimeError("%s ended %d: %s" % (os.path.basename(command[0]), code, errors.decode()[-400:]))
        return said.decode()

    def job(self, name, date=faults.NIGHT):
        return self.must(ENDED, os.path.join(self.options.bin, "compline-" + name), "--site", self.path, "--night", date)

    def tell(self, *words):
        return self.must(0, os.path.join(self.options.bin, "compline"), *words, "--site", self.path).strip()

    def take(self, runs, dates=()):
        """Pulls and ingests; each run lays down its files and is of its business date."""
        for number, files in enumerate(runs):
            drops.lay(self, [(feed, "r%d-%s" % (number, name), content) for feed, name, content in files])
            for job in ("pull", "ingest"):
                self.job(job, dates[number] if dates else faults.NIGHT)
        return self.tell("digest")


class Bench:
    """Sites side by side in a folder of its own: a made one a store, copies of it for trials."""

    def __init__(self, options, kinds, feeds):
        self.options = options
        options.checkout = CHECKOUT
        options.work = options.work or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
        self.folder = tempfile.TemporaryDirectory(prefix="compline-nights-", dir=options.work)
        self.stores, self.bases = {}, {}
        for kind in kinds:
            self.stores[kind] = stores.Postgres(options) if kind == "postgresql" else stores.SQLite()
            self.bases[kind] = Site(os.path.join(self.folder.name, kind), options)
            self.bases[kind].make(self.stores[kind].base, feeds)

    def site(self, kind, name):
        site = self.bases[kind].copy(os.path.join(self.folder.name, name))
        site.point(self.stores[kind].fresh(name))
        return site

    def end(self, kind, site):
        self.stores[kind].drop(os.path.basename(site.folder))
        shutil.rmtree(site.folder, ignore_errors=True)

    def close(self):
        for store in self.stores.values():
            store.stop()
        self.folder.cleanup()


def options_of(parser):
    """What every script here is told."""
    for name in ("--bin", "--mappings"):
        parser.add_argument(name, required=True, type=os.path.abspath)
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work")
    options = parser.parse_args()
    return options, ["sqlite", "postgresql"] if options.store == "both" else [options.store]
