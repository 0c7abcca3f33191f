#!/usr/bin/env python3
"""Writes what SentencePiece and `transformers` make of the test texts with the models of pieces/, as checksums.

    pip install sentencepiece==0.2.3 transformers==5.24.0
    python make_piece_goldens.py [NAME ...]

piece_tokenizers.json says which model directories there are: the SentencePiece file, what it is called, and the
tokenizer_config.json beside it.
Output, a CRC-32 for every ten cases:
    <name>.pieces.crc   20,000 texts of recipe.json's generator: ids and offsets of SentencePiece itself, each stretch
                        between special tokens on its own, renumbered as the tokenizer does; and the special tokens
    <name>.plain.crc    4,000 texts of words and special tokens: the ids of `transformers` and the text it makes of them
                        (not special tokens for MBart50 and Pegasus: there it leaves a space before them as a piece)
"""
import json
import os
import re
import shutil
import struct
import sys
import tempfile
import zlib

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import normalizers

from make_goldens import HERE, MASK, Random, made_case

CASES, PLAIN_CASES, TOGETHER = 20000, 4000, 10
MBART = ("ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM ne_NP "
         "nl_XX ro_RO ru_RU si_LK tr_TR vi_VN zh_CN").split()
MBART50 = ("af_ZA az_AZ bn_IN fa_IR he_IL hr_HR id_ID ka_GE km_KH mk_MK ml_IN mn_MN mr_IN pl_PL ps_AF pt_XX sv_SE sw_KE "
           "ta_IN te_IN th_TH tl_XX uk_UA ur_PK xh_ZA gl_ES sl_SI").split()


def folder(name, its, target):
    """The model directory."""
    model = os.path.join(HERE, "pieces", its["model"] + ".model")
    shutil.copy(model, os.path.join(target, its["file"]))
    json.dump(its["config"], open(os.path.join(target, "tokenizer_config.json"), "w"))
    if "vocabulary" in its:
        shutil.copy(model, os.path.join(target, "target.spm"))
        shutil.copy(os.path.join(HERE, "pieces", its["vocabulary"] + ".json"), os.path.join(target, "vocab.json"))


def marian_vocabulary():
    """Most of the pieces, in another order, and two languages to translate into."""
    sp = sentencepiece.SentencePieceProcessor(model_file=os.path.join(HERE, "pieces", "unigram.model"))
    pieces = [sp.id_to_piece(k) for k in range(3, sp.get_piece_size()) if k % 17]
    tokens = ["</s>", "<unk>"] + pieces[::-1] + [">>ron<<", ">>fra<<", "<pad>"]
    return {token: id_ for id_, token in enumerate(tokens)}


class Arrangement:
    """What a tokenizer does around SentencePiece, told anew: `special` tokens by text, `id` of a piece, `around` a
    text, `prepare` a stretch."""

    def __init__(self, name, its):
        self.sp = sentencepiece.SentencePieceProcessor(model_file=os.path.join(HERE, "pieces", its["model"] + ".model"))
        size = self.sp.get_piece_size()
        self.shift, self.skipped, head, tail, roles = 0, 0, [], [], []
        config = its["config"]
        self.first_only, self.strips = False, {}
        kind = config["tokenizer_class"].removesuffix("Fast").removesuffix("Tokenizer")
        if kind in ("XLMRoberta", "MBart", "MBart50"):
            head, self.skipped = ["<s>", "<pad>", "</s>", "<unk>"], 3
            tail = {"XLMRoberta": [], "MBart": MBART, "MBart50": MBART + MBART50}[kind] + ["<mask>"]
            roles = head
            if kind != "XLMRoberta":
                self.strips = {"<mask>"}
        elif kind == "T5":
            tail, roles = ["<extra_id_%d>" % k for k in range(99, -1, -1)], ["<pad>", "</s>", "<unk>"]
        elif kind == "Pegasus":
            head, self.skipped = ["<pad>", "</s>", "<mask_1>", "<mask_2>"] + ["<unk_%d>" % k for k in range(2, 103)], 2
            roles = head + ["<unk>"]
        elif kind == "Albert":
            roles = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
        elif kind == "DebertaV2":
            roles, tail = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"], ["[MASK]"]
        elif kind == "Llama":
            roles, self.first_only = ["<unk>", "<s>", "</s>"], not config.get("legacy", False)
        self.kind = kind
        if kind == "Marian":
            self.ids = json.load(open(os.path.join(HERE, "pieces", its["vocabulary"] + ".json")))
            roles = ["</s>", "<unk>", "<pad>"]
            self.codes = [token for token in self.ids if token.startswith(">>")]
        else:
            tokens = head + [self.sp.id_to_piece(k) for k in range(self.skipped, size)] + tail
            self.ids = {token: k for k, token in enumerate(tokens)}
            assert len(self.ids) == len(tokens)
        self.special = {token: self.ids[token] for token in roles + tail}
        names = sorted(self.special, key=len, reverse=True)
        self.split = re.compile("|".join(map(re.escape, names)))
        eos = self.ids.get("</s>")
        self.template = {
            "XLMRoberta": ([0, "A", 2], [0, "A", 2, 2, "B", 2]),
            "T5": (["A", eos], ["A", eos, "B", eos]),
            "Pegasus": (["A", eos], ["A", "B", eos]),
            "Marian": (["A", eos], ["A", "B", eos]),
        }.get(kind)
        if kind in ("MBart", "MBart50"):
            code = self.ids[config["src_lang"]]
            self.template = ((["A", 2, code], ["A", "B", 2, code]) if kind == "MBart"
                             else ([code, "A", 2], [code, "A", "B", 2]))
        elif kind in ("Albert", "DebertaV2"):
            cls, sep = self.ids["[CLS]"], self.ids["[SEP]"]
            self.template = ([cls, "A", sep], [cls, "A", sep, "B", sep])
        elif kind == "Llama":
            bos = [1] if config.get("add_bos_token", True) else []
            end = [2] if config.get("add_eos_token", False) else []
            self.template = (bos + ["A"] + end, bos + ["A"] + end + bos + ["B"] + end)
        if self.first_only:
            model = proto.ModelProto.FromString(self.sp.serialized_model_proto())
            model.normalizer_spec.add_dummy_prefix = model.trainer_spec.treat_whitespace_as_suffix and \
                model.normalizer_spec.add_dummy_prefix
            self.later = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())

    def piece(self, id_):
        unknown = self.unknown()
        return unknown if id_ == self.sp.unk_id() else self.ids.get(self.sp.id_to_piece(id_), unknown)

    def unknown(self):
        return self.ids["[UNK]" if self.kind == "DebertaV2" else "<unk>"]

    def stretch(self, text, begin, out):
        if not text:
            return
        origin = list(range(len(text) + 1))
        if self.kind == "Marian":
            for code in self.codes:
                if text.startswith(code):
                    out.append((self.ids[code], begin, begin + len(code)))
                    return self.stretch(text[len(code):], begin + len(code), out)
        if self.kind == "Albert":
            text, origin = lowered(text)
        sp = self.later if self.first_only and begin else self.sp
        at = [k for k, c in enumerate(text) for _ in c.encode()] + [len(text)]  # by byte: its character
        for each in sp.encode(text, return_type="proto").pieces:
            out.append((self.piece(each.id), begin + origin[at[each.begin]], begin + origin[at[each.end]]))

    def tokens(self, text):
        out, at = [], 0
        for found in self.split.finditer(text):
            begin = found.start()
            if found.group() in self.strips:
                begin = at + len(rstripped(text[at:begin]))
            self.stretch(text[at:begin], at, out)
            out.append((self.special[found.group()], begin, found.end()))
            at = found.end()
        self.stretch(text[at:], at, out)
        return out

    def encode(self, first, second, special):
        parts = {"A": self.tokens(first)}
        if second is not None:
            parts["B"] = self.tokens(second)
        out = []
        for each in self.template[second is not None]:
            if isinstance(each, str):
                out += parts[each]
            elif special:
                out.append((each, 0, 0))
        return [each[0] for each in out], [x for each in out for x in each[1:]]


