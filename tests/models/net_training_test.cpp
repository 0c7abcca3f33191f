// The project's own image nets: learning against PyTorch's own steps, checkpoints, and what they refuse.
#include "models/training/trainable_net.hpp"
#include "models/vision/nets/net_layers.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/made_weights.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

namespace chalkstream::models::training {
namespace {

using models::testing::golden;
using models::testing::numbered;
using models::testing::pictures_of_size;
using models::testing::scratch_folder;
using models::testing::write_start;
using nets::net_description;
using nets::net_kind;
using nlohmann::json;
using ::testing::HasSubstr;

net_description described(const json& golden) {
  auto net = nets::usual_net(*nets::net_kind_from(golden.at("kind").get<std::string>()), golden.at("channels"),
                             golden.at("height"), golden.at("width"), numbered(golden.at("labels")));
  net.padding = golden.value("padding", net.padding);
  net.hidden_sizes = golden.value("hidden_sizes", net.hidden_sizes);
  net.blocks = golden.value("blocks", net.blocks);
  net.stem_stride = golden.value("stem_stride", net.stem_stride);
  return net;
}

std::vector<labelled_picture> labelled(const std::vector<picture>& pictures, std::size_t labels) {
  std::vector<labelled_picture> rows;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    rows.push_back({&pictures[i], i % labels});
  return rows;
}

trainable_net_settings settings_for(const net_description& net) {
  trainable_net_settings settings;
  settings.net = net;
  settings.scales.assign(net.channels, {0.5, 0.5});
  settings.threads = 1;
  settings.device = models::testing::device_under_test();
  settings.optimiser = sgd_settings{};
  return settings;
}

void expect_rows(const output_rows& rows, const json& wanted, const std::string& name) {
  for (std::size_t i = 0; i < wanted.size(); ++i)
    for (std::size_t j = 0; j < wanted[i].size(); ++j) {
      const auto right = wanted[i][j].get<double>();
      EXPECT_NEAR(rows.row(i)[j], right, 2e-4 * std::max(1.0, std::abs(right))) << name << ", row " << i;
    }
}

TEST(net_training_test, steps_are_those_of_pytorch_for_every_net) {
  std::ifstream file(golden("net_training.json"));
  const auto goldens = json::parse(file);
  ASSERT_EQ(goldens.size(), 6U);
  for (const auto& expected : goldens) {
    const auto net = described(expected);
    const auto name = std::string(to_string(net.kind)) + " of " + std::to_string(net.height);
    const bool momentum = expected.at("optimiser") == "sgd";
    auto settings = settings_for(net);
    if (momentum)
      settings.optimiser = sgd_settings{0.9, 0.05, expected.at("clip")};
    else
      settings.optimiser = adamw_settings{0.9, 0.999, 1e-8, 0.1, expected.at("clip")};
    const auto made = trainable_net::make(settings);
    ASSERT_TRUE(made) << name << ": " << made.error().message;
    const scratch_folder folder;
    write_start(folder.path() / "start", nets::tensors_of(net), momentum);
    const auto begun = (*made)->read_checkpoint(folder.path() / "start");
    ASSERT_TRUE(begun) << name << ": " << begun.error().message;

    const auto pictures = pictures_of_size(net.width, net.height, net.channels, expected.at("rows"));
    const auto rows = labelled(pictures, net.labels.size());
    const auto before = (*made)->judge(rows);
    ASSERT_TRUE(before) << name << ": " << before.error().message;
    expect_rows(before->rows, expected.at("before"), name + " before");
    for (std::size_t step = 0; step < expected.at("losses").size(); ++step) {
      const auto loss = (*made)->learn(rows, rows.size());
      ASSERT_TRUE(loss) << name << ": " << loss.error().message;
      const auto wanted = expected.at("losses").at(step).get<double>();
      EXPECT_NEAR(*loss, wanted, 2e-4 * std::max(1.0, wanted)) << name << ", step " << step;
      const auto norm = (*made)->update(expected.at("rate"));
      ASSERT_TRUE(norm) << name;
      const auto wanted_norm = expected.at("norms").at(step).get<double>();
      EXPECT_NEAR(*norm, wanted_norm, 2e-3 * std::max(1.0, wanted_norm)) << name << ", step " << step;
    }
    const auto after = (*made)->judge(rows);
    ASSERT_TRUE(after) << name;
    expect_rows(after->rows, expected.at("after"), name + " after"); // batch norms remember as PyTorch's do
  }
}

class learning_net : public ::testing::TestWithParam<net_kind> {
protected:
  learning_net() : net(nets::usual_net(GetParam(), 1, 28, 28, numbered(3))), settings(settings_for(net)) {
    settings.optimiser = sgd_settings{0.9, 1e-3, 1};
    pictures = pictures_of_size(net.width, net.height, net.channels, 6);
    rows = labelled(pictures, 3);
  }

