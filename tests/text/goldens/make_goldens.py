#!/usr/bin/env python3
"""Writes what Hugging Face `tokenizers` makes of the test texts, as checksums.

    pip install tokenizers==0.23.3
    python make_goldens.py [MINILM_DIRECTORY]      (a directory with MiniLM's tokenizer.json; without it, only what
                                                    the trained tokenizers make is written)

The texts come from recipe.json: hand-picked ones, and ones made by a generator so small that golden_test.cpp has it
too. variants.json holds tokenizers of our own, all with the vocabulary of vocabulary.txt, which this script writes;
trained.json holds those that train_tokenizers.py made.
Output, all of it in this folder:
    vocabulary.txt      the variants' vocabulary, a token a line
    <model>.crc         a CRC-32 for every case: ids, types, offsets, truncated; line k is case k
    <model>.decode.crc  for the trained ones: a CRC-32 of the text made of a case's tokens, and of ids by chance
    code_points.crc     for every block of 256 code points: all normalizers and pre-tokenizers over "a<cp>b", and
                        MiniLM's encoding of it
"""
import json
import os
import struct
import sys
import unicodedata
import zlib

from tokenizers import Tokenizer, normalizers, pre_tokenizers

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
STRATEGIES = [None, "longest_first", "only_first", "only_second"]


class Random:
    """splitmix64; golden_test.cpp has the same."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


def made_text(recipe, random):
    out = []
    for _ in range(random.below(24)):
        kind = random.below(100)
        if kind < 35:
            out.append(recipe["words"][random.below(len(recipe["words"]))])
        elif kind < 50:
            out.append(recipe["spaces"][random.below(len(recipe["spaces"]))])
        else:
            pool = recipe["pools"][random.below(len(recipe["pools"]))]
            length = 1 + random.below(6)
            if random.below(300) == 0:
                length = 90 + random.below(30)
            if random.below(4000) == 0:
                length = 3000
            for _ in range(length):
                first, last = pool[random.below(len(pool))]
                out.append(chr(first + random.below(last - first + 1)))
        if random.below(2) == 0:
            out.append(" ")
    return "".join(out)


def made_case(recipe, number):
    """Case `number`: (first, second or None, special tokens?, strategy, max tokens)."""
    random = Random(number * 0x2545F4914F6CDD1D & MASK)
    picked = recipe["picked"]
    first = picked[number] if number < len(picked) else made_text(recipe, random)
    second = None
    if random.below(10) < 3:
        second = made_text(recipe, random)
    special = random.below(10) < 8
    strategy, longest = 0, 0
    if random.below(10) < 4:
        strategy, longest = 1 + random.below(3), 4 + random.below(60)
    return first, second, special, strategy, longest


def checksum(tokenizer, case):
    first, second, special, strategy, longest = case
    if strategy:
        tokenizer.enable_truncation(longest, strategy=STRATEGIES[strategy])
    else:
        tokenizer.no_truncation()
    try:
        made = tokenizer.encode(first, second, add_special_tokens=special)
    except Exception:  # the text that should give way is too short, or not there
        return zlib.crc32(b"error")
    numbers = made.ids + made.type_ids + [x for pair in made.offsets for x in pair] + [int(bool(made.overflowing))]
    return zlib.crc32(struct.pack("<%di" % len(numbers), *numbers))


def decode_checksum(tokenizer, case, number, ids):
    tokenizer.no_truncation()
    random = Random(number * 0x94D049BB133111EB & MASK)
    skip = random.below(2) == 0
    by_chance = [random.below(ids + 3) for _ in range(random.below(12))]
    of_text = tokenizer.encode(case[0], case[1]).ids
    texts = (tokenizer.decode(each, skip_special_tokens=skip) for each in (of_text, by_chance))
    return zlib.crc32("\n".join(texts).encode())


def trained_tokenizers():
    """(name, tokenizer, whether it stands for a kind of its own) of trained.json."""
    trained = json.load(open(os.path.join(HERE, "trained.json")))
    for number, (name, file) in enumerate(trained["tokenizers"].items()):
        different = file["model"]
        file["model"] = dict(trained["models"][different.pop("of")], **different)
        yield name, Tokenizer.from_str(json.dumps(file)), number < 3


def make_vocabulary(recipe):
    """Whole words, and every character of the generator's pools as it is and in its normal forms."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for word in recipe["words"]:
        for form in (word, word.lower()):
            tokens += [form, form[:4], "##" + form[2:], "##" + form[-3:], "##" + form[1:3]]
    characters = [chr(c) for c in range(0x21, 0x7F)]
    for pool in recipe["pools"]:
        for first, last in pool:
            characters += [chr(c) for c in range(first, last + 1)][:96]
    for c in characters:
        for form in (c, c.lower(), unicodedata.normalize("NFD", c), unicodedata.normalize("NFKC", c).lower()):
            tokens += [form, "##" + form]
    kept = {}
    for token in tokens:
        if token and "\n" not in token and "\r" not in token and token not in kept:
            kept[token] = len(kept)
    return kept


