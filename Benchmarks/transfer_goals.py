"""P12: the product's own pull from a loopback sshd against OpenSSH's sftp from the same server, in turn. The pull seals, syncs and journals what it fetches."""
import json, os, shutil, statistics, subprocess, tempfile, time

from inputs import Inputs
from sites import Site, timed

PARTNER = '''partner: loopback
owner: bench@example.invalid
purpose: measures transfers
host: 127.0.0.1
port: {port}
user: {user}
identity: {{file: "{key}"}}
host_keys:
  - {{key: "{pin}", since: 2026-01-01, until: 2099-12-31}}
revoke: nothing is left to revoke; the server ends with the run
'''
FEED = '''feed: bench
owner: bench@example.invalid
from: {sftp: loopback, path: "%s"}
format: hl7v2
mappings: [hl7v2-standard]
zone: America/Chicago
arrival: {by: "02:00", complete: rename}
'''
GIBIBYTE = 1 << 30


class Server:
    """An sshd of the benchmark's own."""

    def __init__(self, root):
        self.script, self.folder = os.path.join(root, 'Tests', 'sshd'), tempfile.mktemp(prefix='compline-bench-sshd-')
        subprocess.run([self.script, 'start', self.folder, str(os.getpid())], check=True)
        self.key = self.folder + '/user'
        with open(self.folder + '/port') as port, open(self.folder + '/host.pub') as pin: self.port, self.pin = port.read().strip(), ' '.join(pin.read().split()[:2])

    def stop(self): subprocess.run([self.script, 'stop', self.folder], check=False)


def source(inputs, name, count, size):
    """A folder with so many files of so many random bytes, written long ago."""
    folder = inputs.path('wire-' + name)
    if len(os.listdir(folder) if os.path.isdir(folder) else []) != count:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for number in range(count):
            with open(f'{folder}/{number:06}.hl7', 'wb') as file:
                for _ in range(0, size, 1 << 20): file.write(os.urandom(min(size, 1 << 20)))
            os.utime(file.name, (time.time() - 3_600,) * 2)
    return folder


class Pulling:
    """A fresh site that has pulled nothing yet, and the same files for sftp under the config that the product wrote."""

    def __init__(self, inputs, server, folder, count, size):
        self.inputs, self.server, self.folder, self.count, self.size = inputs, server, folder, count, size

    def ours(self):
        site = self.site = Site(self.inputs, 'p12')
        shutil.copy(self.server.key, site.folder + '.partner-key')
        os.chmod(site.folder + '.partner-key', 0o600)
        user = subprocess.run(['id', '-un'], capture_output=True, text=True, check=True).stdout.strip()
        os.makedirs(site.folder + '/partners', exist_ok=True)
        with open(site.folder + '/partners/loopback.yaml', 'w') as file:
            file.write(PARTNER.format(port=self.server.port, user=user, key=os.path.abspath(site.folder + '.partner-key'), pin=self.server.pin))
        with open(site.folder + '/feeds/bench.yaml', 'w') as file: file.write(FEED % os.path.abspath(self.folder))
        os.sync()
        seconds, self.peak = site.stage('compline-pull')
        with open(site.folder + '/var/spool/journal', 'rb') as file: records = [json.loads(line.split(b' ', 1)[1]) for line in file]
        drops = [record for record in records if record['type'] == 'drop']
        self.expect('drops and bytes', (len(drops), sum(drop['bytes'] for drop in drops)))
        return seconds

    def anchor(self):
        place, batch = self.inputs.path('p12-sftp'), self.inputs.path('p12-batch')
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        with open(batch, 'w') as file: file.write(f'get "{os.path.abspath(self.folder)}"/* "{os.path.abspath(place)}"\n')
        os.sync()
        seconds, _ = timed(['sftp', '-q', '-F', self.site.folder + '/var/ssh/config', '-b', batch, 'loopback'])
        start = time.perf_counter()
        os.sync()
        self.lasting = seconds + time.perf_counter() - start
        files = [os.path.getsize(os.path.join(place, name)) for name in os.listdir(place)]
        self.expect('files and bytes', (len(files), sum(files)))
        shutil.rmtree(place)
        return seconds

    def expect(self, what, found):
        if found != (self.count, self.count * self.size): raise SystemExit(f'The run does not count: {what} are {found}, not {(self.count, self.count * self.size)}.')

    def pairs(self, count):
        """Seconds of ours and of sftp, in turn, and of sftp until its files last."""
        samples, lasting = [], []
        for _ in range(count):
            samples.append((self.ours(), self.anchor()))
            lasting.append(self.lasting)
        for path in (self.site.folder, self.site.folder + '.keys'): shutil.rmtree(path)
        os.unlink(self.site.folder + '.partner-key')
        return samples, lasting


def in_memory(inputs, server):
    """The small files once more where a sync costs nothing; no samples where there is no such place."""
    if not os.access('/dev/shm', os.W_OK): return []
    work = tempfile.mkdtemp(prefix='compline-bench-', dir='/dev/shm')
    try:
        own = Inputs(inputs.generators, work, inputs.root, inputs.binary, inputs.messages)
        return Pulling(own, server, source(own, 'small', 5_000, 4_096), 5_000, 4_096).pairs(3)[0]
    finally: shutil.rmtree(work)


def transfers(inputs, pairs, judged):
    server = Server(inputs.root)
    try:
        large = Pulling(inputs, server, source(inputs, 'large', 1, GIBIBYTE), 1, GIBIBYTE)
        small = Pulling(inputs, server, source(inputs, 'small', 5_000, 4_096), 5_000, 4_096)
        (large_samples, large_lasting), (small_samples, small_lasting) = large.pairs(pairs), small.pairs(pairs)
        memory_samples = in_memory(inputs, server)
    finally: server.stop()
    speeds = [anchor / ours for ours, anchor in small_samples]
    speed = statistics.median(speeds)
    median = statistics.median
    notes = [f'1 GiB: {GIBIBYTE / median(ours for ours, _ in large_samples) / 1e6:,.0f} MB/s sealed and synced, sftp {GIBIBYTE / median(anchor for _, anchor in large_samples) / 1e6:,.0f} MB/s,'
             f' synced {GIBIBYTE / median(large_lasting) / 1e6:,.0f} MB/s; peak resident memory {large.peak:,} KiB',
             f'5,000 files of 4 KiB: {speed:.2f} times the files/s of sftp [{min(speeds):.2f} to {max(speeds):.2f}], goal >= 2; {5_000 / median(ours for ours, _ in small_samples):,.0f} files/s sealed, '
             f'synced and journalled, sftp {5_000 / median(anchor for _, anchor in small_samples):,.0f}, synced once at the end {5_000 / median(small_lasting):,.0f}']
    if memory_samples:
        notes.append(f'the small files where a sync costs nothing: {median(anchor / ours for ours, anchor in memory_samples):.2f} times the files/s of sftp, '
                     f'{5_000 / median(ours for ours, _ in memory_samples):,.0f} files/s')
    result = judged('pull of 1 GiB over SFTP, sealed, against sftp get', large_samples, '<= 1.1, 4 KiB >= 2 x', at_most=1.1, notes=notes)
    result['small_samples'], result['met'] = small_samples, result['met'] and speed >= 2
    return result
