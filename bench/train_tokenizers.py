#!/usr/bin/env python3
"""Trains tokenizers of 8,000 tokens on a file's texts, for measuring: train_tokenizers.py DOCUMENTS.jsonl DIRECTORY

    bpe, unigram          tokenizer.json as GPT-2 and XLM-RoBERTa have it
    pieces, pieces_bpe    the same kinds as SentencePiece files (T5's spiece.model, Llama's tokenizer.model)
"""
import json
import os
import sys

import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers


def main():
    texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]

    def place(name, file, **config):
        folder = os.path.join(sys.argv[2], name)
        os.makedirs(folder, exist_ok=True)
        if config:
            json.dump(config, open(os.path.join(folder, "tokenizer_config.json"), "w"))
        return os.path.join(folder, file)

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.post_processor = processors.ByteLevel(trim_offsets=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=8000, show_progress=False,
                                                       initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    bpe.save(place("bpe", "tokenizer.json"))

    for name, file, config, settings in (
            ("pieces", "spiece.model", dict(tokenizer_class="T5Tokenizer"),
             dict(model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)),
            ("pieces_bpe", "tokenizer.model", dict(tokenizer_class="LlamaTokenizer"),
             dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity"))):
        path = place(name, file, **config)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_prefix=path + ".made", vocab_size=8000, hard_vocab_limit=False,
            num_threads=1, minloglevel=2, max_sentence_length=100000, **settings)
        os.replace(path + ".made.model", path)
        os.remove(path + ".made.vocab")

    trained = sentencepiece.SentencePieceProcessor(model_file=os.path.join(sys.argv[2], "pieces", "spiece.model"))
    pieces = [(trained.id_to_piece(k), trained.get_score(k)) for k in range(trained.get_piece_size())]
    unigram = Tokenizer(models.Unigram(pieces, unk_id=2))
    unigram.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(),
                                               normalizers.Replace(" {2,}", " ")])
    unigram.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    unigram.decoder = decoders.Metaspace()
    unigram.save(place("unigram", "tokenizer.json"))


if __name__ == "__main__":
    main()
