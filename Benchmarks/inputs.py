"""The inputs of the benchmarks: made once by the generators, the C floor compiled once."""
import glob, json, os, subprocess


class Inputs:
    def __init__(self, generators, work, root, binary, messages):
        self.generators, self.work, self.root, self.binary, self.messages = generators, work, root, binary, messages
        os.makedirs(work, exist_ok=True)

    def path(self, name): return os.path.join(self.work, name)

    def python(self, script, *arguments):
        subprocess.run(['python3', os.path.join(self.generators, script), *arguments], check=True, stdout=subprocess.DEVNULL)

    def batch(self, messages=100_000, seed=None):
        """An HL7 v2 batch file of so many messages and the counts that it holds."""
        name = f'batch-{messages}' + (f'-{seed}' if seed else '')
        path, manifest = self.path(name + '.hl7'), self.path(name + '.json')
        if not os.path.exists(manifest):
            self.python('gen_hl7.py', path, '--messages', str(messages), '--manifest', manifest, *(['--seed', str(seed)] if seed else []))
        with open(manifest) as file: return path, json.load(file)

    def documents(self):
        """1,000 C-CDA documents and the counts of their entries."""
        folder = self.path('cda')
        if not os.path.exists(folder + '/manifest.json'): self.python('gen_cda.py', folder)
        with open(folder + '/manifest.json') as file: manifest = json.load(file)
        return sorted(glob.glob(folder + '/*.xml')), manifest

    def limit(self):
        """The C program with the physical limits."""
        source, program = os.path.join(self.generators, 'limit.c'), self.path('limit')
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            subprocess.run(['gcc', '-O3', '-march=native', source, '-lcrypto', '-o', program], check=True)
        return program
