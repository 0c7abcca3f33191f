#include "pipelines/configuration/config_file.hpp"

#include "pipelines/configuration/rules.hpp"

namespace chalkstream::pipelines {

std::filesystem::path config_file::resolved(const std::filesystem::path& path) const {
  return (base / path).lexically_normal();
}

std::string config_file::place(text_position at) const {
  return format_place(name, at);
}

void check_name(config_section& s, std::string_view key, const std::string& name) {
  if (const auto why = why_no_name(name); !why.empty())
    s.complain(key, why);
}

} // namespace chalkstream::pipelines
