// Where models compute: the section `devices`, and `device` of models.
#include "pipelines/configuration/configuration.hpp"

#include <gmock/gmock.h>

namespace chalkstream::pipelines {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `device` begins in line 4, `devices` in line 7.
std::string with(const std::string& device, const std::string& devices = "") {
  return "kafka: {brokers: embedded}\n"
         "engine: {slots: 4}\n"
         "models:\n"
         "  m: {path: m"
         + device
         + "}\n"
           "pipelines:\n"
           "  speed: {kind: echo, from: in, to: out}\n"
         + devices;
}

configuration must_parse(const std::string& device, const std::string& devices = "") {
  auto read = parse_configuration(with(device, devices), "c", "/");
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : configuration{};
}

std::string told(const std::string& device, const std::string& devices = "") {
  const auto read = parse_configuration(with(device, devices), "c", "/");
  return read ? "accepted" : read.error().message;
}

std::vector<std::string> names(const configuration& c) {
  std::vector<std::string> all;
  for (const auto& d : c.devices)
    all.push_back(d.name);
  return all;
}

TEST(devices_test, a_model_is_on_the_cpu_unless_it_says_otherwise) {
  const auto c = must_parse("");
  EXPECT_THAT(c.models[0].devices, ElementsAre("cpu"));
  EXPECT_THAT(names(c), ElementsAre("cpu"));
  EXPECT_EQ(c.devices[0].slots, 4u) << "the engine's";
  EXPECT_EQ(c.devices[0].memory, std::nullopt);
}

TEST(devices_test, a_model_may_be_on_several_the_one_that_is_used_first_at_the_front) {
  const auto c = must_parse(", device: [cuda, cpu, 'cuda:1']");
  EXPECT_THAT(c.models[0].devices, ElementsAre("cuda:0", "cpu", "cuda:1"));
  EXPECT_THAT(names(c), ElementsAre("cpu", "cuda:0", "cuda:1"));
  EXPECT_EQ(c.devices[1].slots, 2u);
  EXPECT_EQ(c.models[0].max_replicas, 8u) << "as many as all of its devices have slots";
}

TEST(devices_test, where_no_model_may_be_there_are_no_slots) {
  const auto c = must_parse(", device: cuda");
  EXPECT_EQ(c.devices[0].slots, 0u);
  EXPECT_EQ(c.models[0].max_replicas, 2u);
  EXPECT_EQ(parse_configuration("kafka: {brokers: embedded}\nengine: {slots: 3}\n"
                                "pipelines: {speed: {kind: echo, from: in, to: out}}\n",
                                "c", "/")
                ->devices[0]
                .slots,
            3u);
}

TEST(devices_test, slots_and_memory_are_a_devices_own) {
  const auto c =
      must_parse(", device: [cuda, cpu]", "devices:\n  cuda: {slots: 3, memory: 20GiB}\n  cpu: {memory: 1GiB}\n");
  EXPECT_EQ(c.devices[1].name, "cuda:0");
  EXPECT_EQ(c.devices[1].slots, 3u);
  EXPECT_EQ(c.devices[1].memory, std::size_t{20} << 30U);
  EXPECT_EQ(c.devices[0].slots, 4u);
  EXPECT_EQ(c.devices[0].memory, std::size_t{1} << 30U);
  EXPECT_EQ(c.models[0].max_replicas, 7u);
}

TEST(devices_test, the_description_reads_back_the_same) {
  const auto c =
      must_parse(", device: [cuda:1, cpu]", "devices: {cuda:1: {slots: 5, memory: 3GiB}, cpu: {memory: 512MiB}}\n");
  const auto said = describe(c);
  EXPECT_THAT(said, HasSubstr("  cuda:1: {slots: 5, memory: 3GiB}\n"));
  const auto again = parse_configuration(said, "c", "/");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(describe(*again), said);
}

TEST(devices_test, what_is_wrong_is_said_with_its_place) {
  EXPECT_EQ(told(", device: [cpu, gpu]"), "c:4:24: models.m.device: expected cpu, cuda or cuda:N, found 'gpu'");
  EXPECT_EQ(told(", device: [cuda, 'cuda:0']"), "c:4:24: models.m.device: cuda:0 is there twice");
  EXPECT_EQ(told(", device: []"), "c:4:24: models.m.device: expected at least one of cpu, cuda and cuda:N");
  EXPECT_EQ(told(", device: {cuda: 1}"),
            "c:4:24: models.m.device: expected text or a list of texts, found a mapping");
  EXPECT_EQ(told("", "devices: {gpu: {slots: 1}}\n"), "c:7:11: devices.gpu: expected cpu, cuda or cuda:N");
  EXPECT_EQ(told("", "devices: {cuda: {slots: 1}}\n"), "c:7:11: devices.cuda:0: no model has it as its device");
  EXPECT_EQ(told("", "devices: {cpu: {slots: 1}}\n"), "c:7:17: devices.cpu: the CPU has engine.slots");
  EXPECT_EQ(told(", device: cuda", "devices: {cuda: {slots: 0}}\n"),
            "c:7:25: devices.cuda.slots: expected a whole number from 1 to 64, found '0'");
  EXPECT_EQ(told(", device: cuda", "devices: {cuda: {memory: much}}\n"),
            "c:7:26: devices.cuda.memory: expected a size such as 64MiB, 16MB or 4096, found 'much'");
  EXPECT_EQ(told(", device: cuda", "devices:\n  cuda: {slots: 1}\n  cuda:0: {slots: 2}\n"),
            "c:9:3: devices.cuda:0: cuda:0 is there already");
  EXPECT_EQ(told(", device: cuda", "devices: {cuda: {memry: 1GiB}}\n"),
            "c:7:18: unknown key 'memry' in devices.cuda; did you mean 'memory'?");
}

} // namespace
} // namespace chalkstream::pipelines
