// The SentencePiece models of goldens/pieces, and model directories made of them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/text/golden_texts.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string piece_model(const std::string& name) {
  return bytes_of(goldens / "pieces" / (name + ".model"));
}

/// goldens/piece_tokenizers.json: by name, what the directory has.
inline json piece_tokenizers() {
  return json::parse(std::ifstream(goldens / "piece_tokenizers.json"));
}

/// Writes what `its` says into the directory.
inline void fill(const model_directory& directory, const json& its) {
  directory.write(its.at("file").get<std::string>().c_str(), piece_model(its.at("model")));
  directory.write("tokenizer_config.json", its.at("config").dump());
  if (its.contains("vocabulary"))
    directory.write("vocab.json", bytes_of(goldens / "pieces" / (its.at("vocabulary").get<std::string>() + ".json")));
}

} // namespace chalkstream::text