  std::unique_ptr<trainable_net> make() const {
    auto made = trainable_net::make(settings);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

  std::vector<double> take_steps(trainable_net& model, int count) const {
    std::vector<double> losses;
    for (int step = 0; step < count; ++step) {
      losses.push_back(*model.learn(rows, rows.size()));
      EXPECT_TRUE(model.update(0.02));
    }
    return losses;
  }

  net_description net;
  trainable_net_settings settings;
  std::vector<picture> pictures;
  std::vector<labelled_picture> rows;
  scratch_folder folder;
};

TEST_P(learning_net, goes_on_from_a_checkpoint_to_the_last_bit) {
  const auto whole = make();
  take_steps(*whole, 3);
  const std::vector<double> numbers{1.5, 1.0 / 3};
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "c", numbers, "text\n"));
  const auto rest = take_steps(*whole, 3);

  const auto again = make();
  const auto found = again->read_checkpoint(folder.path() / "c");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->numbers, numbers);
  EXPECT_EQ(found->text, "text\n");
  EXPECT_EQ(take_steps(*again, 3), rest);
  ASSERT_TRUE(whole->write_model(folder.path() / "a"));
  ASSERT_TRUE(again->write_model(folder.path() / "b"));
  EXPECT_EQ(folder.read("a/model.safetensors"), folder.read("b/model.safetensors"));
}

TEST_P(learning_net, begins_the_same_with_the_same_seed_alone) {
  const auto first = make()->judge(rows);
  const auto second = make()->judge(rows);
  settings.seed = 1;
  const auto other = make()->judge(rows);
  ASSERT_TRUE(first && second && other);
  EXPECT_EQ(first->rows.values, second->rows.values);
  EXPECT_NE(first->rows.values, other->rows.values);
}

TEST_P(learning_net, learns_a_few_pictures_by_heart) {
  const auto model = make();
  const auto losses = take_steps(*model, 60);
  EXPECT_LT(losses.back(), 0.3 * losses.front());
}

TEST_P(learning_net, writes_a_directory_that_describes_and_fits_it) {
  const auto model = make();
  ASSERT_TRUE(model->write_model(folder.path()));
  const auto file = folder.path() / "config.json";
  const auto root = read_json(file);
  ASSERT_TRUE(root) << root.error().message;
  const auto read = nets::describe_net(models::settings(file.string(), *root));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(nets::configuration_of(*read), folder.read("config.json"));
  EXPECT_EQ(read->labels, net.labels);
  const auto archive = tensor_archive::open(folder.path());
  ASSERT_TRUE(archive) << archive.error().message;
  EXPECT_TRUE(nets::check_tensors(*read, *archive));
  auto other = *read;
  other.labels.push_back("one more");
  const auto refused = nets::check_tensors(other, *archive);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("classifier.weight"));

  const auto preprocessor = json::parse(folder.read("preprocessor_config.json"));
  EXPECT_EQ(preprocessor.at("image_processor_type"), "ViTImageProcessor");
  EXPECT_EQ(preprocessor.at("size"), (json{{"height", 28}, {"width", 28}}));
  EXPECT_EQ(preprocessor.at("image_mean"), json::array({0.5}));
}

