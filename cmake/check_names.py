#!/usr/bin/env python3
"""Holds every type's name against all others: two types of one name in one namespace are undefined behaviour where both
are linked into a program (the linker keeps one destructor for both), and no compiler sees it.

    python3 cmake/check_names.py [ROOT]

Says where, and exits with 1, if a name is defined in two files. Types inside of classes and unnamed namespaces are
their own; within one file the compiler looks after it.
"""
import collections
import pathlib
import re
import sys

FOLDERS = ("core", "kafka", "models", "education", "monitoring", "actors", "pipelines", "app", "bench", "tests")
NAMESPACE = re.compile(r"\s*(?:inline\s+)?namespace\s*([\w:]*)\s*\{")
TYPE = re.compile(r"(?:struct|class|union|enum class|enum)\s+(\w+)\s*(?:final\s*)?(?::(?!:)[^;{]*)?(\{|$)")
TEST_PROGRAM = re.compile(r"tests/(?!support/)([^/]+)/")


def without_text(line):
    return re.sub(r'"(?:\\.|[^"\\])*"|//.*', "", line)


def types_of(lines):
    """Yields (qualified name, line number) of each type that is defined at namespace scope."""
    open_namespaces, depth = [], 0
    for number, line in enumerate(lines, 1):
        line = without_text(line)
        namespace = NAMESPACE.match(line)
        if namespace:
            open_namespaces.append((namespace.group(1), depth))
        found = TYPE.match(line)
        if found and depth == len(open_namespaces) and all(name for name, _ in open_namespaces):
            yield "::".join([name for name, _ in open_namespaces] + [found.group(1)]), number
        depth += line.count("{") - line.count("}")
        while open_namespaces and depth <= open_namespaces[-1][1]:
            open_namespaces.pop()


def clashes(files):
    """files: path -> lines. Tests of different folders are different programs."""
    seen = collections.defaultdict(list)
    for path, lines in sorted(files.items()):
        program = TEST_PROGRAM.match(path)
        for name, number in dict(reversed(list(types_of(lines)))).items():
            seen[name].append((program.group(1) if program else "", f"{path}:{number}"))
    for name, places in sorted(seen.items()):
        programs = [program for program, _ in places]
        if len(places) > 1 and ("" in programs or len(set(programs)) < len(programs)):
            yield f"{name} is defined {len(places)} times: " + ", ".join(place for _, place in places)


def main(root):
    files = {}
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.[ch]pp"):
            files[str(path.relative_to(root))] = path.read_text(errors="replace").splitlines()
    found = list(clashes(files))
    for line in found:
        print(line)
    if not found:
        print("every type has a name of its own")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)))
