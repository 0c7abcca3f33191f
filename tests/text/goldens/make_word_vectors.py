#!/usr/bin/env python3
"""Writes word vectors as gensim writes them, and what gensim finds nearest, into words/.

    pip install gensim==4.4.0
    python make_word_vectors.py
"""
import json
import os

import numpy
from gensim.models import KeyedVectors

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words")
WORDS = ["the", "of", "sugar", "light", "Zürich", "日本", "naïve", "co-op", "it's", "2,5", "straße", "\u0e01\u0e34"]


def main():
    os.makedirs(FOLDER, exist_ok=True)
    random = numpy.random.default_rng(3)
    vectors = KeyedVectors(vector_size=7)
    vectors.add_vectors(WORDS, random.standard_normal((len(WORDS), 7)).astype(numpy.float32))
    vectors.save_word2vec_format(os.path.join(FOLDER, "vectors.txt"), binary=False)
    vectors.save_word2vec_format(os.path.join(FOLDER, "vectors.bin"), binary=True)
    asked = [["sugar"], ["日本"], ["the", "of"], ["Zürich", "light", "naïve"]]
    nearest = [{"words": words, "nearest": vectors.most_similar(words, topn=5)} for words in asked]
    with open(os.path.join(FOLDER, "expected.json"), "w") as out:
        json.dump({"vectors": {w: [float(x) for x in vectors[w]] for w in WORDS}, "asked": nearest}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
