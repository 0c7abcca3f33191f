#include "tests/models/model_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace chalkstream::models::testing {

namespace fs = std::filesystem;

scratch_folder::scratch_folder() {
  std::string name = (fs::temp_directory_path() / "chalkstream-models-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void scratch_folder::copy_golden(std::string_view name) const {
  fs::copy(golden(name), path_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void scratch_folder::write(const fs::path& name, std::string_view content) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
}

std::string scratch_folder::read(const fs::path& name) const {
  std::ifstream in(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void scratch_folder::edit(const fs::path& name, std::string_view from, std::string_view to) const {
  auto content = read(name);
  const auto at = content.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  ASSERT_EQ(content.find(from, at + 1), std::string::npos) << from << " is there twice";
  write(name, content.replace(at, from.size(), to));
}

std::string safetensors_bytes(std::string_view header, std::size_t data_bytes) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i) & 0xff);
  bytes += header;
  bytes.append(data_bytes, '\1');
  return bytes;
}

fs::path golden(std::string_view name) {
  return fs::path("tests/models/goldens") / name;
}

std::vector<golden_case> golden_cases(const fs::path& file, const char* row) {
  std::ifstream in(file);
  const auto root = nlohmann::json::parse(in);
  std::vector<golden_case> cases;
  for (const auto& item : root) {
    golden_case made;
    made.input.ids = item.at("ids").get<std::vector<std::int32_t>>();
    if (item.contains("types"))
      made.input.types = item.at("types").get<std::vector<std::int32_t>>();
    made.expected = item.at(row).get<std::vector<float>>();
    cases.push_back(std::move(made));
  }
  return cases;
}

double largest_difference(const std::vector<float>& a, const float* b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(double{a[i]} - b[i]);
    // A NaN must not pass as "no difference".
    most = difference <= most ? most : difference;
  }
  return most;
}

} // namespace chalkstream::models::testing
