#!/usr/bin/env python3
"""Trains the small tokenizers of trained.json, on texts of recipe.json's generator.

    pip install tokenizers==0.23.3
    python train_tokenizers.py

trained.json holds the models once and tokenizers that are made of them: "model" of a tokenizer names the model it is
"of", and what of it is different. make_goldens.py and golden_test.cpp put the two together.
"""
import collections
import json
import os
import unicodedata

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from charsmap import charsmap, rules_like_nmt_nfkc
from make_goldens import HERE, MASK, Random, made_text

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN = LLAMA3.replace("{1,3}", "")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def corpus(recipe, count=6000):
    for number in range(count):
        yield made_text(recipe, Random((number + 1) * 0x9E3779B97F4A7C15 & MASK))


def frequent(texts, count):
    """The texts' `count` most frequent characters, in their compatibility forms; the rest is left out."""
    texts = [unicodedata.normalize("NFKC", text) for text in texts]
    kept = {c for c, _ in collections.Counter("".join(texts)).most_common(count)}
    return ["".join(c for c in text if c in kept) for text in texts]


def trained(model, trainer, texts, normalizer=None, pre_tokenizer=None):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [[token, round(score, 6)] for token, score in model["vocab"]]
    return model


def train_models(recipe):
    texts = list(corpus(recipe))
    latin = [text for text in texts if len(text.encode()) < len(text) * 1.2]
    bytes_ = ["<0x%02X>" % byte for byte in range(256)]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    marked = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    spaced = pre_tokenizers.Metaspace()
    bpe, unigram = trainers.BpeTrainer, trainers.UnigramTrainer
    made = {
        "bytes": trained(models.BPE(), bpe(vocab_size=1400, show_progress=False, special_tokens=["<|end|>"],
                                           initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
                         texts, None, byte_level),
        "fallback": trained(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                            bpe(vocab_size=900, show_progress=False, limit_alphabet=300,
                                special_tokens=["<unk>", "<s>", "</s>"] + bytes_), texts, marked),
        "suffix": trained(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"),
                          bpe(vocab_size=700, show_progress=False, limit_alphabet=120, end_of_word_suffix="</w>",
                              special_tokens=["<unk>"]), latin, None, pre_tokenizers.Whitespace()),
        "prefix": trained(models.BPE(continuing_subword_prefix="##"),
                          bpe(vocab_size=700, show_progress=False, limit_alphabet=120,
                              continuing_subword_prefix="##"), latin, None, pre_tokenizers.Whitespace()),
        "pieces": trained(models.Unigram(), unigram(vocab_size=1600, show_progress=False, unk_token="<unk>",
                                                    special_tokens=["<s>", "<pad>", "</s>", "<unk>"]),
                          frequent(texts, 700), None, spaced),
        "byte_pieces": trained(models.Unigram(), unigram(vocab_size=1000, show_progress=False, unk_token="<unk>",
                                                         special_tokens=["<unk>", "<s>"] + bytes_),
                               frequent(latin, 200), None, spaced),
    }
    made["byte_pieces"]["byte_fallback"] = True
    made["fallback"]["merges"] = [" ".join(pair) for pair in made["fallback"]["merges"]]  # both forms are out there
    return made


def token(content, id_, special=True, **flags):
    made = dict(id=id_, content=content, single_word=False, lstrip=False, rstrip=False, normalized=False,
                special=special)
    made.update(flags)
    return made


def template(cls, cls_id, sep, sep_id):
    piece = lambda key, name, type_id=0: {key: {"id": name, "type_id": type_id}}
    single = [piece("SpecialToken", cls), piece("Sequence", "A"), piece("SpecialToken", sep)]
    return {"type": "TemplateProcessing", "single": single,
            "pair": single + [piece("Sequence", "B", 1), piece("SpecialToken", sep, 1)],
            "special_tokens": {name: {"id": name, "ids": [id_], "tokens": [name]}
                               for name, id_ in ((cls, cls_id), (sep, sep_id))}}


def byte_level(prefix=False, trim=True, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": regex}


def metaspace(scheme="always", split=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def replace(pattern, content, kind="Regex"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def sequence(key, *parts):
    return {"type": "Sequence", key: list(parts)}


def tokenizer(model, tokens, normalizer=None, pre=None, post=None, decoder=None, **different):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer,
            "pre_tokenizer": pre, "post_processor": post, "decoder": decoder, "model": dict(of=model, **different)}


def make_tokenizers(made, recipe):
    end = len(made["bytes"]["vocab"])
    plain = {"type": "NFKC"}
    ends = [token("<|end|>", 0), token("<|start|>", end), token("<mask>", end + 1, lstrip=True),
            token("New York", end + 2, special=False, normalized=True)]
    roberta = dict(sep=["<|end|>", 0], cls=["<|start|>", end])
    of_llama = sequence("pretokenizers", split(LLAMA3), byte_level(regex=False))
    pieces = len(made["pieces"]["vocab"])
    tokens = [each for each, _ in made["pieces"]["vocab"]]
    ent = tokens.index("<ent>") if "<ent>" in tokens else pieces + 1  # what a model has keeps its id
    names = [token("<s>", 0), token("<pad>", 1), token("</s>", 2), token("<unk>", 3),
             token("<mask>", pieces, lstrip=True), token("<ent>", ent, False, normalized=True, rstrip=True)]
    fall = [token("<unk>", 0), token("<s>", 1), token("</s>", 2)]
    mapped = {"type": "Precompiled", "precompiled_charsmap": charsmap(rules_like_nmt_nfkc(recipe["pools"]))}
    eos = template("<s>", 0, "</s>", 2)
    simple = lambda kind: {"type": kind}
    undo = sequence("decoders", replace("▁", " ", "String"), simple("ByteFallback"), simple("Fuse"),
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "gpt2": tokenizer("bytes", ends, None, byte_level(), byte_level(), byte_level()),
        "llama3": tokenizer("bytes", ends, None, of_llama,
                            sequence("processors", byte_level(True), template("<|start|>", end, "<|end|>", 0)),
                            byte_level(), ignore_merges=True),
        "xlm_roberta": tokenizer("pieces", names, sequence("normalizers", mapped, replace(" {2,}", " ")),
                                 sequence("pretokenizers", simple("WhitespaceSplit"), metaspace()), eos,
                                 metaspace()),
        "roberta": tokenizer("bytes", ends, None, byte_level(True),
                             dict(type="RobertaProcessing", trim_offsets=True, add_prefix_space=True, **roberta),
                             byte_level()),
        "bart": tokenizer("bytes", ends, None, byte_level(),
                          dict(type="RobertaProcessing", trim_offsets=True, add_prefix_space=False, **roberta),
                          byte_level()),
        "qwen2": tokenizer("bytes", ends, simple("NFC"),
                           sequence("pretokenizers", split(QWEN), byte_level(trim=False, regex=False)),
                           byte_level(trim=False, regex=False), byte_level()),
        "o200k": tokenizer("bytes", ends[:1], None,
                           sequence("pretokenizers", split(O200K), byte_level(regex=False)), byte_level(True),
                           byte_level()),
        "clip": tokenizer("bytes", ends, sequence("normalizers", simple("NFC"), replace(r"\s+", " "),
                                                  simple("Lowercase")),
                          sequence("pretokenizers", split(CLIP, "Removed", True), byte_level(regex=False)),
                          dict(type="RobertaProcessing", trim_offsets=False, add_prefix_space=False, **roberta),
                          byte_level()),
        "starcoder": tokenizer("bytes", ends[:1], None, sequence("pretokenizers", {
            "type": "Digits", "individual_digits": True}, byte_level()), None, byte_level()),
        "byte_normalizer": tokenizer("bytes", ends[:1], simple("ByteLevel"), split("Ġ", "MergedWithNext", False,
                                                                                   "String"),
                                     byte_level(), byte_level()),
        "t5": tokenizer("pieces", names[:4], sequence("normalizers", simple("Nmt"), simple("NFKC"),
                                                      replace(" {2,}", " ")), metaspace(), eos, metaspace()),
        "albert": tokenizer("pieces", names, sequence(
            "normalizers", replace("``", "\"", "String"), replace("''", "\"", "String"), simple("NFKD"),
            simple("StripAccents"), simple("Lowercase"), mapped), metaspace(), eos, metaspace()),
        "stripped_pieces": tokenizer("pieces", names, sequence("normalizers", mapped, {
            "type": "Strip", "strip_left": False, "strip_right": True}, replace(" {2,}", "▁")),
            metaspace("first", False), eos, metaspace("first")),
        "pieces_with_bytes": tokenizer("byte_pieces", [token("<unk>", 0), token("<s>", 1)], {
            "type": "Strip", "strip_left": True, "strip_right": True}, metaspace("never"), byte_level(),
            sequence("decoders", simple("ByteFallback"), metaspace("never"))),
        "llama2": tokenizer("fallback", fall, sequence("normalizers", {"type": "Prepend", "prepend": "▁"},
                                                       replace(" ", "▁", "String")), None,
                            template("<s>", 1, "</s>", 2), undo),
        "gemma": tokenizer("fallback", fall, replace(" ", "▁", "String"),
                           split(" ", "MergedWithPrevious", False, "String"), None, undo),
        "half_fallback": tokenizer("fallback", fall, plain, sequence(
            "pretokenizers", {"type": "Digits", "individual_digits": False},
            {"type": "CharDelimiterSplit", "delimiter": "e"}, {"type": "Punctuation", "behavior": "Contiguous"}),
            None, simple("Fuse"), byte_fallback=False, fuse_unk=False),
        "scripts": tokenizer("pieces", names[:4], None, sequence(
            "pretokenizers", simple("UnicodeScripts"), {"type": "FixedLength", "length": 7}), None, simple("Fuse")),
        "suffix": tokenizer("suffix", [token("<unk>", 0)], simple("Lowercase"), simple("Whitespace"), None,
                            {"type": "BPEDecoder", "suffix": "</w>"}),
        "prefix": tokenizer("prefix", [], None, sequence(
            "pretokenizers", split(r"\s+", "Removed"), split(r"\p{P}|\d{2}", "MergedWithPrevious"),
            split("[aeiou]+", "Contiguous", True)), None, {"type": "WordPiece", "prefix": "##", "cleanup": True}),
        "ctc": tokenizer("prefix", [], None, split("[^a-z]", "MergedWithNext", True), None, {
            "type": "CTC", "pad_token": "e", "word_delimiter_token": "t", "cleanup": True}),
    }


def main():
    recipe = json.load(open(os.path.join(HERE, "recipe.json")))
    made = train_models(recipe)
    for_file = {"models": made, "tokenizers": make_tokenizers(made, recipe)}
    with open(os.path.join(HERE, "trained.json"), "w") as out:
        json.dump(for_file, out, ensure_ascii=True, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main()
