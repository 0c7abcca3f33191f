#!/usr/bin/env python3
"""Trains the small SentencePiece models of pieces/, on texts of recipe.json's generator.

    pip install sentencepiece==0.2.3 protobuf
    python train_pieces.py

One model of each kind is trained; the others are the same pieces under another head, as the tokenizers of
`transformers` expect it. What only training needs is left out, so that the files stay small.
"""
import io
import json
import os

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto

from make_goldens import HERE, MASK, Random, made_text
from train_tokenizers import corpus, frequent

FOLDER = os.path.join(HERE, "pieces")
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

# Replacements like those of nmt_nfkc, of which there are too many to keep: spaces, signs, wide letters, ligatures,
# letters with marks of their own, one that is longer than what it replaces, and one that is nothing.
RULES = [("\t", " "), ("\n", " "), ("\r", " "), ("\u00a0", " "), ("\u3000", " "), ("\u2003", " "), ("\u2028", " "),
         ("\u200b", " "), ("\u1680", " "), ("\ufeff", ""), ("\u0085", ""), ("\u000b", ""), ("\u2026", "..."),
         ("\ufb01", "fi"), ("\u00bd", "1\u20442"), ("\u00b2", "2"), ("\u0132", "IJ"), ("\u33a5", "m3"),
         ("e\u0301", "\u00e9"), ("a\u0300", "\u00e0"), ("e\u0323\u0301", "\u1eb9\u0301"), ("a\u0323\u0301", "x y"),
         ("\u00a8", " \u0308"), ("\u037a", " \u03b9"), ("\u2103", "\u00b0C")]
RULES += [(chr(c), chr(c - 0xfee0)) for c in range(0xff01, 0xff5f)]


def rules_file(path):
    with open(path, "w") as out:
        for old, new in RULES:
            code = lambda text: " ".join("%x" % ord(c) for c in text)
            out.write(code(old) + "\t" + code(new) + "\n")


def trained(texts, **settings):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, num_threads=1, minloglevel=2, hard_vocab_limit=False,
        max_sentence_length=100000, unk_id=0, bos_id=1, eos_id=2, **settings)
    made = proto.ModelProto.FromString(model.getvalue())
    kept = proto.TrainerSpec()
    for field in ("model_type", "vocab_size", "byte_fallback", "treat_whitespace_as_suffix", "unk_id", "bos_id",
                  "eos_id", "pad_id"):
        setattr(kept, field, getattr(made.trainer_spec, field))
    made.trainer_spec.CopyFrom(kept)
    made.normalizer_spec.normalization_rule_tsv = ""
    return made


def with_head(model, *head):
    """The same pieces behind others: (text, kind) each."""
    made = proto.ModelProto.FromString(model.SerializeToString())
    rest = [piece for piece in made.pieces if piece.type not in (UNKNOWN, CONTROL)]
    del made.pieces[:]
    ids = {"unk_id": -1, "bos_id": -1, "eos_id": -1, "pad_id": -1}
    for id_, (text, kind, role) in enumerate(head):
        made.pieces.add(piece=text, score=0, type=kind)
        if role:
            ids[role + "_id"] = id_
            setattr(made.trainer_spec, role + "_piece", text)
    made.pieces.extend(rest)
    for name, id_ in ids.items():
        setattr(made.trainer_spec, name, id_)
    return made


def write(name, model):
    with open(os.path.join(FOLDER, name + ".model"), "wb") as out:
        out.write(model.SerializeToString())


def main():
    os.makedirs(FOLDER, exist_ok=True)
    recipe = json.load(open(os.path.join(HERE, "recipe.json")))
    texts = list(corpus(recipe))
    texts = [text.replace("\0", "") for text in frequent(texts, 400)]
    # Sentences too, so that there are pieces of several words' parts and numbers with commas.
    words = [w for w in recipe["words"] if w.isascii()]
    for number in range(4000):
        random = Random((number + 1) * 0xD1B54A32D192ED03 & MASK)
        texts.append(" ".join(words[random.below(len(words))] for _ in range(4 + random.below(12))))
    rules = os.path.join(FOLDER, "rules.tsv")
    rules_file(rules)
    unigram = trained(texts, model_type="unigram", vocab_size=1500, character_coverage=1.0,
                      normalization_rule_tsv=rules, user_defined_symbols=["<user>", "[A]", "New York"])
    os.remove(rules)
    bpe = trained(texts, model_type="bpe", vocab_size=1200, character_coverage=1.0, byte_fallback=True,
                  normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True,
                  allow_whitespace_only_pieces=True, user_defined_symbols=["<user>", "##"])
    spaces = trained(texts, model_type="bpe", vocab_size=700, character_coverage=1.0,
                     normalization_rule_name="identity", treat_whitespace_as_suffix=True)
    words_apart = trained(texts, model_type="unigram", vocab_size=900, character_coverage=1.0, byte_fallback=True,
                          normalization_rule_name="identity", split_by_whitespace=False, add_dummy_prefix=False)
    for piece in list(bpe.pieces)[600::40]:  # pieces that fall apart again
        if piece.type == NORMAL and len(piece.piece) > 1:
            piece.type = UNUSED
    for piece in list(unigram.pieces)[400::40]:
        if piece.type == NORMAL and len(piece.piece) > 1:
            piece.type = UNUSED
    write("unigram", unigram)
    write("bpe", bpe)
    write("suffix", spaces)
    write("across_words", words_apart)
    write("pad_first", with_head(unigram, ("<pad>", CONTROL, "pad"), ("</s>", CONTROL, "eos"),
                                 ("<unk>", UNKNOWN, "unk")))
    write("albert", with_head(unigram, ("<pad>", CONTROL, "pad"), ("<unk>", UNKNOWN, "unk"),
                              ("[CLS]", CONTROL, "bos"), ("[SEP]", CONTROL, "eos"), ("[MASK]", CONTROL, "")))
    write("deberta", with_head(unigram, ("[PAD]", CONTROL, "pad"), ("[CLS]", CONTROL, "bos"),
                               ("[SEP]", CONTROL, "eos"), ("[UNK]", UNKNOWN, "unk")))


if __name__ == "__main__":
    main()
