#!/usr/bin/env python3
"""One night in any order: shuffled, said twice, cut into other files, taken in by one to three runs of one or more nights. Every one ends in the same digest.

usage: permutations.py --bin DIR --mappings DIR [--store sqlite|postgresql|both] [--count N] [--worlds N] [--first SEED] [--jobs N] [--minutes N]

A site pulls and ingests; its digest is that of `compline digest`, over current and historical versions. To start the jobs costs more than to load so few
messages, so a site takes several worlds: the same night of other people, each permuted for itself. Prints a line for each site that differs, by its
seed. Exit 1 where one did, or where none was run.
"""

import argparse
import concurrent.futures
import random
import re
import signal
import sys
import time

import drops
import messages
import sites

# The first seed whose night holds everything in KINDS.
SEED, PEOPLE = 966, 3
DATES = ["2026-03-10", "2026-03-11", "2026-03-12"]
KINDS = {
    "arrival": r"ADT\^A0[14]\^", "update": r"ADT\^A08\^", "cancelled discharge": r"ADT\^A13\^", "cancelled admission": r"ADT\^A11\^", "deleted visit": r"ADT\^A23\^",
    "explicit null": r'\|""\^PRN', "withdrawn diagnosis": r"ZZC\d+\^ZZNORTH\|D", "correction": r"OBX\|1\|.*\|C\|", "withdrawn result": r"OBX\|1\|.*\|[WD]\|",
    "cancelled order": r"ORC\|CA\|", "credit": r"\|CD\|", "cancelled appointment": r"SIU\^S15", "deleted appointment": r"SIU\^S17",
    "replaced document": r'versionNumber value="2"', "withdrawn resource": "entered-in-error", "amended resource": "amended",
}


def text(item):
    content = item[1]
    return content.decode() if isinstance(content, bytes) else "\n".join(content)


def lacking(items):
    whole = "\n".join(text(item) for item in items)
    return [name for name, pattern in KINDS.items() if not re.search(pattern, whole)]


def world(number):
    """The night as it happened to the people of a world: other numbers, all else alike."""
    return messages.night(SEED, PEOPLE, first=1 + 10 * number, merging=True)


def plain(worlds, left_out=0):
    items = [world(number) for number in range(worlds)]
    items[0] = items[0][left_out:]
    return [[(feed, "w%d-%s" % (number, name), content) for number in range(worlds) for feed, name, content in drops.plain(items[number])]], DATES[:1]


def permuted(seed, worlds):
    """Runs of files, and the business date of each. Each world is permuted for itself."""
    lot = random.Random("permutation %d" % seed)
    runs = [[] for _ in range(lot.choice([1, 1, 2, 3]))]
    for number in range(worlds):
        for run, files in zip(runs, drops.shuffled(world(number), lot, len(runs))):
            run += [(feed, "w%d-%s" % (number, name), content) for feed, name, content in files]
    return runs, sorted(lot.choice(DATES) for _ in runs)


def trial(bench, kind, name, runs, dates):
    site = bench.site(kind, "%s-%s" % (kind, name))
    try:
        return site.take(runs, dates)
    except RuntimeError as error:
        return "no digest: %s" % error
    finally:
        bench.end(kind, site)


def run(bench, kind, options, wanted):
    start, wrong, done = time.monotonic(), 0, 0
    seeds = range(options.first, options.first + options.count // options.worlds)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        def one(seed):
            late = options.minutes and time.monotonic() - start > 60 * options.minutes
            return None if late else trial(bench, kind, seed, *permuted(seed, options.worlds))
        for seed, digest in zip(seeds, pool.map(one, seeds)):
            done += digest is not None
            if digest not in (None, wanted):
                wrong += 1
                print("DIFFERS %s, seed %d: %s" % (kind, seed, digest), flush=True)
    seconds = time.monotonic() - start
    print("permutations on %s: %d of a night of %d messages, %d to a site; %d of %d sites differ from %s…, %d min %d s" % (
        kind, done * options.worlds, len(world(0)), options.worlds, wrong, done, wanted[:12], seconds // 60, seconds % 60), flush=True)
    return wrong or not done


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--worlds", type=int, default=10, help="permutations that share a site, each of other people")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0)
    options, kinds = sites.options_of(parser)
    # What is running ends; what was done is said.
    signal.signal(signal.SIGTERM, lambda *_: setattr(options, "minutes", 1e-9))
    if lacking(world(0)):
        raise SystemExit("the night lacks: " + ", ".join(lacking(world(0))))
    bench = sites.Bench(options, kinds, sites.feeds(messages.CUT))
    try:
        wanted = trial(bench, kinds[0], "plain", *plain(options.worlds))
        if wanted.startswith("no ") or trial(bench, kinds[0], "control", *plain(options.worlds, 1)) == wanted:
            raise SystemExit("a digest does not see that a message is left out: %s" % wanted)
        return 1 if sum([run(bench, kind, options, wanted) for kind in kinds]) else 0
    finally:
        bench.close()


if __name__ == "__main__":
    sys.exit(main())
