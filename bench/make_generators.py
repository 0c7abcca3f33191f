#!/usr/bin/env python3
"""Randomly initialised models that write, for measuring: make_generators.py DIRECTORY

    bart, marian            Hugging Face directories in the shapes of facebook/bart-base and Helsinki-NLP/opus-mt-en-de
    bart-ct2, marian-ct2    the same weights for CTranslate2
    sources.jsonl           {"ids"} a line: 256 sources of 8 to 48 tokens

Needs torch, transformers and safetensors, and ctranslate2 for its own. There is no tokenizer: every program is given ids. Words are
made small beside positions, or a text would be one token over and over.
"""
import importlib.util
import json
import os
import random
import sys

import torch
from transformers import BartConfig, BartForConditionalGeneration, GenerationConfig, MarianConfig, MarianMTModel

shapes = {
    "bart": (BartForConditionalGeneration, BartConfig(
        vocab_size=50265, d_model=768, encoder_layers=6, decoder_layers=6, encoder_attention_heads=12,
        decoder_attention_heads=12, encoder_ffn_dim=3072, decoder_ffn_dim=3072, max_position_embeddings=1024,
        normalize_before=False, normalize_embedding=True)),
    "marian": (MarianMTModel, MarianConfig(
        vocab_size=58101, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048, max_position_embeddings=512,
        activation_function="swish", scale_embedding=True, pad_token_id=58100, decoder_start_token_id=58100,
        eos_token_id=0, forced_eos_token_id=0)),
}


def make(name, folder):
    of, config = shapes[name]
    torch.manual_seed(14)
    model = of(config).eval()
    with torch.no_grad():
        model.get_input_embeddings().weight.div_(32)
    # Lengths are what each request says; Marian's start token is never written.
    model.generation_config = GenerationConfig(
        pad_token_id=config.pad_token_id, eos_token_id=config.eos_token_id,
        decoder_start_token_id=config.decoder_start_token_id,
        **({"bos_token_id": config.bos_token_id} if name == "bart" else {"bad_words_ids": [[config.pad_token_id]]}))
    model.save_pretrained(folder)
    return model


def convert(model, folder):
    """What ctranslate2's converter does, without the tokenizer it would ask for the tokens' names."""
    from ctranslate2.converters import transformers as conversion
    config = model.config
    loader = conversion._MODEL_LOADERS[type(config).__name__]
    with torch.no_grad():
        spec = loader.get_model_spec(model)
    marian = config.model_type == "marian"
    names = [f"t{i}" for i in range(config.vocab_size)]
    names[config.eos_token_id] = "</s>"
    loader.set_vocabulary(spec, names[:-1] if marian else names)
    spec.config.bos_token = "<s>" if marian else names[config.bos_token_id]
    spec.config.eos_token = "</s>"
    spec.config.unk_token = names[1 if marian else 3]
    spec.config.decoder_start_token = names[config.eos_token_id if marian else config.decoder_start_token_id]
    spec.validate()
    spec.optimize()
    spec.save(folder)


def main():
    target = sys.argv[1]
    for name in shapes:
        model = make(name, os.path.join(target, name))
        if importlib.util.find_spec("ctranslate2"):
            os.makedirs(os.path.join(target, name + "-ct2"), exist_ok=True)
            convert(model, os.path.join(target, name + "-ct2"))
    draw = random.Random(14)
    with open(os.path.join(target, "sources.jsonl"), "w", encoding="utf-8") as file:
        for _ in range(256):
            ids = [draw.randrange(10, 50000)  # both have them, and none is special
                   for _ in range(draw.randint(8, 48))]
            print(json.dumps({"ids": ids}), file=file)


if __name__ == "__main__":
    main()