def rstripped(text):
    while text and (text[-1].isspace() and text[-1] not in "\x1c\x1d\x1e\x1f"):
        text = text[:-1]
    return text


QUOTED = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
PREPARED = normalizers.Sequence(QUOTED + [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])


def lowered(text):
    """ALBERT's preparation; where its characters come from is not told, so that ids alone are compared."""
    text = PREPARED.normalize_str(text)
    return text, [0] * (len(text) + 1)


def plain_text(recipe, special, random):
    words = [word for word in recipe["words"] if word.isascii() and word.isalnum() and word != "York"]
    out = []
    for _ in range(1 + random.below(14)):
        out.append(special[random.below(len(special))] if special and random.below(12) == 0
                   else words[random.below(len(words))])
    return " ".join(out)


def sums(count, cases):
    for k in range(0, count, TOGETHER):
        sum_ = 0
        for number in range(k, k + TOGETHER):
            numbers, text = cases(number)
            sum_ = zlib.crc32(struct.pack("<%di" % len(numbers), *numbers), sum_)
            sum_ = zlib.crc32(text.encode(), sum_)
        yield sum_


def write(name, all_sums):
    with open(os.path.join(HERE, "pieces", name), "w") as out:
        out.writelines("%08x\n" % each for each in all_sums)


def main():
    recipe = json.load(open(os.path.join(HERE, "recipe.json")))
    with open(os.path.join(HERE, "pieces", "marian_vocabulary.json"), "w") as out:
        json.dump(marian_vocabulary(), out, ensure_ascii=True, separators=(",", ":"))
    all_ = json.load(open(os.path.join(HERE, "piece_tokenizers.json")))
    for name, its in all_.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        made = Arrangement(name, its)

        def of_pieces(number):
            first, second, special, _, _ = made_case(recipe, number)
            ids, offsets = made.encode(first, second, special)
            return ids + ([] if made.kind == "Albert" else offsets), ""

        write(name + ".pieces.crc", sums(CASES, of_pieces))
        if not its["class"]:
            continue
        import transformers
        with tempfile.TemporaryDirectory() as target:
            folder(name, its, target)
            reference = getattr(transformers, its["class"]).from_pretrained(target)
        differing = 0

        def of_transformers(number):
            nonlocal differing
            random = Random((number + 1) * 0x9FB21C651E98DF25 & MASK)
            first = plain_text(recipe, its.get("special", []), random)
            second = plain_text(recipe, its.get("special", []), random) if random.below(4) == 0 else None
            ids = reference(first, second).input_ids
            if ids != made.encode(first, second, True)[0]:
                differing += 1
                if differing < 4:
                    print(name, "differs:", repr(first), repr(second), ids, made.encode(first, second, True)[0],
                          reference.convert_ids_to_tokens(ids))
            return ids, reference.decode(ids, skip_special_tokens=True)

        write(name + ".plain.crc", sums(PLAIN_CASES, of_transformers))
        print(name, "differs from transformers in", differing)


if __name__ == "__main__":
    main()
