#!/usr/bin/env python3
"""What PyTorch makes of a few steps of learning of the LSTMs of generating/: lstm_training.json, for
tests/models/writing_training_test.cpp; make_writing_training_goldens.py has what they are.

    python make_lstm_training_goldens.py      (needs torch and transformers; HF_HUB_OFFLINE=1 is fine)
"""
import json

import transformers

import make_writing_training_goldens as steps_of
from lstm_reference import LstmConfig, LstmForConditionalGeneration

transformers.AutoConfig.register("lstm_seq2seq", LstmConfig)
transformers.AutoModelForSeq2SeqLM.register(LstmConfig, LstmForConditionalGeneration)

if __name__ == "__main__":
    made = [steps_of.steps(name) for name in ("lstm", "lstm_dot")]
    (steps_of.HERE / "lstm_training.json").write_text("[\n" + ",\n".join(json.dumps(one) for one in made) + "\n]\n")
