#!/usr/bin/env python3
"""Greedy decoding beside transformers and CTranslate2, in interleaved rounds: generation_rounds.py DIRECTORY

DIRECTORY is what make_generators.py made. Every program keeps its model loaded and is asked in turn, one at a time; the
order rotates. Same sources, same number of tokens for each, the same threads. With two threads our program and
`ct2-workers` write two batches side by side, a thread each; `ct2` and `hf` share one batch between the threads. Prints
JSON lines for report.py; "same" is how many texts are token for token those of transformers.
"""
import argparse
import json
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("directory")
parser.add_argument("--models", default="bart,marian")
parser.add_argument("--batches", default="1,8,32")
parser.add_argument("--threads", default="1,2")
parser.add_argument("--tokens", type=int, default=32)
parser.add_argument("--device", default="cpu")
parser.add_argument("--without", default="", help="names of programs to leave out: ct2")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--first-round", type=int, default=1)
parser.add_argument("--bench", default=os.path.join(here, "..", "build", "bench", "generation_bench"))
args = parser.parse_args()
numbers = lambda text: [int(x) for x in text.split(",")]


class peer:
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "HF_HUB_OFFLINE": "1"})

    def ask(self, **wanted):
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("a program ended before it had answered")
        return json.loads(answer)


def programs(model):
    sources = os.path.join(args.directory, "sources.jsonl")
    directory = os.path.join(args.directory, model)
    python = os.path.join(here, "generation_peers.py")
    commands = {"chalkstream": (args.bench, directory, sources, args.device),
                "hf": (sys.executable, python, "hf", directory, sources, args.device),
                "ct2": (sys.executable, python, "ct2", directory + "-ct2", sources, args.device)}
    return {name: peer(*command) for name, command in commands.items() if name not in args.without.split(",")}


def ask(of, name, **wanted):
    if name == "ct2-workers":
        wanted["workers"] = wanted["threads"]
    return of[name.removesuffix("-workers")].ask(**wanted)


for model in args.models.split(","):
    of = programs(model)
    for threads in numbers(args.threads):
        names = list(of) + (["ct2-workers"] if threads > 1 and "ct2" in of else [])
        for name in names:  # buffers and threads are there before anything counts
            ask(of, name, batch=32, threads=threads, count=32 * threads, tokens=8)
        for turn in range(args.rounds):
            for batch in numbers(args.batches):
                count = threads * max(4, min(2 * batch, 64))
                answers = {}
                for i in range(len(names)):
                    name = names[(turn + i) % len(names)]
                    answers[name] = ask(of, name, batch=batch, threads=threads, count=count, tokens=args.tokens)
                for name, answer in answers.items():
                    same = sum(a == b for a, b in zip(answer["ids"], answers["hf"]["ids"]))
                    written = sum(map(len, answer["ids"]))
                    print(json.dumps({
                        "bench": "generation", "round": args.first_round + turn,
                        "name": f"{name} {model} b{batch} t{threads}", "texts": len(answer["ids"]), "same": same,
                        "tokens_per_s": round(written / answer["seconds"], 2),
                        "tokens_per_cpu_s": round(written / answer["cpu_s"], 2)}), flush=True)
    for each in of.values():
        each.process.stdin.close()
        each.process.wait()
