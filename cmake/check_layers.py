#!/usr/bin/env python3
"""Holds the architecture's table against every #include of the tree: check_layers.py [ROOT]; exit 1 names each offence.

A file belongs to the longest folder name below that its path starts with. The tables say what includes what and which
foreign library is seen where; a few words of CAF may be spelled in its vocabulary alone. What is not listed is refused.
"""
import pathlib, re, sys

FOLDERS = {  # folder: what of the project it may include beside itself
    "core": "",
    "monitoring": "core",
    "models/text": "core",
    "models/image": "core models/text",
    "models/printed": "core",
    "models/video": "core models/image",
    "models": "core models/text models/image models/printed models/video",
    "kafka": "core",
    "education": "core",
    "actors": "core monitoring",
    "api": "core monitoring",
    "pipelines": "core monitoring models models/text models/image models/printed models/video kafka education actors api",
    "app": "core monitoring pipelines",
    "tests/support": "core actors",
}
LIBRARIES = {  # library: its headers, the folders that may use it in sources, and those that may in headers too
    "CAF": (r"caf/", "actors pipelines tests/support", "actors pipelines tests/support"),
    "LibTorch": (r"torch/|ATen/|c10/|caffe2/", "models", ""),
    "ICU": (r"unicode/", "models models/text education", ""),
    "JPEG, PNG, WebP and TIFF libraries": (r"jpeglib\.h|jerror\.h|png\.h|webp/|tiff(io)?\.h", "models/image", ""),
    "Tesseract": (r"tesseract/|leptonica/", "models/printed", ""),
    "FFmpeg": (r"libav\w+/|libsw\w+/", "models/video", ""),
    "librdkafka": (r"librdkafka/", "kafka", ""),
    "prometheus-cpp": (r"prometheus/|civetweb\.h|CivetServer\.h", "monitoring", ""),
    "Boost": (r"boost/", "monitoring api", ""),
    "JSON": (r"nlohmann/|simdjson\.h", "monitoring models models/text education api pipelines app", ""),
    "OpenSSL": (r"openssl/", "models models/text education pipelines", ""),
    "hnswlib": (r"hnswlib/", "education", ""),
    "yaml-cpp": (r"yaml-cpp/", "pipelines", ""),
    "libcurl": (r"curl/", "pipelines", ""),
    "CLI11": (r"CLI/", "app", ""),
    "spdlog and fmt": (r"spdlog/|fmt/", "app", ""),
    "GoogleTest": (r"gtest/|gmock/", "tests/support", "tests/support"),
    "operating system": (r"(sys/|linux/|net/|netinet/|arpa/)?\w+\.h$", "!core", "!core"),
}
NOT_IN_CORE = r"thread|mutex|shared_mutex|condition_variable|future|i?o?f?stream|filesystem"
CAF_WORDS = re.compile(
    r"\bself_?\s*(->|\.)\s*(send|request|delegate|delayed_send|mail|state)\b|\bcaf::(anon_send|anon_mail)\b")
CAF_SPOKEN = ("actors/caf_vocabulary.hpp", "tests/support/actor_fixture.hpp")
UNITS = sorted(FOLDERS, key=len, reverse=True)


def unit_of(path):
    return next((u for u in UNITS if path.startswith(u + "/")), path.split("/")[0])


def may_include(user, path, used):
    """Tests of one folder see what that folder sees; tests of the whole, and bench, see everything."""
    if user.startswith(("tests", "bench")) and user != "tests/support":
        subject = unit_of(path.split("/", 1)[1])
        return used.startswith("tests") or subject not in FOLDERS or used in [subject, *FOLDERS[subject].split()] or (
            subject == "models" and used in ("models/text", "models/image", "models/printed", "models/video"))
    return used == user or used in FOLDERS.get(user, "").split()


def may_see(library, user, path):
    _, sources, headers = LIBRARIES[library]
    if user.startswith(("tests", "bench")) and user != "tests/support":
        subject = unit_of(path.split("/", 1)[1])
        free = library in ("GoogleTest", "JSON", "operating system")
        return free or subject not in FOLDERS or subject in sources.split()
    allowed = headers if path.endswith((".hpp", ".h")) else sources
    return user != allowed[1:] if allowed.startswith("!") else user in allowed.split()


def offences(path, text):
    user = unit_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s*(["<])([^">]+)', line):
            quote, name = found.groups()
            library = next((k for k, v in LIBRARIES.items() if re.match(v[0], name)), None)
            if quote == '"':
                if "/" not in name or ".." in name or unit_of(name) not in [*FOLDERS, "tests", "bench"]:
                    yield number, f'"{name}" is not a path from the root of the project'
                elif not may_include(user, path, unit_of(name)):
                    yield number, f"{user} must not include {unit_of(name)} ({name})"
            elif library and not may_see(library, user, path):
                what = "headers" if user in LIBRARIES[library][1].split() else "files"
                yield number, f"{library} is not for {what} of {user} ({name})"
            elif not library and not re.fullmatch(r"[a-z_0-9]+", name):
                yield number, f"<{name}> belongs to no library of cmake/check_layers.py"
            elif user == "core" and re.fullmatch(NOT_IN_CORE, name):
                yield number, f"core has no threads, input or output (<{name}>)"
        elif path not in CAF_SPOKEN and (word := CAF_WORDS.search(line.split("//")[0])):
            yield number, f"'{word.group()}' is spelled in actors/caf_vocabulary.hpp alone: use its words"


def check(root):
    folders = {u.split("/")[0] for u in UNITS} | {"bench", "tests"}
    files = [p for folder in folders for p in (root / folder).rglob("*")]
    for p in sorted(p for p in files if p.suffix in (".hpp", ".cpp", ".h", ".cc", ".cu", ".cuh")):
        path = p.relative_to(root).as_posix()
        for number, what in offences(path, p.read_text(encoding="utf-8")):
            yield f"{path}:{number}: {what}"


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent
    found = list(check(pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else here))
    print("\n".join(found) or "every #include keeps to the table")
    sys.exit(bool(found))
