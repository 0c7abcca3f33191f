#!/usr/bin/env python3
"""A BERT with random weights in any shape, for measuring: random_bert.py FOLDER TOKENIZER [LAYERS] [WIDTH]

Without a layer count it has BERT-base's shape (12 layers, width 768, 110 million weights, 440 MB). The tokenizer, and with it the
vocabulary, is that of the directory TOKENIZER. Needs nothing but Python: weights are floats of random sign between 1/64
and 1/32, whose deviation is that of BERT's own beginning.
"""
import json
import os
import random
import shutil
import struct
import sys


def shapes(vocabulary, layers, width):
    """Names and shapes as Hugging Face has them; what is called LayerNorm becomes ones and zeros, other biases zeros."""
    found = {"embeddings.word_embeddings.weight": (vocabulary, width),
             "embeddings.position_embeddings.weight": (512, width),
             "embeddings.token_type_embeddings.weight": (2, width)}

    def add(name, *shape):
        found[name + ".weight"] = shape
        found[name + ".bias"] = shape[:1]
    add("embeddings.LayerNorm", width)
    for i in range(layers):
        layer = f"encoder.layer.{i}."
        for part in ("query", "key", "value"):
            add(f"{layer}attention.self.{part}", width, width)
        add(layer + "attention.output.dense", width, width)
        add(layer + "attention.output.LayerNorm", width)
        add(layer + "intermediate.dense", 4 * width, width)
        add(layer + "output.dense", width, 4 * width)
        add(layer + "output.LayerNorm", width)
    return found


def values(name, count, draw):
    if name.endswith(".bias"):
        return bytes(4 * count)
    if "LayerNorm" in name:
        return struct.pack("<f", 1.0) * count
    bits = int.from_bytes(draw.randbytes(4 * count), "little")
    keep = int.from_bytes(struct.pack("<I", 0x807FFFFF) * count, "little")  # the sign and the fraction
    scale = int.from_bytes(struct.pack("<I", 0x3C800000) * count, "little")  # 2^-6
    return (bits & keep | scale).to_bytes(4 * count, "little")


def make(folder, tokenizer, layers=12, width=768):
    os.makedirs(folder, exist_ok=True)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        if os.path.exists(os.path.join(tokenizer, file)):
            shutil.copy(os.path.join(tokenizer, file), folder)
    with open(os.path.join(tokenizer, "config.json"), encoding="utf-8") as file:
        vocabulary = json.load(file)["vocab_size"]
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as out:
        json.dump({"architectures": ["BertModel"], "model_type": "bert", "vocab_size": vocabulary, "hidden_size": width,
                   "num_hidden_layers": layers, "num_attention_heads": max(1, width // 64), "intermediate_size": 4 * width,
                   "hidden_act": "gelu", "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
                   "pad_token_id": 0, "position_embedding_type": "absolute"}, out)
    wanted, header, end = shapes(vocabulary, layers, width), {}, 0
    for name, shape in wanted.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    draw = random.Random(1)
    with open(os.path.join(folder, "model.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in wanted:
            begin, end = header[name]["data_offsets"]
            out.write(values(name, (end - begin) // 4, draw))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    make(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:5]))
