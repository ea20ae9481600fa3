"""The parts `proxy` and `within` of faults.py: a proxy that knows where messages end cuts the connection to PostgreSQL, or its server crashes and starts again."""

import collections
import functools
import os

import stores

# Parse, Bind, Describe and Execute go out together, the server answers at the Sync behind them, and does nothing before the Execute is whole: a cut before Bind stands
# for those before Describe and Execute, one before Sync for that after Execute.
CUTS = {"P": ("cut before",), "B": ("cut before",), "D": (), "E": ()}


class Cuts:
    def listened(self):
        """(type, SQL) of each message of an untouched night."""
        site, log = self.fresh("listened")
        seen = self.proxied(site, log, None)[0].seen
        self.drop(site, log)
        return seen

    def messages(self):
        return [tuple(message) for message in self.ledger.keep("messages", self.listened)]

    def proxy(self):
        """Every COMMIT with every action; of the rest, cuts at each kind of message and some crashes."""
        seen, lot = self.messages(), self.lot("proxy")
        commits = [(number, action) for number, (_, sql) in enumerate(seen, 1) if sql == "COMMIT"
                   for action in ("cut before", "cut after", "restart before", "restart after")]
        kinds = {}
        for number, message in lot.sample(list(enumerate(seen, 1)), len(seen)):
            kinds.setdefault(message, number)
        others = [(number, action) for (kind, sql), number in sorted(kinds.items()) if sql != "COMMIT" for action in CUTS.get(kind, ("cut before", "cut after"))]
        crashes = [(number, action) for number in kinds.values() for action in ("restart before", "restart after")]
        plans = commits + others + lot.sample(crashes, min(40, len(crashes)))
        print("%d messages a night, %d kinds, %d COMMITs; %d points" % (len(seen), len(kinds), len(commits) // 4, len(plans)), flush=True)
        self.spoil("connections", plans, seen)

    def within(self):
        """In the middle of each table's COPY: half of some data there, the connection cut or the server crashed; a crash at its end; and one within each COMMIT."""
        seen, data, ends, lot = self.messages(), collections.defaultdict(list), {}, self.lot("within")
        for number, (kind, sql) in enumerate(seen, 1):
            if kind == "d":
                data[sql].append(number)
            if kind == "c":
                ends[sql] = number
        plans = [(number, "restart within") for number, (_, sql) in enumerate(seen, 1) if sql == "COMMIT"]
        print("%d tables filled by COPY, %d COMMITs" % (len(data), len(plans)), flush=True)
        plans += [(lot.choice(numbers), action) for _, numbers in sorted(data.items()) for action in ("cut half", "restart half", "restart after")]
        self.spoil("within", plans + [(number, "restart before") for number in ends.values()], seen)

    def spoil(self, part, plans, seen):
        """A night for each (number, action); crashes by themselves, since all sites share the server."""
        if self.options.only:
            plans = [plan for plan in plans if "%s %d" % (plan[1], plan[0]) == self.options.only]
        plans = self.lot("spoil " + part).sample(plans, self.options.sample) if self.options.sample else plans
        for word, jobs in (("cut", self.options.jobs), ("restart", 1)):
            self.run("%s, %s" % (part, word), [("%s %d (%s %s)" % (plan[1], plan[0], seen[plan[0] - 1][0], " ".join(seen[plan[0] - 1][1].split())[:60]),
                                               functools.partial(self.message, plan)) for plan in plans if plan[1].startswith(word)], jobs)

    def proxied(self, site, log, plan):
        if plan and plan[1].endswith("within"):
            self.store.linger(os.path.basename(site.folder))
        proxy = stores.Proxy(self.store, os.path.join(site.folder, "proxy"), plan)
        site.point(self.store.lines(os.path.basename(site.folder), proxy.folder))
        ended = site.night(self.under(log))
        proxy.close()
        site.point(self.store.lines(os.path.basename(site.folder)))
        return proxy, ended

    def message(self, plan, name):
        def body(site, log):
            proxy, ended = self.proxied(site, log, plan)
            return ([] if proxy.hit else ["the message was never sent"]) + self.misbehaved(site, log, *ended)
        return self.trial(name, body)
