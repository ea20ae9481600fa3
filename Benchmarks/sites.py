"""Sites of the benchmark: made by the product, loaded by the product, and the same rows put into the same tables by psql and sqlite3."""
import os, re, shutil, sqlite3, subprocess, threading, time

NIGHT = '2026-03-10'
FEED = '''feed: bench
owner: bench@example.invalid
from: {drop: drops/bench}
format: hl7v2
mappings: [hl7v2-standard]
zone: America/Chicago
arrival: {by: "02:00", complete: rename}
'''
QUIET = {**os.environ, 'SWIFT_BACKTRACE': 'enable=no'}
# What is referred to stands first; the tables of the rows come after `row_`.
ORDER = ['run', 'mapping', 'drop_', 'duplicate_name', 'look', 'message', 'batch', 'finding', 'exception_', 'tally', 'skip', 'sum_', 'row_', 'change_', 'late_',
         'attachment', 'support', 'coverage', 'code_seen']


def timed(command, **options):
    """Seconds on the wall, and the peak resident memory in KiB of the command or a child of it, whichever has more."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=QUIET, **options)
    peaks = {}
    threading.Thread(target=watch, args=(process.pid, peaks), daemon=True).start()
    errors = process.stderr.read()
    code = process.wait()
    seconds = time.perf_counter() - start
    if code not in (0, 3): raise SystemExit(f'{command[0]} ended with {code}: {errors.decode()[:400]}')
    return seconds, max(peaks.values(), default=0)


def watch(process, peaks):
    """Notes the peak of a process and of its children until it ends. What a child inherits from this program before it begins does not count."""
    try:
        while True:
            with open(f'/proc/{process}/task/{process}/children') as file: family = [process, *map(int, file.read().split())]
            for one in family:
                with open(f'/proc/{one}/status') as file: status = file.read()
                name, peak = re.search(r'Name:\s*(\S+)', status)[1], re.search(r'VmHWM:\s*(\d+)', status)
                if peak and not name.startswith('python'): peaks[one] = int(peak[1])
            time.sleep(0.05)
    except OSError: pass


class Postgres:
    """A server of the benchmark's own, with the durability that a server has when nobody changes it."""

    def __init__(self, root):
        self.script, self.folder = os.path.join(root, 'Tests', 'postgres'), f'/tmp/compline-bench-{os.getpid()}'
        subprocess.run([self.script, 'start', self.folder, str(os.getpid()), 'durable'], check=True)

    def psql(self, database, *arguments, script=None):
        command = ['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', self.folder, '-U', 'postgres', database, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=script).stdout

    def file(self, database, path): return ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-h', self.folder, '-U', 'postgres', database, '-f', path]

    def settle(self): self.psql('postgres', '-c', 'CHECKPOINT')

    def copy(self, database, template):
        self.psql('postgres', '-c', f'DROP DATABASE IF EXISTS {database} WITH (FORCE)')
        self.psql('postgres', '-c', f'CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy')

    def counts(self, database):
        names = self.psql(database, '-c', "SELECT tablename FROM pg_tables WHERE schemaname = 'site'").split()
        return {name: int(self.psql(database, '-c', f'SELECT count(*) FROM site.{name}')) for name in names}

    def stop(self): subprocess.run([self.script, 'stop', self.folder], check=False, stdout=subprocess.DEVNULL)


class Site:
    """A site in a folder of its own; `server` and `database` where its store lies on PostgreSQL, in the schema `site`."""

    def __init__(self, inputs, name, server=None, database=None):
        self.inputs, self.folder, self.server, self.database = inputs, inputs.path('site-' + name), server, database
        for path in (self.folder, self.folder + '.keys'): shutil.rmtree(path, ignore_errors=True)
        self.run('compline', 'init', self.folder, '--mappings', os.path.join(inputs.root, 'Mappings'))
        if server: self.move_to(database)
        with open(self.folder + '/feeds/bench.yaml', 'w') as file: file.write(FEED)
        if server: self.run('compline', 'init', self.folder)
        os.makedirs(self.folder + '/drops/bench', exist_ok=True)

    def move_to(self, database):
        path = self.folder + '/site.yaml'
        with open(path) as file: lines = [line for line in file if not re.match('store:|postgresql:', line)]
        place = f'{{host: {self.server.folder}, database: {database}, schema: site, role: postgres}}'
        with open(path, 'w') as file: file.writelines(lines + ['store: postgresql\n', f'postgresql: {place}\n'])
        self.database = database

    def run(self, program, *arguments): return timed([os.path.join(self.inputs.binary, program), *arguments])

    def stage(self, program, night=NIGHT): return self.run(program, '--site', self.folder, '--night', night)

    def drop(self, data, name, night=NIGHT):
        """Lays a file down and pulls it."""
        path = f'{self.folder}/drops/bench/{name}.hl7'
        with open(path + '.part', 'wb') as file: file.write(data)
        os.rename(path + '.part', path)
        self.stage('compline-pull', night)

    def ingest(self, night=NIGHT):
        if self.server: self.server.settle()
        return self.stage('compline-ingest', night)

    @property
    def file(self): return self.folder + '/var/store/compline.sqlite'

    def counts(self):
        if self.server: return self.server.counts(self.database)
        with sqlite3.connect(self.file) as db:
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: db.execute(f'SELECT count(*) FROM {name}').fetchone()[0] for name in names}

    def remove(self):
        for path in (self.folder, self.folder + '.keys'): shutil.rmtree(path, ignore_errors=True)


