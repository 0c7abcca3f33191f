#!/usr/bin/env python3
"""Tiny models that write, and the logits Hugging Face transformers computes with them in float32.

    python make_generating_goldens.py [--only PREFIX]     (needs torch, transformers, safetensors; HF_HUB_OFFLINE=1 is fine)

Writes beside itself generating/<model>/: config.json, model.safetensors and expected.json, a list of
  {"source": ids (families with an encoder), "ids": a line, "logits": of every position of it, end to end}.

Numbers are rounded to 7 significant digits, which is finer than the tolerance of 1e-4 by far.
"""
import argparse
import copy
import json
import pathlib
import random
import shutil

import torch
import transformers

from lstm_reference import LstmForConditionalGeneration

HERE = pathlib.Path(__file__).parent / "generating"
torch.set_grad_enabled(False)

VOCABULARY = 41
# Lines around one and several blocks of a cache of 16 tokens; the longest is as long as the model's positions.
LENGTHS = (1, 16, 17, 40)
SOURCES = (1, 17, 40, 16)


def spread(model, seed):
    """The initialiser's 0.02 makes nearly linear models; larger weights exercise softmax and activations."""
    torch.manual_seed(seed)
    sinusoids = getattr(model.config, "model_type", "") in ("marian", "pegasus")
    for name, parameter in model.named_parameters():
        if "embed_positions" in name and sinusoids:
            continue
        embeds = any(part in name for part in ("shared", "embed_tokens", "wte", "wpe", "embed_positions", "embedding"))
        if parameter.dim() == 2 and "relative_attention_bias" in name:
            parameter.normal_(0, 1.5)
        elif embeds:
            parameter.normal_(0, 0.7)
        elif "lm_head" in name:
            parameter.normal_(0, 0.7)
        elif model.config.model_type == "lstm_seq2seq":
            # Gates that open and shut, but no state that doubles its rounding at every step.
            gain = 3 if "weight_ih" in name else 2 if "query" in name else 1
            parameter.normal_(0, gain / parameter.shape[-1] ** 0.5 if parameter.dim() == 2 else 0.3)
        elif parameter.dim() == 2:
            # Sharp attention and modest additions: else all tokens come to look alike behind a few norms. Conv1D keeps
            # [in, out], and both are of one order.
            gain = 2 if ".q_proj" in name or ".k_proj" in name else 0.7 if ".fc2" in name or ".out_proj" in name else 1.2
            parameter.normal_(0, gain / parameter.shape[1] ** 0.5)
        elif name.endswith("weight") and ("norm" in name or "ln_" in name):
            parameter.uniform_(0.6, 1.4)
        else:
            parameter.normal_(0, 0.3)
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias.normal_(0, 0.5)
    # T5 does not scale its scores: its projections make up for that.
    if model.config.model_type in ("t5", "mt5"):
        for name, parameter in model.named_parameters():
            if name.endswith((".q.weight", ".k.weight")):
                parameter.mul_(model.config.d_kv ** -0.25)
    return model.float().eval()


def stored(numbers):
    return [float(f"{x:.7g}") for x in numbers.double().flatten().tolist()]


def save(name, model, expected, config=None):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in folder.iterdir():
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    if config is not None:
        written = json.loads((folder / "config.json").read_text())
        config(written)
        (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def exact_to(bound, model, expected):
    """Whether float64 gives the same: what hangs on rounding says nothing."""
    exact = copy.deepcopy(model).double()
    worst = max((exact(input_ids=torch.tensor([case["source"]]), decoder_input_ids=torch.tensor([case["ids"]]))
                 .logits.flatten() - torch.tensor(case["logits"])).abs().max().item() for case in expected)
    return worst < bound


def make(name, seed, architecture, settings, older=None, many=True, own_output=False):
    if not name.startswith(ONLY):
        return
    model_class = LstmForConditionalGeneration if architecture.startswith("Lstm") else getattr(transformers, architecture)
    config = model_class.config_class(**settings)
    if not architecture.startswith("Lstm"):
        config._attn_implementation = "eager"
    torch.manual_seed(seed)
    model = model_class(config)
    if own_output:
        # Published T5 1.1 and mT5 have one, though their present classes would tie it.
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())
    model = spread(model, seed)
    chance = random.Random(seed)
    encodes = bool(config.is_encoder_decoder)
    expected = []
    lengths = LENGTHS if many else LENGTHS[1:3]
    for length, source in zip(lengths, SOURCES):
        case = {"ids": [chance.randrange(VOCABULARY) for _ in range(length)]}
        ids = torch.tensor([case["ids"]])
        if encodes:
            case = {"source": [chance.randrange(settings["vocab_size"]) for _ in range(source)]} | case
            given = torch.tensor([case["source"]])
            out = model(input_ids=given, attention_mask=torch.ones_like(given), decoder_input_ids=ids)
        else:
            out = model(input_ids=ids, attention_mask=torch.ones_like(ids))
        case["logits"] = stored(out.logits[0])
        expected.append(case)
    assert not architecture.startswith("Lstm") or exact_to(2e-5, model, expected), name
    # What a position sees must matter, or the comparison means nothing.
    last = torch.tensor(expected[-1]["logits"]).view(-1, VOCABULARY)
    moved = (last[1:] - last[:-1]).abs().mean()
    assert 0.3 < last.std() < 30 and moved > 0.15 * last.std(), (name, last.std(), moved)
    save(name, model, expected, older)


