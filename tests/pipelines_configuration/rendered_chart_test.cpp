#include "pipelines/scaling/rendered_chart.hpp"

#include "pipelines/configuration/yaml_tree.hpp"

#include <gmock/gmock.h>

namespace chalkstream::pipelines {
namespace {

using testing::HasSubstr;

constexpr std::string_view set = R"(---
# Source: chalkstream/templates/statefulset.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: night-chalkstream
  namespace: school
spec:
  template:
    metadata:
      annotations:
        checksum/configuration: 12ab
)";
constexpr std::string_view settings = R"(---
apiVersion: v1
kind: ConfigMap
metadata: {name: dashboards}
data: {operations.json: "{}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: night-chalkstream}
data:
  chalkstream.yaml: |
    kafka: {brokers: "a:9092"}
    # ---
    pipelines: {}
)";

std::string why(const std::string& text) {
  const auto read = parse_rendered_chart(text, "rendered.yaml");
  return read ? "read" : read.error().message;
}

TEST(rendered_chart_test, names_the_processes_and_has_their_configuration) {
  const auto read = parse_rendered_chart(std::string(set) + std::string(settings), "rendered.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "night-chalkstream");
  EXPECT_EQ(read->space, "school");
  EXPECT_EQ(read->checksum, "12ab");
  EXPECT_EQ(read->configuration, "kafka: {brokers: \"a:9092\"}\n# ---\npipelines: {}\n");
  EXPECT_EQ(matchers_of(*read), "namespace=\"school\",pod=~\"night-chalkstream-[0-9]+\"");
}

TEST(rendered_chart_test, anything_else_is_refused) {
  EXPECT_THAT(why(""), HasSubstr("expected what `helm template` writes"));
  EXPECT_THAT(why(std::string(set)), HasSubstr("one installation"));
  EXPECT_THAT(why(std::string(set) + std::string(set) + std::string(settings)), HasSubstr("one installation"));
  EXPECT_THAT(why("kind: Service\n---\nkind: [\n"), HasSubstr("rendered.yaml:4: "));
  EXPECT_THAT(why(std::string(max_yaml_bytes + 1, ' ')), HasSubstr("more than 1MiB"));
}

} // namespace
} // namespace chalkstream::pipelines
