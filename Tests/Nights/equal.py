#!/usr/bin/env python3
"""SQLite and PostgreSQL hold the same: one digest for the demo night, for real files, and for generated nights of six feeds in four formats.

usage: equal.py --bin DIR --mappings DIR [--parts LIST] [--nights N] [--derive N] [--jobs N] [--corpus DIR]

  demo       the night of `compline demo-night`
  corpus     every file of CORPUS/hl7v2 and CORPUS/cda, through the standard sets
  generated  N nights by seed; of the first --derive of them every key and count of the store is held against what `rederive` reads from the drops alone,
             and the messages that the statement says were received against those that stand in the files

Exit 1 where something differed, or nothing was compared.
"""

import argparse
import concurrent.futures
import json
import os
import random
import shutil
import signal
import sys
import time

import drops
import messages
import rederive
import sites

KINDS = ("sqlite", "postgresql")


def compared(name, digests):
    same = len(set(digests.values())) == 1 and not any(digest.startswith("no ") for digest in digests.values())
    if not same:
        print("DIFFERS %s: %s" % (name, digests), flush=True)
    return same


def demo(options):
    bench = sites.Bench(options, KINDS, {})
    digests = {}
    for kind in KINDS:
        site = bench.site(kind, "demo-" + kind)
        for folder in ("feeds", "consumers", "agreements"):
            shutil.copytree(os.path.join(sites.CHECKOUT, "Sites/demo", folder), os.path.join(site.path, folder), dirs_exist_ok=True)
        site.must(0, os.path.join(options.bin, "compline"), "demo-night", "--site", site.path, "--night", "2026-03-01", "--run")
        digests[kind] = site.tell("digest")
        bench.end(kind, site)
    bench.close()
    print("demo night: %s" % digests["sqlite"][:12], flush=True)
    return compared("the demo night", digests)


def corpus(options):
    if not os.path.isdir(os.path.join(options.corpus or "", "hl7v2")):
        print("corpus: skipped; there is no folder of real files")
        return True
    feeds = {name: (os.path.join(options.corpus, name), name, mappings, 0) for name, mappings in (("hl7v2", "hl7v2-standard"), ("cda", "ccda-standard"))}
    bench, digests = sites.Bench(options, KINDS, feeds), {}
    for kind in KINDS:
        start, site = time.monotonic(), bench.site(kind, "corpus-" + kind)
        digests[kind] = site.take([[]])
        bench.end(kind, site)
        print("corpus on %s: %s, %d s" % (kind, digests[kind][:12], time.monotonic() - start), flush=True)
    bench.close()
    return compared("the corpus", digests)


def laid(seed):
    """A night's files: two thirds of them as they came, the others in some order with some of it twice."""
    lot = random.Random("files %d" % seed)
    items = messages.night(seed, people=lot.randint(2, 8), first=1 + 10 * seed)
    return drops.plain(items) if seed % 3 else drops.shuffled(items, lot, 1)[0]


def generated(options):
    bench, start, wrong, total = sites.Bench(options, KINDS, sites.feeds(messages.CUT)), time.monotonic(), 0, 0
    done = 0

    def one(seed):
        if options.over:
            return None
        digests, said = {}, []
        for kind in KINDS:
            site = bench.site(kind, "%s-%d" % (kind, seed))
            try:
                digests[kind] = site.take([laid(seed)])
                said += derived(site, seed) if seed < options.derive else []
            except RuntimeError as error:
                digests[kind] = "no digest: %s" % error
            bench.end(kind, site)
        return compared("night %d" % seed, digests), said

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for seed, outcome in enumerate(pool.map(one, range(options.nights))):
            if outcome is None:
                break
            same, said = outcome
            done, total = done + 1, total + len(laid(seed))
            wrong += not same or any(not line.endswith(" agree") for line in said)
            for line in said:
                print("night %d, %s" % (seed, line), flush=True)
    bench.close()
    seconds = time.monotonic() - start
    print("generated: %d nights of %d files, %d differ, %d min %d s" % (done, total, wrong, seconds // 60, seconds % 60), flush=True)
    return not wrong and done > 0


def derived(site, seed):
    """Keys, counts and received messages, held against the drops alone."""
    store = os.path.basename(site.folder).split("-")[0]
    out = os.path.join(site.folder, "out")
    site.tell("export", "--to", out)
    files = [(messages.FEEDS[feed][0], content) for feed, _, content in laid(seed)]
    wrong, count = rederive.differences(files, out)
    site.job("reconcile")
    statement = json.loads(site.read("var/statements", sites.faults.NIGHT, "statement.json"))
    for feed in statement["feeds"]:
        # The same bytes under another name are counted apart, as a duplicate drop.
        there = {content for name, _, content in laid(seed) if name == feed["feed"]}
        wanted = sum(rederive.received(messages.FEEDS[feed["feed"]][0], content) for content in there)
        if feed["intake"]["received"] != wanted:
            wrong.append("%s received %d of %d" % (feed["feed"], feed["intake"]["received"], wanted))
    return ["on %s: %s" % (store, line) for line in wrong] or ["on %s: %d keys and counts agree" % (store, count)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--parts", default="demo,corpus,generated")
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--derive", type=int, default=3)
    parser.add_argument("--corpus", default=os.environ.get("CORPUS"))
    options, _ = sites.options_of(parser)
    options.over = False
    # What is running ends; what was done is said.
    signal.signal(signal.SIGTERM, lambda *_: setattr(options, "over", True))
    return 0 if all([globals()[part](options) for part in options.parts.split(",")]) else 1


if __name__ == "__main__":
    sys.exit(main())
