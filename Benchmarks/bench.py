#!/usr/bin/env python3
"""Measure the product against anchors in the same run, and print every goal as a ratio.

usage: bench.py --bin DIR --inputs DIR --work DIR [--only P3,P4] [--pairs 5] [--out FILE]

Each goal is a ratio of two times taken in turn (A B A B ...), so that a busy machine slows both. A run counts only when its counts are
right: messages, trailers and rows per entity equal what the generator wrote. Inputs come from the generators in --inputs and are kept
in --work. Results are merged into --out by goal.
"""
import argparse, glob, hashlib, json, os, statistics, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import goals
from inputs import Inputs


def commit(root):
    run = lambda *args: subprocess.run(['git', '-C', root, *args], capture_output=True, text=True).stdout.strip()
    return run('rev-parse', '--short=12', 'HEAD') + ('+changes' if run('status', '--porcelain', '--untracked-files=no') else '')


def sha256(path):
    with open(path, 'rb') as file: return hashlib.sha256(file.read()).hexdigest()


def spread(ratios):
    return f'{min(ratios):.2f} to {max(ratios):.2f}'


def show(result):
    verdict = 'met' if result['met'] else 'NOT MET'
    print(f"{result['id']:5} {result['ratio']:7.3f}  [{spread(result['ratios'])}]  goal {result['goal']:22} {verdict:8} {result['title']}")
    for line in result.get('notes', []): print(f'      {line}')
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', required=True), parser.add_argument('--inputs', required=True), parser.add_argument('--work', required=True)
    parser.add_argument('--only', default=''), parser.add_argument('--pairs', type=int, default=5), parser.add_argument('--out', required=True)
    parser.add_argument('--messages', type=int, default=20_000, help='size of a night where the goal needs a store')
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    wanted = [name for name in options.only.split(',') if name] or list(goals.ALL)
    unknown = [name for name in wanted if name not in goals.ALL]
    if unknown: parser.error(f"no such goal: {', '.join(unknown)}; there are {', '.join(goals.ALL)}")
    inputs = Inputs(options.inputs, options.work, root, options.bin, options.messages)
    try:
        with open(options.out) as file: merged = {item['id']: item for item in json.load(file)}
    except (OSError, ValueError): merged = {}
    origin = {'commit': commit(root), 'binary': sha256(os.path.join(options.bin, 'compline-ingest')), 'taken': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}
    for name in wanted:
        result = {'id': name, **goals.ALL[name](inputs, options.pairs), **origin}
        merged[name] = result
        show(result)
        with open(options.out, 'w') as file: json.dump([merged[key] for key in sorted(merged, key=lambda key: int(key[1:]))], file, indent=1)
    return 0 if all(merged[name]['met'] for name in wanted) else 1


if __name__ == '__main__': sys.exit(main())
