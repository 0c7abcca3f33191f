// Nets that draw: learning against PyTorch's own steps, checkpoints, the directory that is read back, and what they
// refuse.
#include "models/drawing/picture_drawer.hpp"
#include "models/training/trainable_gan.hpp"
#include "tests/models/made_weights.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>

namespace chalkstream::models::training {
namespace {

using drawing::drawing_description;
using drawing::picture_drawer;
using models::testing::golden;
using models::testing::numbered;
using models::testing::pictures_of_size;
using models::testing::remembered_tensor;
using models::testing::scratch_folder;
using models::testing::write_start;
using nlohmann::json;
using ::testing::HasSubstr;

drawing_description described(const json& expected) {
  drawing_description net;
  net.channels = expected.at("channels");
  net.height = expected.at("height");
  net.width = expected.at("width");
  net.hidden_sizes = expected.at("hidden_sizes").get<std::vector<std::size_t>>();
  net.labels = numbered(3);
  net.latent_size = 10;
  net.label_size = 6;
  return net;
}

picture_changes changes_in(const json& how) {
  return {how.value("shift", 0.0), how.value("rotation", 0.0), how.value("zoom", 0.0),
          how.value("shear", 0.0), how.value("flip", 0.0),     how.value("erase", 0.0)};
}

std::vector<labelled_picture> labelled(const std::vector<picture>& pictures) {
  std::vector<labelled_picture> rows;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    rows.push_back({&pictures[i], i % 3});
  return rows;
}

/// With the running mean beside the generator, as it is before the first step.
void write_gan_start(const std::filesystem::path& file, const drawing_description& net) {
  auto tensors = drawing::generator_tensors(net);
  std::vector<remembered_tensor> copies;
  for (const auto& tensor : tensors)
    copies.emplace_back("mean/" + tensor.name, tensor);
  copies.emplace_back("mean/steps", nets::net_tensor{"none", {}, nets::net_role::bias});
  for (auto& tensor : drawing::discriminator_tensors(net))
    tensors.push_back(std::move(tensor));
  write_start(file, tensors, false, copies);
}

void expect_sums(const tensor_archive& archive, const json& wanted) {
  for (const auto& [name, sums] : wanted.items()) {
    const auto* view = archive.find(name);
    ASSERT_NE(view, nullptr) << name;
    const auto values = to_float(*view);
    ASSERT_TRUE(values) << name;
    double sum = 0;
    double size = 0;
    for (const auto value : *values) {
      sum += value;
      size += std::abs(value);
    }
    const auto right = sums[1].get<double>();
    EXPECT_NEAR(size, right, 1e-4 * std::max(1.0, right)) << name;
    EXPECT_NEAR(sum, sums[0].get<double>(), 1e-4 * std::max(1.0, right)) << name;
  }
}

TEST(gan_training_test, steps_are_those_of_pytorch) {
  std::ifstream file(golden("gan_training.json"));
  const auto goldens = json::parse(file);
  ASSERT_EQ(goldens.size(), 3U);
  for (const auto& expected : goldens) {
    trainable_gan_settings settings;
    settings.net = described(expected);
    settings.changes = changes_in(expected.at("changes"));
    settings.changes_real_alone = expected.at("real_alone");
    settings.variety = 5;
    settings.threads = 1;
    const auto made = trainable_gan::make(settings);
    ASSERT_TRUE(made) << made.error().message;
    const scratch_folder folder;
    write_gan_start(folder.path() / "start", settings.net);
    const auto begun = (*made)->read_checkpoint(folder.path() / "start");
    ASSERT_TRUE(begun) << begun.error().message;
    const auto& net = settings.net;
    const auto pictures = pictures_of_size(net.width, net.height, net.channels, expected.at("rows"));
    for (std::size_t step = 0; step < expected.at("losses").size(); ++step) {
      const auto losses = (*made)->step(labelled(pictures), 100 + step, 2e-3);
      ASSERT_TRUE(losses) << losses.error().message;
      const auto& wanted = expected.at("losses").at(step);
      EXPECT_NEAR(losses->judging, wanted[0].get<double>(), 1e-3 * std::abs(wanted[0].get<double>())) << step;
      EXPECT_NEAR(losses->drawing, wanted[1].get<double>(), 1e-3 * std::abs(wanted[1].get<double>())) << step;
    }
    ASSERT_TRUE((*made)->write_model(folder.path() / "made"));
    const auto archive = tensor_archive::open(folder.path() / "made");
    ASSERT_TRUE(archive) << archive.error().message;
    expect_sums(*archive, expected.at("mean"));
  }
}

class learning_gan : public ::testing::Test {
protected:
  learning_gan() {
    settings.net.height = settings.net.width = 8;
    settings.net.labels = numbered(3);
    settings.net.latent_size = 4;
    settings.net.label_size = 4;
    settings.net.hidden_sizes = {12, 8};
    settings.threads = 1;
    settings.averaging = 0.9;
    for (std::size_t i = 0; i < 12; ++i) // each label has a shade of its own
      pictures.push_back({8, 8, 1, std::vector<std::uint8_t>(64, static_cast<std::uint8_t>(20 + 100 * (i % 3)))});
  }