def tables(counts):
    """Those that hold something, in the order in which they are loaded."""
    rows = sorted(name for name in counts if name.startswith('a_'))
    order = [name for known in ORDER for name in ([known] + rows if known == 'row_' else [known])]
    return [name for name in order if counts.get(name)]


class CopyAnchor:
    """The rows that the product wrote, dumped from its own tables, and psql to copy them (binary, one transaction) into others like them."""

    def __init__(self, site, folder, where=None):
        server, database, where = site.server, site.database, where or {}
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.server, self.path, script = server, folder + '/load.sql', ['SET search_path = site;', 'BEGIN;']
        for name in tables(site.counts()):
            columns = server.psql(database, '-c', f"SELECT column_name FROM information_schema.columns WHERE table_schema = 'site' AND table_name = '{name}'"
                                  " AND column_name <> 'rowid' ORDER BY ordinal_position").split()
            # The guards count the messages of a drop that is loaded: it becomes that last.
            chosen = ', '.join("'pending'::text AS state" if (name, column) == ('drop_', 'state') else column for column in columns)
            server.psql(database, '-c', f"\\copy (SELECT {chosen} FROM site.{name} {where.get(name, '')}) TO '{folder}/{name}' BINARY")
            script.append(f"\\copy {name}({', '.join(columns)}) FROM '{folder}/{name}' BINARY")
        script += ["UPDATE drop_ SET state = 'loaded' WHERE state = 'pending';", 'COMMIT;']
        with open(self.path, 'w') as file: file.write('\n'.join(script) + '\n')

    def load(self, database):
        self.server.settle()
        return timed(self.server.file(database, self.path))[0]


class ImportAnchor:
    """The rows that the product wrote, and sqlite3 to `.import` them into tables and indexes like the product's, in one transaction with its
    durability. `.import` knows text only: bytes are written as hexadecimal digits, and the tables take any type."""

    SETTINGS = ['PRAGMA journal_mode = DELETE;', 'PRAGMA synchronous = EXTRA;', 'PRAGMA foreign_keys = ON;', 'PRAGMA cache_size = -16000;', 'PRAGMA temp_store = MEMORY;']

    def __init__(self, site, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.folder, self.site = folder, site
        with sqlite3.connect(site.file) as db:
            self.schema = [row[0] + ';' for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'trigger', rowid")]
            self.names = tables(site.counts())
            for name in self.names: self.dump(db, name)
        self.write('import.sql', [f".import '{folder}/{name}' {name}" for name in self.names])
        self.write('select.sql', [f'INSERT INTO {name} SELECT * FROM made.{name};' for name in self.names])

    def dump(self, db, name):
        with open(f'{self.folder}/{name}', 'w', newline='') as file:
            names = [column[1] for column in db.execute(f'PRAGMA table_info({name})')]
            for row in db.execute(f'SELECT * FROM {name}'):
                cells = ['pending' if (name, column) == ('drop_', 'state') else '' if value is None else value.hex() if isinstance(value, bytes) else str(value)
                         for column, value in zip(names, row)]
                file.write('\x1f'.join(cells) + '\x1e')

    def write(self, name, lines):
        end = ["UPDATE drop_ SET state = 'loaded' WHERE state = 'pending';"] if name == 'import.sql' else []
        with open(f'{self.folder}/{name}', 'w') as file:
            file.write('\n'.join(self.SETTINGS + (['.mode ascii'] if end else [f"ATTACH '{self.site.file}' AS made;"]) + ['BEGIN;'] + lines + end + ['COMMIT;']) + '\n')

    def load(self, how='import'):
        """Seconds for an empty file with the tables; `select` reads the rows from the product's own file instead, types and all."""
        path = f'{self.folder}/anchor.sqlite'
        if os.path.exists(path): os.remove(path)
        loose = lambda sql: sql.replace(' STRICT, WITHOUT ROWID', ' WITHOUT ROWID').replace(' STRICT', '').replace('length(ref) = 16', 'length(ref) = 32')
        guards = [sql for sql in self.schema if not sql.startswith('CREATE TRIGGER') or how == 'import']
        with sqlite3.connect(path) as db: db.executescript('\n'.join(loose(sql) if how == 'import' else sql for sql in guards))
        with open(f'{self.folder}/{how}.sql') as file: seconds = timed(['sqlite3', '-bail', path], stdin=file)[0]
        with sqlite3.connect(path) as db: found = {name: db.execute(f'SELECT count(*) FROM {name}').fetchone()[0] for name in self.names}
        return seconds, found
