#!/usr/bin/env python3
"""What Hugging Face's generate() writes with tiny models of every family that writes.

    python model_goldens.py [--only NAME]        (needs torch, transformers, safetensors, pillow; HF_HUB_OFFLINE=1 is fine)

Writes beside itself, for each model, a directory as Hugging Face publishes it with random weights, and in it
written.json: the settings that prompts are written with, in turn, and of each prompt its number, how many tokens were
written and a hash of them. Prompt and hash are functions of the number that tests/generation/models_test.cpp has, too.
Models that write to pictures get one instead of a prompt, and have a preprocessor_config.json; one of them has no
generation_config.json, and is told by its decoder's part of config.json what that would say.

answers.json is what `infer` should answer with some of them and the tokenizer of tests/models/goldens/words.

Each prompt is written alone, in float32. One whose text is another in float64 is left out: it hangs on rounding, and
says nothing. How many those are is printed.
"""
import argparse
import base64
import io
import json
import math
import pathlib
import shutil
import sys

import PIL.Image
import tokenizers
import torch
import transformers as hf

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent.parent / "models/goldens"))
import lstm_reference as lstm
VOCABULARY = 96
PROMPTS = 200
torch.set_grad_enabled(False)
torch.set_num_threads(1)
hf.logging.set_verbosity_error()


def small(cls, **more):
    encoder_decoder = dict(d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
                           decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=48,
                           max_position_embeddings=64, dropout=0.0, attention_dropout=0.0)
    llama = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, max_position_embeddings=64)
    t5 = dict(d_model=32, d_kv=8, d_ff=48, num_layers=2, num_decoder_layers=2, num_heads=4)
    shapes = {
        hf.GPT2Config: dict(n_embd=32, n_layer=2, n_head=4, n_positions=64),
        hf.LlamaConfig: llama,
        hf.Qwen2Config: llama,
        hf.Qwen3Config: llama | dict(head_dim=12),
        hf.T5Config: t5,
        hf.MT5Config: t5,
    }
    return cls(vocab_size=VOCABULARY, **shapes.get(cls, encoder_decoder), **more)


SIDE, BLOCK, MEAN, STD = 16, 4, [0.5, 0.4, 0.6], [0.5, 0.25, 0.3]
PREPROCESSOR = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": SIDE, "width": SIDE},
                "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": MEAN,
                "image_std": STD}


def seeing(encoder, decoder, **shape):
    eyes = {hf.SwinConfig: dict(embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=2, patch_size=2)}.get(
        encoder, dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
                      patch_size=BLOCK))
    hand = decoder(vocab_size=VOCABULARY, is_decoder=True, add_cross_attention=True, **ENDS, **shape)
    return hf.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder(image_size=SIDE, **eyes), hand)


TROCR = dict(decoder_layers=2, decoder_attention_heads=4, decoder_ffn_dim=48, max_position_embeddings=64)
ENDS = dict(bos_token_id=0, eos_token_id=2, pad_token_id=1)
MODELS = {
    "gpt2": (hf.GPT2LMHeadModel, small(hf.GPT2Config, **ENDS), {}),
    "llama": (hf.LlamaForCausalLM, small(hf.LlamaConfig, **ENDS), {"eos_token_id": [2, 3, 7]}),
    "qwen2": (hf.Qwen2ForCausalLM, small(hf.Qwen2Config, **ENDS),
              {"eos_token_id": [2, 3], "repetition_penalty": 1.1, "max_new_tokens": 12}),
    "qwen3": (hf.Qwen3ForCausalLM, small(hf.Qwen3Config, **ENDS), {"eos_token_id": [2, 3], "max_new_tokens": 18}),
    "qwen3_tied": (hf.Qwen3ForCausalLM, small(hf.Qwen3Config, tie_word_embeddings=True, **ENDS), {"num_beams": 3}),
    "bart": (hf.BartForConditionalGeneration, small(hf.BartConfig, decoder_start_token_id=2, **ENDS),
             {"forced_bos_token_id": 0, "forced_eos_token_id": 2, "num_beams": 4, "early_stopping": True,
              "no_repeat_ngram_size": 3, "length_penalty": 2.0, "min_length": 4, "max_length": 20}),
    "mbart": (hf.MBartForConditionalGeneration, small(hf.MBartConfig, decoder_start_token_id=2, **ENDS),
              {"forced_eos_token_id": 2, "num_beams": 5, "max_length": 18}),
    "marian": (hf.MarianMTModel,
               small(hf.MarianConfig, bos_token_id=0, eos_token_id=2, pad_token_id=95, decoder_start_token_id=95,
                     scale_embedding=True, static_position_embeddings=True, activation_function="swish",
                     normalize_embedding=False),
               {"forced_eos_token_id": 2, "num_beams": 6, "bad_words_ids": [[95]], "renormalize_logits": True,
                "max_length": 24}),
    "pegasus": (hf.PegasusForConditionalGeneration,
                small(hf.PegasusConfig, bos_token_id=0, eos_token_id=2, pad_token_id=0, decoder_start_token_id=0,
                      scale_embedding=True),
                {"forced_eos_token_id": 2, "num_beams": 8, "length_penalty": 0.8, "max_length": 16}),
    "t5": (hf.T5ForConditionalGeneration,
           small(hf.T5Config, decoder_start_token_id=0, eos_token_id=1, pad_token_id=0, dropout_rate=0.0), {}),
    "t5_gated": (hf.T5ForConditionalGeneration,
                 small(hf.T5Config, decoder_start_token_id=0, eos_token_id=1, pad_token_id=0, dropout_rate=0.0,
                       feed_forward_proj="gated-gelu", tie_word_embeddings=False),
                 {"max_new_tokens": 15, "num_beams": 2}),
    "mt5": (hf.MT5ForConditionalGeneration,
            small(hf.MT5Config, decoder_start_token_id=0, eos_token_id=1, pad_token_id=0, dropout_rate=0.0),
            {"num_beams": 4, "max_length": 18}),
    "lstm": (lstm.LstmForConditionalGeneration,
             lstm.LstmConfig(vocab_size=VOCABULARY, embedding_size=24, hidden_size=32, encoder_layers=2, decoder_layers=2,
                             decoder_start_token_id=0, **ENDS), {"num_beams": 5, "max_length": 20}),
}