  std::unique_ptr<trainable_gan> make() const {
    auto made = trainable_gan::make(settings);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

  /// With large weights: no two of its pictures are alike.
  std::unique_ptr<trainable_gan> make_varied() const {
    auto made = make();
    write_gan_start(folder.path() / "start", settings.net);
    EXPECT_TRUE(made->read_checkpoint(folder.path() / "start"));
    return made;
  }

  std::vector<double> take_steps(trainable_gan& model, std::uint64_t first, std::size_t count,
                                 double rate = 1e-3) const {
    std::vector<double> losses;
    for (std::size_t step = 0; step < count; ++step) {
      const auto made = model.step(labelled(pictures), first + step, rate);
      EXPECT_TRUE(made) << made.error().message;
      losses.push_back(made->judging);
      losses.push_back(made->drawing);
    }
    return losses;
  }

  trainable_gan_settings settings;
  std::vector<picture> pictures;
  scratch_folder folder;
};

TEST_F(learning_gan, draws_each_label_as_it_learnt_it) {
  const auto model = make();
  take_steps(*model, 0, 400, 3e-3);
  const std::vector<std::size_t> labels{0, 1, 2, 0, 1, 2};
  const auto made = model->draw(labels, 7);
  ASSERT_TRUE(made) << made.error().message;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double sum = 0;
    for (const auto value : (*made)[i].values)
      sum += value;
    EXPECT_NEAR(sum / 64, 20 + 100 * static_cast<double>(labels[i]), 25) << i;
  }
}

TEST_F(learning_gan, goes_on_from_a_checkpoint_to_the_last_bit) {
  settings.changes = {0.1, 10, 0.1, 0.1, 0.5, 0.5};
  const auto whole = make();
  take_steps(*whole, 0, 3);
  const std::vector<double> numbers{1.5};
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "c", numbers, "text"));
  const auto rest = take_steps(*whole, 3, 3);
  const auto again = make();
  const auto found = again->read_checkpoint(folder.path() / "c");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->numbers, numbers);
  EXPECT_EQ(take_steps(*again, 3, 3), rest);
  ASSERT_TRUE(whole->write_model(folder.path() / "a"));
  ASSERT_TRUE(again->write_model(folder.path() / "b"));
  EXPECT_EQ(folder.read("a/model.safetensors"), folder.read("b/model.safetensors"));
}

TEST_F(learning_gan, is_read_back_and_draws_the_same) {
  const auto model = make_varied();
  ASSERT_TRUE(model->write_model(folder.path()));
  const auto drawer = picture_drawer::open(folder.path(), "cpu");
  ASSERT_TRUE(drawer) << drawer.error().message;
  EXPECT_EQ((*drawer)->description().labels, settings.net.labels);
  EXPECT_EQ(drawing::configuration_of((*drawer)->description()), folder.read("config.json"));
  const auto first = model->draw(std::vector<std::size_t>{1}, 9);
  drawing::drawing_settings how;
  how.seed = 9;
  const auto second = (*drawer)->draw(1, 0, how);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->front().values, second->values);
  EXPECT_EQ((*drawer)->draw(1, 0, how)->values, second->values);
  EXPECT_NE((*drawer)->draw(1, 1, how)->values, second->values);
  EXPECT_NE((*drawer)->draw(0, 0, how)->values, second->values);
  how.spread = 0;
  EXPECT_EQ((*drawer)->draw(1, 0, how)->values, (*drawer)->draw(1, 1, how)->values);
}

