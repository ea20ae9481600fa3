"""The goals, by number: each function measures one and gives its samples (seconds of ours and of the anchor), ratio, goal and verdict."""
import os, re, statistics, struct, subprocess, threading, time

import store_goals, transfer_goals
from worker import CHUNK, CHUNK_BYTES, DROP_BEGINS, DROP_ENDS, Worker, frames, setup

HAPI_MESSAGES_A_SECOND = 6_100
MEBIBYTE = 1 << 20


def judged(title, samples, goal, at_most=None, at_least=None, notes=()):
    ratios = [ours / anchor for ours, anchor in samples]
    ratio = statistics.median(ratios)
    met = (at_most is None or ratio <= at_most) and (at_least is None or ratio >= at_least)
    return {'title': title, 'samples': samples, 'ratios': ratios, 'ratio': ratio, 'goal': goal, 'met': met, 'notes': list(notes)}


def expect(what, found, wanted):
    if found != wanted: raise SystemExit(f'The run does not count: {what} are {found}, not {wanted}.')


def limit_map(inputs, path):
    out = subprocess.run(['taskset', '-c', '0', inputs.limit(), 'map', path], check=True, capture_output=True, text=True).stdout
    return float(re.search(r'seconds=([0-9.]+)', out)[1]), int(re.search(r'rows=(\d+)', out)[1])


def limit_sha(inputs, path):
    """Seconds that libcrypto needs for the digest alone; several times more where the processor has no instructions for it."""
    out = subprocess.run(['taskset', '-c', '0', inputs.limit(), 'sha', path], check=True, capture_output=True, text=True).stdout
    return float(re.search(r'seconds=([0-9.]+)', out)[1])


def hl7_setup(inputs):
    """A library of its own: mappings that make the rows that the C floor writes, `message` among them."""
    return setup([os.path.join(inputs.root, 'Benchmarks', 'Mappings')], 'bench-limit@1', 'hl7v2')


def cda_setup(inputs): return setup([os.path.join(inputs.root, 'Mappings')], 'ccda-standard@1', 'cda')


def read(path):
    with open(path, 'rb') as file: return file.read()


def hl7_map(inputs, pairs):
    path, manifest = inputs.batch()
    drop, wanted = [frames(read(path))], sum(manifest['segments'][name] for name in ('MSH', 'PID', 'PV1', 'OBX', 'FT1', 'DG1', 'IN1'))
    worker = Worker(inputs.binary, hl7_setup(inputs), cpu=0)
    worker.run(drop)
    samples, cpu = [], []
    for _ in range(pairs):
        seconds, used, (summary,) = worker.run(drop)
        floor, rows = limit_map(inputs, path)
        expect('messages', (summary.messages, summary.declared), (manifest['messages'], manifest['messages']))
        expect('rows', (sum(summary.rows), rows), (wanted, wanted))
        samples.append((seconds, floor))
        cpu.append(used)
    worker.close()
    speed = manifest['messages'] / statistics.median(ours for ours, _ in samples)
    note = f'{speed:,.0f} messages/s, {speed / HAPI_MESSAGES_A_SECOND:.1f} times the 6,100/s of HAPI; CPU of the worker {statistics.median(cpu):.3f} s,' \
           f' of which the SHA-256 of the messages takes libcrypto {limit_sha(inputs, path):.3f} s here'
    return judged('HL7 v2 decode + map through the worker against `limit map` in C', samples, '<= 2.5 (stretch 1.6)', at_most=2.5, notes=[note])


def cda_map(inputs, pairs):
    paths, manifest = inputs.documents()
    drops, lint = [frames(read(path)) for path in paths], ['taskset', '-c', '0', 'xmllint', '--noout', '--stream', *paths]
    worker = Worker(inputs.binary, cda_setup(inputs), cpu=0)
    worker.run(drops)
    samples, cpu = [], []
    for _ in range(pairs):
        seconds, used, summaries = worker.run(drops)
        expect('documents', (len(summaries), sum(one.messages for one in summaries)), (len(paths), len(paths)))
        start = time.perf_counter()
        subprocess.run(lint, check=True)
        samples.append((seconds, time.perf_counter() - start))
        cpu.append(used)
    worker.close()
    rows = sum(sum(one.rows) for one in summaries)
    speed = manifest['bytes'] / statistics.median(ours for ours, _ in samples) / 1e6
    note = f'{speed:,.0f} MB/s, {rows:,} rows of {sum(manifest["entries"].values()):,} entries; CPU of the worker {statistics.median(cpu):.3f} s'
    return judged('CDA decode + map, all sections, against xmllint --stream', samples, '<= 0.8', at_most=0.8, notes=[note])


