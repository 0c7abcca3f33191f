#include "models/exported/processor.hpp"

#include <ATen/cpu/Utils.h>

#include <algorithm>
#include <array>
#include <sys/utsname.h>

namespace chalkstream::models {
namespace {

struct known_word {
  std::string_view word;
  bool there;
};

const auto& known_words() {
  static const auto words = [] {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
                        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
                        && __builtin_cpu_supports("fma");
    return std::array<known_word, 5>{
        {{"AVX2", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
         {"AVX512", avx512},
         {"AVX512_VNNI", avx512 && __builtin_cpu_supports("avx512vnni")},
         {"AMX_TILE", at::cpu::init_amx()}, // the system grants its registers to those who ask
         {"INVALID_VEC_ISA", true}}};       // PyTorch's word for none
#elif defined(__aarch64__)
    return std::array<known_word, 3>{{{"ASIMD", true}, {"NEON", true}, {"INVALID_VEC_ISA", true}}};
#else
    return std::array<known_word, 1>{{{"INVALID_VEC_ISA", true}}};
#endif
  }();
  return words;
}

} // namespace

std::string machine() {
  utsname name{};
  return ::uname(&name) == 0 ? name.machine : "";
}

result<void> check_instructions(std::string_view instructions) {
  while (!instructions.empty()) {
    const auto word = instructions.substr(0, instructions.find(' '));
    instructions.remove_prefix(std::min(word.size() + 1, instructions.size()));
    const known_word* found = nullptr;
    for (const auto& known : known_words())
      if (known.word == word)
        found = &known;
    if (found == nullptr && !word.empty())
      return {errc::unsupported, "was compiled for '" + std::string(word)
                                     + "', which this program does not know to look for in a processor"};
    if (found != nullptr && !found->there)
      return {errc::unavailable, "was compiled for " + std::string(word) + ", which this processor does not have"};
  }
  return {};
}

} // namespace chalkstream::models