def block_checksum(parts, cps):
    sums = 0
    components, minilm = parts
    for cp in cps:
        text = "a" + chr(cp) + "b"
        for component in components:
            if isinstance(component, normalizers.Normalizer):
                sums = zlib.crc32(component.normalize_str(text).encode() + b"\n", sums)
            else:
                spans = [x for _, span in component.pre_tokenize_str(text) for x in span]
                sums = zlib.crc32(struct.pack("<%di" % len(spans), *spans) + b"\n", sums)
        made = minilm.encode(text)
        numbers = made.ids + [x for pair in made.offsets for x in pair]
        sums = zlib.crc32(struct.pack("<%di" % len(numbers), *numbers), sums)
    return sums


def write(name, sums):
    with open(os.path.join(HERE, name), "w") as out:
        out.writelines("%08x\n" % each for each in sums)


def write_bert(recipe, directory):
    minilm = Tokenizer.from_file(os.path.join(directory, "tokenizer.json"))
    minilm.no_padding()
    write("minilm.crc", (checksum(minilm, made_case(recipe, n)) for n in range(recipe["minilm_cases"])))

    vocabulary = make_vocabulary(recipe)
    with open(os.path.join(HERE, "vocabulary.txt"), "w", newline="\n") as out:
        out.writelines(token + "\n" for token in vocabulary)
    for name, variant in json.load(open(os.path.join(HERE, "variants.json"))).items():
        if "vocab" not in variant["model"]:
            variant["model"]["vocab"] = vocabulary
        tokenizer = Tokenizer.from_str(json.dumps(variant))
        write(name + ".crc", (checksum(tokenizer, made_case(recipe, n)) for n in range(recipe["variant_cases"])))

    minilm.no_truncation()
    bert = normalizers.BertNormalizer
    components = [
        bert(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True),
        bert(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False),
        normalizers.Lowercase(), normalizers.StripAccents(),
        normalizers.NFD(), normalizers.NFKD(), normalizers.NFC(), normalizers.NFKC(),
        pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Whitespace(), pre_tokenizers.WhitespaceSplit(),
        pre_tokenizers.Punctuation(),
    ]
    blocks = (range(low, low + 256) for low in range(0, 0x110000, 256) if not 0xD800 <= low < 0xE000)
    write("code_points.crc", (block_checksum((components, minilm), cps) for cps in blocks))


def main():
    recipe = json.load(open(os.path.join(HERE, "recipe.json")))
    for name, tokenizer, is_main in trained_tokenizers():
        cases = [made_case(recipe, n) for n in range(recipe["minilm_cases" if is_main else "variant_cases"])]
        write(name + ".crc", (checksum(tokenizer, case) for case in cases))
        write(name + ".decode.crc", (decode_checksum(tokenizer, case, n, tokenizer.get_vocab_size())
                                     for n, case in enumerate(cases[:recipe["variant_cases"]])))

    if len(sys.argv) > 1:
        write_bert(recipe, sys.argv[1])


if __name__ == "__main__":
    main()