def bart_like(**more):
    return dict(vocab_size=VOCABULARY, d_model=18, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3,
                decoder_attention_heads=2, encoder_ffn_dim=28, decoder_ffn_dim=26, max_position_embeddings=40,
                pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=0, forced_eos_token_id=None) | more


def t5_like(**more):
    return dict(vocab_size=VOCABULARY, d_model=16, d_kv=5, d_ff=24, num_layers=2, num_decoder_layers=3, num_heads=3,
                relative_attention_num_buckets=8, relative_attention_max_distance=20, decoder_start_token_id=0) | more


def llama_like(**more):
    return dict(vocab_size=VOCABULARY, hidden_size=24, intermediate_size=32, num_hidden_layers=2,
                num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=40, pad_token_id=0,
                bos_token_id=1, eos_token_id=2) | more


def lstm_like(**more):
    return dict(vocab_size=VOCABULARY, embedding_size=13, hidden_size=34, encoder_layers=2, decoder_layers=2, dropout=0.1,
                max_position_embeddings=40, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                decoder_start_token_id=1) | more


LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 16, "rope_theta": 500.0}


def older_rotary(written):
    """As transformers 4 spelt it."""
    rope = written.pop("rope_parameters")
    written["rope_theta"] = rope.pop("rope_theta")
    rope["type"] = rope.pop("rope_type")
    written["rope_scaling"] = rope if rope["type"] != "default" else None


def older_bart(written):
    """Keys that older directories have, which say what the family is."""
    written.update(normalize_before=False, normalize_embedding=True, add_final_layer_norm=False,
                   static_position_embeddings=False, add_bias_logits=False, extra_pos_embeddings=2)


def older_t5(written):
    """Version 1.1 as transformers 4 wrote it: what is not tied is not scaled."""
    del written["scale_decoder_outputs"]
    written["tie_word_embeddings"] = False


def families():
    make("bart", 1, "BartForConditionalGeneration", bart_like())
    make("bart_scaled", 2, "BartForConditionalGeneration",
         bart_like(scale_embedding=True, activation_function="relu", tie_word_embeddings=False), older=older_bart)
    make("marian", 10, "MarianMTModel", bart_like(scale_embedding=True, activation_function="swish"))
    make("marian_own_tables", 11, "MarianMTModel",
         bart_like(vocab_size=47, decoder_vocab_size=VOCABULARY, share_encoder_decoder_embeddings=False), many=False)
    make("t5", 20, "T5ForConditionalGeneration", t5_like())
    make("t5_gated", 21, "T5ForConditionalGeneration",
         t5_like(feed_forward_proj="gated-gelu", tie_word_embeddings=False, num_decoder_layers=2, d_kv=16))
    make("t5_own_output", 22, "T5ForConditionalGeneration",
         t5_like(feed_forward_proj="gated-silu", tie_word_embeddings=False, num_decoder_layers=1), older=older_t5, many=False,
         own_output=True)
    make("gpt2", 30, "GPT2LMHeadModel",
         dict(vocab_size=VOCABULARY, n_positions=40, n_embd=25, n_layer=2, n_head=5, bos_token_id=1, eos_token_id=1))
    make("gpt2_by_layer", 31, "GPT2LMHeadModel",
         dict(vocab_size=VOCABULARY, n_positions=40, n_embd=22, n_layer=3, n_head=2, n_inner=30,
              scale_attn_by_inverse_layer_idx=True, tie_word_embeddings=False, bos_token_id=1, eos_token_id=1), many=False)
    make("llama", 40, "LlamaForCausalLM", llama_like())
    make("llama_scaled", 41, "LlamaForCausalLM",
         llama_like(rope_parameters=LLAMA3, head_dim=20, num_attention_heads=6, num_key_value_heads=3,
                    attention_bias=True, mlp_bias=True, tie_word_embeddings=True), older=older_rotary)
    make("llama_linear", 42, "LlamaForCausalLM",
         llama_like(rope_parameters={"rope_type": "linear", "factor": 3.0, "rope_theta": 1000.0},
                    num_key_value_heads=4), many=False)
    make("mbart", 50, "MBartForConditionalGeneration", bart_like(scale_embedding=True))
    make("pegasus", 60, "PegasusForConditionalGeneration", bart_like(scale_embedding=True, activation_function="relu"))
    make("mt5", 70, "MT5ForConditionalGeneration", t5_like(feed_forward_proj="gated-gelu"), own_output=True)
    make("qwen2", 80, "Qwen2ForCausalLM", llama_like(num_attention_heads=6, num_key_value_heads=2))
    make("qwen3", 90, "Qwen3ForCausalLM", llama_like(head_dim=10, tie_word_embeddings=True))
    make("qwen3_own_output", 91, "Qwen3ForCausalLM",
         llama_like(head_dim=16, num_key_value_heads=1, attention_bias=True), many=False, older=older_rotary)
    make("lstm", 100, "LstmForConditionalGeneration", lstm_like())
    make("lstm_dot", 101, "LstmForConditionalGeneration",
         lstm_like(encoder_layers=2, decoder_layers=3, attention="dot", input_feeding=False, embedding_size=22,
                   hidden_size=22, tie_word_embeddings=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    ONLY = parser.parse_args().only
    families()