TEST_F(learning_gan, the_best_of_several_is_one_of_them) {
  const auto model = make_varied();
  ASSERT_TRUE(model->write_model(folder.path()));
  const auto drawer = picture_drawer::open(folder.path(), "cpu");
  ASSERT_TRUE(drawer) << drawer.error().message;
  drawing::drawing_settings how;
  how.best_of = 4;
  const auto best = (*drawer)->draw(2, 3, how);
  ASSERT_TRUE(best) << best.error().message;
  how.best_of = 1;
  const auto differs_by = [&](std::size_t number) {
    const auto one = (*drawer)->draw(2, number, how);
    int most = 0; // of a byte: pictures computed together may round otherwise
    for (std::size_t i = 0; i < one->values.size(); ++i)
      most = std::max(most, std::abs(one->values[i] - best->values[i]));
    return most;
  };
  int least = 255;
  for (const std::size_t number : {12U, 13U, 14U, 15U})
    least = std::min(least, differs_by(number));
  EXPECT_LE(least, 1);
}

TEST_F(learning_gan, a_directory_that_does_not_fit_is_refused_by_name) {
  ASSERT_TRUE(make()->write_model(folder.path()));
  const auto good = folder.read("config.json");
  const auto refusal = [&](const std::string& key, const json& value) {
    auto config = json::parse(good);
    config[key] = value;
    folder.write("config.json", config.dump());
    const auto opened = picture_drawer::open(folder.path(), "cpu");
    return opened ? std::string("none") : opened.error().message;
  };
  EXPECT_EQ(refusal("num_channels", 1), "none");
  EXPECT_THAT(refusal("num_channels", 2), HasSubstr("1 or 3 channels, not 2"));
  EXPECT_THAT(refusal("num_channels", 3), HasSubstr("generator.picture"));
  EXPECT_THAT(refusal("model_type", "dcgan"), HasSubstr("model_type"));
  EXPECT_THAT(refusal("image_size", 10), HasSubstr("must be a multiple of 4"));
  EXPECT_THAT(refusal("image_size", 1 << 20), HasSubstr("'image_size'"));
  EXPECT_THAT(refusal("hidden_sizes", json::array()), HasSubstr("'hidden_sizes'"));
  EXPECT_THAT(refusal("hidden_sizes", {4096, 4096}), HasSubstr("generator"));
  EXPECT_THAT(refusal("hidden_sizes", {16000}), HasSubstr("16000"));
  EXPECT_THAT(refusal("latent_size", 0), HasSubstr("'latent_size'"));
  EXPECT_THAT(refusal("latent_size", 5), HasSubstr("generator.start.weight"));
  EXPECT_THAT(refusal("id2label", {{"0", "a"}}), HasSubstr("labels.weight"));
}

TEST_F(learning_gan, refuses_pictures_and_labels_it_was_not_made_for) {
  const auto model = make();
  auto large = pictures.front();
  large.width = 9;
  const labelled_picture wrong_size{&large, 0};
  EXPECT_THAT(model->step({&wrong_size, 1}, 0, 1e-3).error().message, HasSubstr("8 by 9"));
  const labelled_picture wrong_label{&pictures.front(), 3};
  EXPECT_THAT(model->step({&wrong_label, 1}, 0, 1e-3).error().message, HasSubstr("label 3"));
  settings.net.height = 30;
  EXPECT_THAT(trainable_gan::make(settings).error().message, HasSubstr("30 by 8 cannot be drawn"));
}

} // namespace
} // namespace chalkstream::models::training