TEST_P(learning_net, refuses_pictures_and_labels_it_was_not_made_for) {
  const auto model = make();
  auto large = pictures.front();
  large.width = 29;
  const labelled_picture wrong_size{&large, 0};
  EXPECT_THAT(model->learn({&wrong_size, 1}, 1).error().message, HasSubstr("28 by 29"));
  const labelled_picture wrong_label{&pictures.front(), 3};
  EXPECT_THAT(model->judge({&wrong_label, 1}).error().message, HasSubstr("label 3"));
}

INSTANTIATE_TEST_SUITE_P(every_net, learning_net,
                         ::testing::Values(net_kind::conv, net_kind::dense, net_kind::residual),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(nets_test, a_pool_keeps_a_side_of_one_cell) {
  for (const auto& [side, padding, left] :
       {std::tuple{28U, 2U, 1U}, {32U, 0U, 1U}, {36U, 0U, 1U}, {44U, 0U, 2U}, {224U, 0U, 24U}}) {
    auto net = nets::usual_net(net_kind::conv, 3, side, side, numbered(2));
    net.padding = padding;
    EXPECT_EQ(nets::cells_left(net), (std::array<std::size_t, 2>{left, left})) << side;
    EXPECT_TRUE(nets::check_net(net)) << side;
  }
}

TEST(nets_test, multiply_adds_are_counted_as_by_hand) {
  EXPECT_EQ(nets::multiply_adds(nets::usual_net(net_kind::conv, 1, 28, 28, numbered(10))),
            28 * 28 * 6 * 25 + 10 * 10 * 16 * 6 * 25 + 120 * 16 * 25 + 120 * 84 + 84 * 10);
  EXPECT_EQ(nets::multiply_adds(nets::usual_net(net_kind::dense, 1, 28, 28, numbered(10))),
            784 * 512 + 512 * 256 + 256 * 10);
  EXPECT_EQ(nets::multiply_adds(nets::usual_net(net_kind::residual, 3, 28, 28, numbered(10))),
            14 * 14 * 9 * (3 * 16 + 2 * 16 * 16) + 7 * 7 * (9 * (16 * 32 + 32 * 32) + 16 * 32)
                + 4 * 4 * (9 * (32 * 64 + 64 * 64) + 32 * 64) + 640);
}

TEST(nets_test, pictures_too_small_for_its_convolutions_are_refused) {
  auto net = nets::usual_net(net_kind::conv, 1, 28, 28, numbered(2));
  net.padding = 0;
  const auto refused = nets::check_net(net);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("28 by 28, padded by 0, are too small"));
}

TEST(nets_test, a_configuration_that_cannot_be_is_refused_by_name) {
  const std::string good = nets::configuration_of(nets::usual_net(net_kind::residual, 3, 32, 32, numbered(2)));
  const auto refusal = [&](const std::string& key, const json& value) {
    auto config = json::parse(good);
    config[key] = value;
    const auto root = parse_json(config.dump());
    EXPECT_TRUE(root);
    const auto read = nets::describe_net(settings("config.json", *root));
    return read ? std::string("none") : read.error().message;
  };
  EXPECT_EQ(refusal("blocks", 2), "none");
  EXPECT_EQ(refusal("image_size", {20, 30}), "none");
  EXPECT_THAT(refusal("model_type", "residual_nets"), HasSubstr("there is no net 'residual_nets'"));
  EXPECT_THAT(refusal("image_size", 0), HasSubstr("'image_size'"));
  EXPECT_THAT(refusal("image_size", {32, 32, 3}), HasSubstr("'image_size'"));
  EXPECT_THAT(refusal("image_size", 100000), HasSubstr("'image_size'"));
  EXPECT_THAT(refusal("num_channels", 2), HasSubstr("1 or 3 channels, not 2"));
  EXPECT_THAT(refusal("hidden_sizes", json::array()), HasSubstr("'hidden_sizes'"));
  EXPECT_THAT(refusal("hidden_sizes", {16, -1}), HasSubstr("'hidden_sizes'"));
  EXPECT_THAT(refusal("hidden_sizes", {16384, 16384}), HasSubstr("weights; the limit is"));
  EXPECT_THAT(refusal("stem_stride", 3), HasSubstr("'stem_stride'"));
  EXPECT_THAT(refusal("blocks", 1000), HasSubstr("'blocks'"));
}

} // namespace
} // namespace chalkstream::models::training
