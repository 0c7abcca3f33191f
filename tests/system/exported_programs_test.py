#!/usr/bin/env python3
"""The program serves what was exported from PyTorch: exported_programs_test.py PROGRAM GOLDENS torchscript|compiled

torchscript needs nothing but the goldens. compiled makes packages of AOTInductor first, for which it needs a C++
compiler and a Python with transformers and the PyTorch that the program is linked with: CHALK_TRANSFORMERS, or the one
that runs this; without, the test is skipped (exit status 77). Packages must answer as the goldens' TorchScript does.
"""
import json, os, pathlib, shutil, subprocess, sys, tempfile, zipfile

python = os.environ.get("CHALK_TRANSFORMERS")
if python and sys.argv[3] == "compiled":
    del os.environ["CHALK_TRANSFORMERS"]
    os.execv(python, [python, *sys.argv])

program, goldens, kind = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3]
TASKS = {"embeddings": "embed", "token_states": "embed", "classes": "classify", "scores": "score", "tokens": "tag",
         "span": "span"}
TEXTS = ["the river is water", "light makes energy", "a", "water cuts the valley " * 6, "what pulls the moon"] * 5
LINES = "".join(json.dumps({"id": i, "text": text, "pair": "the moon pulls the water"}) + "\n"
                for i, text in enumerate(TEXTS))
failed = 0


def check(what, good):
    global failed
    print(("ok: " if good else "FAILED: ") + what)
    failed |= not good


def run(*words, **more):
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, **more)


def infer(model, task, *words):
    lines = LINES if task in ("classify", "span") else "".join(
        json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(TEXTS))
    return run("infer", "--model", model, "--task", task, *words, input=lines)


def refusal(model, task):
    done = infer(model, task, "--allow-code")
    return done.stderr if done.returncode in (1, 2) else f"exit status {done.returncode}"


def numbers(value):
    if isinstance(value, (list, dict)):
        return [x for each in (value.values() if isinstance(value, dict) else value) for x in numbers(each)]
    return [value] if isinstance(value, (int, float)) else []


def words(value):
    if isinstance(value, (list, dict)):
        return [x for each in (value.values() if isinstance(value, dict) else value) for x in words(each)]
    return [value] if isinstance(value, str) else []


def copied(folder, name, source):
    to = folder / f"{source.parent.name}-{name}"
    shutil.copytree(source, to)
    shutil.copy(goldens / "words" / "tokenizer.json", to)
    return to


def configured(folder, model, more=""):
    file = folder / "serve.yaml"
    file.write_text(f"kafka: {{brokers: embedded}}\nmonitoring: {{listen: 'off'}}\nstate_dir: {folder}/state\n"
                    f"models: {{m: {{path: {model}{more}}}}}\n"
                    "pipelines: {vectors: {kind: embedding, from: in, to: out, model: m}}\n")
    return file


def edited(package, change):
    """The archive with each entry's bytes passed through `change`."""
    with zipfile.ZipFile(package) as given:
        entries = [(zipfile.ZipInfo(e.filename), change(e.filename, given.read(e))) for e in given.infolist()]
    package.unlink()
    with zipfile.ZipFile(package, "w") as made:
        for entry, content in entries:
            made.writestr(entry, content)


def replaced(file, old, new):
    assert old in file.read_text(), f"{file} has no {old}"
    file.write_text(file.read_text().replace(old, new))


def test_torchscript(folder):
    for name, task in TASKS.items():
        model = copied(folder, name, goldens / "exported" / name)
        refused = infer(model, task)
        check(f"{name}: is not run unasked", refused.returncode in (1, 2) and "--allow-code" in refused.stderr)
        done = infer(model, task, "--allow-code")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        check(f"{name}: infer --task {task} answers every line", done.returncode == 0 and len(answers) == len(TEXTS)
              and not any("error" in answer for answer in answers))
    model = folder / "exported-embeddings"
    done = run("check", "--config", configured(folder, model))
    check("check says that the configuration must allow code",
          done.returncode == 2 and "allow_code: true" in done.stderr)
    done = run("check", "--config", configured(folder, model, ", allow_code: true"))
    check("and is content when it does", done.returncode == 0)
    replaced(model / "model.yaml", "holds:", "hold:")
    done = run("check", "--config", configured(folder, model, ", allow_code: true"))
    check("check names model.yaml's line and what was meant",
          done.returncode == 2 and "model.yaml:7:3: unknown key 'hold' in output; did you mean 'holds'?" in done.stderr)


