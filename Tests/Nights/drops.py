"""Lays a night's items down as files: in one plain order, or shuffled, said again, and cut into other files by lot."""

import os

import messages

SUFFIX = {"hl7v2": "hl7", "cda": "xml", "csv": "csv", "fhir": "json"}


def plain(items):
    """A file a feed, but a document or Bundle each its own."""
    return [file for feed in messages.FEEDS for file in files(feed, [content for name, content in items if name == feed], None)]


def shuffled(items, lot, count):
    """Some items twice, all in any order, in so many runs, in files of any size: the files of each run."""
    items = items + lot.sample(items, lot.randrange(1 + len(items) // 4))
    lot.shuffle(items)
    runs = [[] for _ in range(count)]
    for item in items:
        lot.choice(runs).append(item)
    return [[file for feed in messages.FEEDS for file in files(feed, [content for name, content in run if name == feed], lot)] for run in runs]


def files(feed, contents, lot):
    """(feed, name, bytes) of each file."""
    kind = messages.FEEDS[feed][0]
    if kind in ("cda", "fhir"):
        # The same document twice in a night is the same file; under another name it is a duplicate drop.
        batches = [[content] for content in contents]
    elif lot is None:
        batches = [contents] if contents else []
    else:
        batches = [[] for _ in range(lot.randint(1, 4))]
        for content in contents:
            lot.choice(batches).append(content)
    return [(feed, "%s-%d.%s" % (feed, number, SUFFIX[kind]), written(kind, batch, lot)) for number, batch in enumerate(batches) if batch]


def written(kind, batch, lot):
    if kind in ("cda", "fhir"):
        return batch[0]
    end = lot.choice(["\r", "\n", "\r\n"]) if lot else "\r"
    if kind == "csv":
        lines = [messages.CENSUS, *(",".join(row) for row in batch), "TOTAL,%d" % len(batch)]
        return "".join(line + "\n" for line in lines).encode()
    lines = [segment for message in batch for segment in message]
    if lot is None or lot.random() < 0.5:
        head = "|^~\\&|ZZHIS|ZZNORTH|COMPLINE|ZZHUB|20260310230000"
        lines = ["FHS" + head, "BHS" + head, *lines, "BTS|%d" % len(batch), "FTS|1"]
    return "".join(line + end for line in lines).encode()


def lay(site, files):
    for feed, name, content in files:
        with open(os.path.join(site.path, "drops", feed, name), "wb") as file:
            file.write(content)
