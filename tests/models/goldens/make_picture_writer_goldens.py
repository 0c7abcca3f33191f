#!/usr/bin/env python3
"""Tiny models that write to pictures, and the logits Hugging Face transformers computes with them in float32.

    python make_picture_writer_goldens.py [--only PREFIX]     (needs torch, transformers, safetensors)

Writes generating/<model>/ as make_generating_goldens.py does, with preprocessor_config.json, and in expected.json
  {"picture": its bytes (row by row, channels last, in hexadecimal), "ids": a line, "logits": of every position of it}.

Lines are fed token by token, as generate() does: sinusoids of lines with padding inside are other ones in a single pass.
"""
import argparse
import json
import random

import torch
import transformers as t

import make_generating_goldens as writers
import make_vision_goldens as vision

VOCABULARY = writers.VOCABULARY
SIDE = 24
MEAN, STD = [0.5, 0.4, 0.6], [0.5, 0.25, 0.3]
torch.set_grad_enabled(False)


def pixels_of(raw, height=SIDE, width=SIDE):
    pixels = torch.tensor(list(raw), dtype=torch.float32).view(height, width, 3) / 255
    return ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).unsqueeze(0)


def preprocessor(height=SIDE, width=SIDE):
    return {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": height, "width": width},
            "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": MEAN,
            "image_std": STD}


def spread(model, seed):
    writers.spread(model, seed)
    vision.spread(model.encoder, seed + 1)
    return model.float().eval()


def logits_of(model, pixels, ids):
    states = model.encoder(pixels)
    rows, cache = [], None
    for i in range(len(ids)):
        out = model(encoder_outputs=(states.last_hidden_state,), decoder_input_ids=torch.tensor([ids[i:i + 1]]),
                    past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        rows.append(out.logits[0])
    return torch.cat(rows)


def make(name, seed, encoder, decoder, many=True, older=None, height=SIDE, width=SIDE):
    if not name.startswith(ONLY):
        return
    config = t.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config._attn_implementation = "eager"
    torch.manual_seed(seed)
    model = spread(t.VisionEncoderDecoderModel(config), seed)
    chance = random.Random(seed)
    expected = []
    for length, raw in zip(writers.LENGTHS if many else writers.LENGTHS[1:3], vision.images(5, height, width, 3, seed)[1:]):
        case = {"picture": raw.hex(), "ids": [chance.randrange(VOCABULARY) for _ in range(length)]}
        case["logits"] = writers.stored(logits_of(model, pixels_of(raw, height, width), case["ids"]))
        expected.append(case)
    # What a position sees must matter, and the picture, or the comparison means nothing.
    last = torch.tensor(expected[-1]["logits"]).view(-1, VOCABULARY)
    moved = (last[1:] - last[:-1]).abs().mean()
    other = logits_of(model, pixels_of(bytes(len(raw)), height, width), expected[-1]["ids"])
    seen = (last - other).abs().mean()
    print(name, f"{last.std():.2f} {moved:.2f} {seen:.2f}")
    assert 0.3 < last.std() < 30 and moved > 0.15 * last.std() and seen > 0.15 * last.std(), name
    writers.save(name, model, expected, older)
    (writers.HERE / name / "preprocessor_config.json").write_text(json.dumps(preprocessor(height, width), indent=2) + "\n")


def vit(**more):
    return dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=SIDE,
                patch_size=8) | more


def trocr(**more):
    return t.TrOCRConfig(**dict(vocab_size=VOCABULARY, d_model=18, decoder_layers=2, decoder_attention_heads=3,
                                decoder_ffn_dim=26, max_position_embeddings=40, dropout=0.0, pad_token_id=0,
                                bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, is_decoder=True,
                                add_cross_attention=True) | more)


def gpt2(**more):
    return t.GPT2Config(**dict(vocab_size=VOCABULARY, n_positions=40, n_embd=25, n_layer=2, n_head=5, bos_token_id=1,
                               eos_token_id=1, is_decoder=True, add_cross_attention=True, attn_pdrop=0.0,
                               embd_pdrop=0.0, resid_pdrop=0.0) | more)


def published(written):
    """What published directories say beside: where the parts were taken from, and nothing of how they are saved."""
    written["encoder"]["architectures"] = ["ViTForImageClassification"]
    written["decoder"]["architectures"] = ["GPT2LMHeadModel"]


def models():
    make("trocr", 200, t.ViTConfig(**vit()), trocr())
    make("trocr_sinusoids", 201, t.DeiTConfig(**vit(num_hidden_layers=1)),
         trocr(d_model=16, decoder_attention_heads=2, use_learned_position_embeddings=False, scale_embedding=True,
               layernorm_embedding=False, activation_function="relu", tie_word_embeddings=False, pad_token_id=3,
               cross_attention_hidden_size=24))
    make("vit_gpt2", 202, t.ViTConfig(**vit(qkv_bias=False, image_size=[20, 30], patch_size=[5, 7])),
         gpt2(n_embd=24, n_head=4, n_inner=30), many=False, older=published, height=20, width=30)
    make("swin_gpt2", 203,
         t.SwinConfig(image_size=32, patch_size=4, embed_dim=12, depths=[2, 1], num_heads=[2, 3], window_size=4,
                      mlp_ratio=2.0), gpt2(n_layer=3, scale_attn_by_inverse_layer_idx=True, tie_word_embeddings=False),
         many=False, height=32, width=32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    ONLY = writers.ONLY = parser.parse_args().only
    models()