def test_compiled(folder, torch):
    maker = goldens / "make_exported_goldens.py"
    made = subprocess.run([sys.executable, maker, "--compile", folder / "compiled", "--only", "token_states", "span"],
                          capture_output=True, text=True)
    check("AOTInductor compiles the models" + ("" if made.returncode == 0 else ": " + made.stderr[-2000:]),
          made.returncode == 0)
    for name in ("token_states", "span"):
        model, script = (copied(folder, name, parent / name) for parent in (folder / "compiled", goldens / "exported"))
        wanted, done = (infer(each, TASKS[name], "--allow-code").stdout.splitlines() for each in (script, model))
        wanted, done = map(json.loads, wanted), map(json.loads, done)
        pairs = list(zip(wanted, done))
        worst = max(abs(a - b) for one, other in pairs for a, b in zip(numbers(one), numbers(other), strict=True))
        check(f"{name}: answers as its TorchScript does (within {worst:.1e})", len(pairs) == len(TEXTS) and worst < 1e-5
              and all(words(one) == words(other) for one, other in pairs))
    model = folder / "compiled-token_states"
    whole = folder / "whole.pt2"
    shutil.copy(model / "model.pt2", whole)
    described = (model / "model.yaml").read_text()
    for old, new, meant in (("{dtype: int64}", "{dtype: int32}", "dtypes"), ("vocabulary: 97", "vocabulary: 98", "tables"),
                            ("max_tokens: 40", "max_tokens: 41", "sizes"), ("  token_type_ids:\n", "", "takes 3"),
                            ("key: states", "key: hidden", "no output 'hidden'")):
        replaced(model / "model.yaml", old, new)
        check(f"{new.strip() or old.strip() + ' missing'}: refused, and why", meant in refusal(model, "embed"))
        (model / "model.yaml").write_text(described)
    for old, new, meant in ((b"x86_64", b"riscv9", "was compiled for a processor of the kind riscv9"),
                            (b'"AOTI_CPU_ISA": "', b'"AOTI_CPU_ISA": "AVX9000 ', "AVX9000"),
                            (b'"cpu"', b'"cuda"', "was compiled for the device 'cuda'")):
        edited(model / "model.pt2",
               lambda name, content: content.replace(old, new) if name.endswith("_metadata.json") else content)
        check(f"a package {meant}: refused before its code is loaded", meant in refusal(model, "embed"))
        shutil.copy(whole, model / "model.pt2")
    edited(model / "model.pt2",
           lambda name, content: content.replace(b"aoti_torch_get_dtype\0", b"aoti_torch_got_dtype\0"))
    check("a package for another LibTorch: refused", "was it compiled by PyTorch" in refusal(model, "embed"))
    (model / "model.pt2").write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
    check("half a package: refused", "zip archive" in refusal(model, "embed"))
    plain = torch.export.export(torch.nn.Linear(2, 2), (torch.zeros(3, 2),))
    torch.export.save(plain, str(model / "model.pt2"))
    check("a program that was not compiled: the command that compiles it",
          "torch._inductor.aoti_compile_and_package(torch.export.load('model.pt2')" in refusal(model, "embed"))
    torch.save(torch.nn.Linear(2, 2).state_dict(), str(model / "model.pt2"))
    check("pickled weights: never read", "pickled objects (torch.save), which are never read" in refusal(model, "embed"))


with tempfile.TemporaryDirectory() as name:
    if kind == "torchscript":
        test_torchscript(pathlib.Path(name))
        sys.exit(failed)
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import torch, transformers
    except ImportError as missing:
        print(f"skipped: {missing}; name a Python with torch and transformers by CHALK_TRANSFORMERS")
        sys.exit(77)
    linked = run("--version").stdout.split("LibTorch ")[-1].split(")")[0]
    if torch.__version__.split("+")[0] != linked or not shutil.which("g++"):
        print(f"skipped: needs g++ and PyTorch {linked}, which the program is linked with; this is {torch.__version__}")
        sys.exit(77)
    test_compiled(pathlib.Path(name), torch)
sys.exit(failed)