STARTS = dict(decoder_start_token_id=2, **ENDS)
MODELS |= {
    "trocr": (hf.VisionEncoderDecoderModel, seeing(hf.ViTConfig, hf.TrOCRConfig, d_model=24, **TROCR),
              STARTS | {"num_beams": 4, "early_stopping": True, "no_repeat_ngram_size": 3, "length_penalty": 2.0,
                        "max_length": 20}),
    "trocr_sinusoids": (hf.VisionEncoderDecoderModel,
                        seeing(hf.DeiTConfig, hf.TrOCRConfig, d_model=24, use_learned_position_embeddings=False,
                               layernorm_embedding=False, scale_embedding=True, tie_word_embeddings=False,
                               activation_function="relu", cross_attention_hidden_size=32, decoder_start_token_id=2,
                               **TROCR), None),
    "vit_gpt2": (hf.VisionEncoderDecoderModel,
                 seeing(hf.SwinConfig, hf.GPT2Config, n_embd=32, n_layer=2, n_head=4, n_positions=64),
                 STARTS | {"max_length": 16}),
}

SETTINGS = [
    {},
    {"max_new_tokens": 16, "num_beams": 1},
    {"max_new_tokens": 12, "num_beams": 4},
    {"max_new_tokens": 5, "num_beams": 1, "repetition_penalty": 1.3},
    {"max_new_tokens": 14, "num_beams": 3, "early_stopping": True},
    {"max_new_tokens": 14, "num_beams": 2, "early_stopping": "never", "length_penalty": 0.5},
    {"max_new_tokens": 16, "num_beams": 1, "no_repeat_ngram_size": 2},
    {"max_new_tokens": 10, "num_beams": 5, "length_penalty": 2.0, "no_repeat_ngram_size": 3},
    {"max_new_tokens": 16, "min_new_tokens": 8, "num_beams": 1},
    {"max_new_tokens": 12, "min_new_tokens": 4, "num_beams": 4, "early_stopping": False},
    {"max_new_tokens": 1, "num_beams": 1},
]


def prompt(number, end):
    state, length = number * 2654435761 % 2**32, 1 + number * 7 % 23
    ids = []
    for _ in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        ids.append(4 + (state >> 16) % (VOCABULARY - 5))
    return ids + ([] if end is None else [end])


def picture_bytes(number):
    """Blocks of one colour each."""
    state, across, colours = number * 2654435761 % 2**32, SIDE // BLOCK, []
    for _ in range(across * across * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        colours.append(state >> 24)
    blocks = torch.tensor(colours, dtype=torch.uint8).view(across, 1, across, 1, 3)
    return blocks.expand(across, BLOCK, across, BLOCK, 3).reshape(SIDE, SIDE, 3)


def picture(number):
    pixels = picture_bytes(number).float() / 255
    return ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).unsqueeze(0)


def hashed(ids):
    h = 14695981039346656037
    for i in ids:
        h = (h ^ i) * 1099511628211 % 2**64
    return f"{h:016x}"


def randomise(model):
    generator = torch.Generator().manual_seed(5)
    sinusoids = model.config.model_type in ("marian", "pegasus")  # positions that are computed
    for name, p in model.named_parameters():
        if sinusoids and "embed_positions" in name:
            continue
        noise = torch.randn(p.shape, generator=generator)
        is_norm = p.dim() == 1 and name.endswith("weight")
        # Bounded states need more than 0.3 to tell words apart.
        noise = 2 * noise if model.config.model_type == "lstm_seq2seq" else noise
        p.copy_(1 + 0.1 * noise if is_norm else 0.3 * noise)


def written(model, ids, settings):
    out = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), **settings)[0]
    return out[1:].tolist() if model.config.is_encoder_decoder else out[len(ids):].tolist()