def repeated(data, times):
    """The frames of one drop that holds the same batch so many times."""
    part = [struct.pack('<BI', CHUNK, len(data[at:at + CHUNK_BYTES])) + data[at:at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    yield struct.pack('<BIBq', DROP_BEGINS, 9, 0, 0)
    for _ in range(times): yield from part
    yield struct.pack('<BI', DROP_ENDS, 0)


def peak(inputs, payload, drop, messages=None):
    """Peak resident memory of a fresh worker over one drop, in KiB, and CPU seconds."""
    worker = Worker(inputs.binary, payload, cpu=0)
    seconds, used, (summary,) = worker.run([drop])
    if messages is not None: expect('messages', summary.messages, messages)
    kilobytes = worker.peak_kilobytes()
    worker.close()
    return kilobytes, used, seconds


def pdf_base64(megabytes):
    """Lines of base64 of what begins like a PDF, about so many million characters."""
    line = b'JVBERi0xLjQKJSBzeW50aGV0aWMgdGVzdCBib2R5IG9mIG5vIG9uZSBhdCBhbGwKJSBzeW50aGV0aWMg'
    return line * (megabytes * 1_000_000 // len(line))


def attachment_document(megabytes):
    head = (b'<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.999.1" extension="D1"/>'
            b'<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260301"/><recordTarget><patientRole>'
            b'<id root="2.999.2" extension="T900001"/><patient><name><given>ALPHA</given><family>TEST</family></name></patient>'
            b'</patientRole></recordTarget><component><nonXMLBody><text mediaType="application/pdf" representation="B64">')
    return head + pdf_base64(megabytes) + b'</text></nonXMLBody></component></ClinicalDocument>'


def attachment_message(megabytes):
    head = (b'MSH|^~\\&|DOCS|TEST|||20260301081500||ORU^R01|M1|T|2.5.1\rPID|1||T900001^^^TEST^MR||TEST^ALPHA\r'
            b'OBR|1||O1^TEST|11490-0^Note^LN|||20260301\rOBX|1|ED|11490-0^Note^LN||TEST^AP^PDF^Base64^')
    return head + pdf_base64(megabytes) + b'||||||F\r'


def memory(inputs, pairs):
    payload = hl7_setup(inputs)
    small = inputs.batch(10_000)[0]
    ten = peak(inputs, payload, frames(read(small)), 10_000)[0]
    data = read(inputs.batch()[0])
    hundred = peak(inputs, payload, repeated(data, 1), 100_000)[0]
    million = peak(inputs, payload, repeated(data, 10), 1_000_000)[0]
    document = peak(inputs, cda_setup(inputs), frames(attachment_document(200)), 1)[0]
    message = peak(inputs, payload, frames(attachment_message(200)), 1)[0]
    stores = store_goals.through_stores(inputs)
    largest = max(ten, hundred, million, document, message, *(peak for _, peak in stores.values()))
    notes = [f'peak resident of the worker in KiB: 10 k {ten:,}, 100 k {hundred:,}, 1 M {million:,} messages ({million / ten:.3f} x of 10 k);'
             f' 200 MB attachment: CDA {document:,}, HL7 v2 {message:,}',
             'of ingest: ' + ', '.join(f'{store} {size:,} messages {peak:,}' for (store, size), (_, peak) in stores.items())]
    result = judged('peak resident memory of worker and ingest against 64 MB', [(largest / 1000, 64)], '<= 1, 1 M <= 1.05 x 10 k', at_most=1, notes=notes)
    result['met'] = result['met'] and million <= 1.05 * ten
    return result


def linear(inputs, pairs):
    payload, data, samples = hl7_setup(inputs), read(inputs.batch()[0]), []
    for _ in range(max(1, pairs // 2)):
        one = peak(inputs, payload, repeated(data, 1), 100_000)[1]
        samples.append((peak(inputs, payload, repeated(data, 10), 1_000_000)[1], one))
    stores = store_goals.through_stores(inputs)
    walls = {store: stores[store, inputs.messages][0] / stores[store, inputs.messages // 10][0] for store in ('SQLite', 'PostgreSQL')}
    notes = [f'wall of ingest, {inputs.messages:,} messages against a tenth of them: ' + ', '.join(f'{store} {ratio:.1f}' for store, ratio in walls.items())]
    result = judged('CPU seconds for 1 M messages against 100 k, decode + map', samples, '9.5 to 10.5', at_most=10.5, at_least=9.5, notes=notes)
    # What a start costs makes the ratio of a small night less than ten.
    result['met'] = result['met'] and walls['PostgreSQL'] <= 11.5
    return result


def two_workers(inputs, pairs):
    drop, payload, samples = [frames(read(inputs.batch()[0]))], hl7_setup(inputs), []
    workers = [Worker(inputs.binary, payload, cpu=cpu) for cpu in (0, 1)]
    for worker in workers: worker.run(drop)
    for _ in range(pairs):
        alone = workers[0].run(drop)[0]
        samples.append((2 * alone, together(workers, drop)))
    for worker in workers: worker.close()
    return judged('throughput of two workers on two cores against one', samples, '>= 1.8', at_least=1.8)


def together(workers, drop):
    start = time.perf_counter()
    threads = [threading.Thread(target=worker.run, args=(drop,)) for worker in workers]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return time.perf_counter() - start


def of_the_store(measure): return lambda inputs, pairs: measure(inputs, pairs, judged)


ALL = {
    'P1': of_the_store(store_goals.ingest_postgres), 'P2': of_the_store(store_goals.ingest_full_postgres), 'P3': hl7_map, 'P4': cda_map, 'P5': memory,
    'P6': linear, 'P7': of_the_store(store_goals.rerun), 'P8': of_the_store(store_goals.again), 'P9': of_the_store(store_goals.ingest_sqlite),
    'P12': lambda inputs, pairs: transfer_goals.transfers(inputs, pairs, judged), 'P13': two_workers,
}