def written_to(model, pixels, settings):
    return model.generate(pixels.to(model.dtype), **settings)[0][1:].tolist()


def untie(model):
    """Published mT5 has an output of its own, though its present class would tie it."""
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())


def say_untied(directory):
    """As published; transformers reads it as tied, and then finds that the two differ."""
    file = directory / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"tie_word_embeddings": False}, indent=2) + "\n")


def loaded(cls, where):
    model = cls.from_pretrained(where).eval()
    for module in model.modules():  # a table that is no tensor of the file, and is not made on the way from one
        if type(module).__name__ == "TrOCRSinusoidalPositionalEmbedding":
            module.weights = module.get_embedding(*module.weights.shape, module.padding_idx)
    return model


def make(name, cls, config, generation):
    torch.manual_seed(0)
    model = cls(config).eval()
    own_output = config.model_type == "mt5"
    if own_output:
        untie(model)
    randomise(model)
    if generation is not None:
        model.generation_config = hf.GenerationConfig(
            **{k: v for k, v in {**config.to_dict(), **generation}.items()
               if k in ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id") or k in generation})
    where = HERE / name
    shutil.rmtree(where, ignore_errors=True)
    model.save_pretrained(where)
    sees = config.model_type == "vision-encoder-decoder"
    if sees:
        (where / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    if generation is None:
        (where / "generation_config.json").unlink()
    if own_output:
        say_untied(where)
    model = loaded(cls, where)  # what a reader of the directory has
    assert not own_output or not model.lm_head.weight.equal(model.shared.weight), name
    exact = loaded(cls, where).double()
    end = config.eos_token_id if config.is_encoder_decoder and not sees else None
    rows, left_out, number = [], 0, 0
    while len(rows) < PROMPTS:
        given, settings = picture(number) if sees else prompt(number, end), SETTINGS[number % len(SETTINGS)]
        write = written_to if sees else written
        text = write(model, given, settings)
        if text == write(exact, given, settings):
            rows.append([number, len(text), hashed(text)])
        else:
            left_out += 1
        number += 1
    print(name, "left out:", left_out, "lengths:", sum(r[1] for r in rows) / len(rows), "texts:",
          len({r[2] for r in rows}), flush=True)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    settings = ",\n".join(json.dumps(s) for s in SETTINGS)
    end_text = json.dumps(end)
    (where / "written.json").write_text(
        f'{{"end":{end_text},\n"settings":[\n{settings}],\n"written":[\n{lines}]}}\n')


PICTURES = [("trocr", 3), ("trocr_sinusoids", 4), ("vit_gpt2", 5)]
LINES = [
    ("gpt2", "generate", ["the cell makes energy"]),
    ("gpt2", "generate", ["what is the river. it cuts a valley."]),
    ("bart", "generate", ["plants makes sugar from light"]),
    ("bart", "summarize", ["the river cuts the valley. the moon pulls it."]),
    ("t5", "translate", ["The river cuts the valley.", "The moon pulls it."]),
    ("marian", "translate", ["water is in plants."]),
]


def png(number):
    file = io.BytesIO()
    PIL.Image.fromarray(picture_bytes(number).numpy()).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def picture_answer(tokenizer, name, number):
    model = loaded(MODELS[name][0], HERE / name)
    out = model.generate(picture(number), max_new_tokens=12, output_scores=True, return_dict_in_generate=True)
    ids = out.sequences[0][1:].tolist()
    if model.generation_config.num_beams in (None, 1):
        sure = sum(torch.log_softmax(row[0], -1)[i].item() for row, i in zip(out.scores, ids))
    else:
        sure = out.sequences_scores[0].item() * len(ids) ** model.generation_config.length_penalty
    return {"model": name, "task": "generate", "line": {"id": number, "image": {"data": png(number)}},
            "answer": {"id": number, "text": tokenizer.decode(ids, skip_special_tokens=True), "tokens": len(ids),
                       "confidence": float(f"{math.exp(sure / len(ids)):.7g}")}}


def make_answers():
    tokenizer = tokenizers.Tokenizer.from_file(str(HERE.parent.parent / "models/goldens/words/tokenizer.json"))
    answers = []
    for number, (name, task, parts) in enumerate(LINES):
        model = MODELS[name][0].from_pretrained(HERE / name).eval()
        texts = [written(model, tokenizer.encode(part).ids, {"max_new_tokens": 12}) for part in parts]
        pieces = [tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in texts]
        text = " ".join(filter(None, pieces))
        answers.append({"model": name, "task": task, "line": {"id": number, "text": " ".join(parts)},
                        "answer": {"id": number, "text": text, "tokens": sum(map(len, texts))}})
    answers += [picture_answer(tokenizer, name, number) for name, number in PICTURES]
    lines = ",\n".join(json.dumps(a) for a in answers)
    (HERE / "answers.json").write_text(f"[\n{lines}\n]\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append", default=[])
    only = parser.parse_args().only
    for name, (cls, config, generation) in MODELS.items():
        if not only or name in only:
            make(name, cls, config, generation)
    make_answers()


if __name__ == "__main__":
    main()
