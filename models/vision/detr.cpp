// DETR (Carion et al. 2020) as Hugging Face stores it.
#include "models/vision/detr_backbone.hpp"
#include "models/vision/vision_family.hpp"

namespace chalkstream::models::vision {
namespace {

constexpr network_names names{"DETR", "Detr", "model.", "query_position_embeddings.weight", {}};
constexpr std::string_view architecture = "DetrForObjectDetection";

// LayerNorm's own: the configuration has no say.
constexpr float epsilon = 1e-5f;
constexpr std::size_t most_guesses = 1u << 12;
constexpr std::size_t learnt_positions = 50; // a side
constexpr std::size_t box_layers = 3;
constexpr std::size_t most_inner = 1u << 18;

class detr_reader {
public:
  explicit detr_reader(network_reader& reader) : reader_(reader), c_(reader.configuration) {}

  result<void> read() {
    CHALK_CHECK(reader_.check_pictures());
    CHALK_TRY(const auto name, families::read_architecture_name(c_));
    if (name != architecture)
      return families::unsupported(c_, "architecture '" + name + "' is not one this build knows ("
                                           + std::string(architecture) + ")");
    CHALK_TRY(width_, read_size(c_, "d_model", 256, most_channels));
    CHALK_TRY(activation_, read_activation(c_, "activation_function", "relu"));
    CHALK_CHECK(read_positions());
    CHALK_TRY(const auto channels, read_detr_backbone(reader_));
    CHALK_TRY(const auto projection, reader_.read_convolution("input_projection", width_, channels, {1, 1}));
    reader_.made.trunk.emplace_back(projection);
    CHALK_CHECK(read_encoder());
    CHALK_CHECK(read_decoder());
    CHALK_CHECK(read_heads());
    reader_.made.regions.emplace_back(std::move(made_));
    return {};
  }

private:
  result<void> read_positions() {
    CHALK_TRY(const auto kind, c_.text("position_embedding_type", "sine"));
    if (kind != "sine" && kind != "learned")
      return families::unsupported(c_, "position_embedding_type '" + kind
                                           + "' is not one this build knows (sine, learned)");
    const bool learnt = kind == "learned";
    // Halves for rows and columns; sines and cosines of each.
    const std::size_t parts = learnt ? 2 : 4;
    if (width_ % parts != 0)
      return {errc::invalid_configuration,
              c_.file() + ": 'd_model' is " + std::to_string(width_) + ", no multiple of " + std::to_string(parts)};
    if (!learnt)
      return {};
    const std::string older = "backbone.position_embedding.";
    const auto part = reader_.find.has(older + "row_embeddings.weight") ? older : "position_embedding.";
    const std::vector<std::size_t> shape{learnt_positions, width_ / 2};
    CHALK_TRY(made_.rows, reader_.find.take(part + "row_embeddings.weight", shape));
    CHALK_TRY(made_.columns, reader_.find.take(part + "column_embeddings.weight", shape));
    return {};
  }

  result<placed_attention> read_attention(const std::string& name, std::size_t heads) {
    placed_attention made;
    made.heads = heads;
    CHALK_TRY(made.query, reader_.read_linear(name + "q_proj", width_, width_));
    CHALK_TRY(made.key, reader_.read_linear(name + "k_proj", width_, width_));
    CHALK_TRY(made.value, reader_.read_linear(name + "v_proj", width_, width_));
    CHALK_TRY(made.output, reader_.read_linear(name + "out_proj", width_, width_));
    return made;
  }

  result<normed_inner> read_inner(const std::string& layer, std::size_t inner) {
    normed_inner made;
    made.activation = activation_;
    CHALK_TRY(made.up, reader_.read_linear(layer + "fc1", inner, width_));
    CHALK_TRY(made.down, reader_.read_linear(layer + "fc2", width_, inner));
    CHALK_TRY(made.norm, reader_.read_norm(layer + "final_layer_norm", width_, epsilon));
    return made;
  }

  struct stack_sizes {
    std::size_t layers, heads, inner;
  };

  result<stack_sizes> read_sizes(const std::string& stack) {
    stack_sizes sizes{};
    CHALK_TRY(sizes.layers, read_size(c_, stack + "_layers", 6, most_layers));
    CHALK_TRY(sizes.heads, read_size(c_, stack + "_attention_heads", 8, 1u << 12));
    CHALK_TRY(sizes.inner, read_size(c_, stack + "_ffn_dim", 2048, most_inner));
    CHALK_CHECK(families::require_multiple(c_, "d_model", width_, stack + "_attention_heads", sizes.heads));
    return sizes;
  }

  result<void> read_encoder() {
    CHALK_TRY(const auto sizes, read_sizes("encoder"));
    for (std::size_t i = 0; i < sizes.layers; ++i) {
      const auto name = "encoder.layers." + std::to_string(i) + ".";
      placed_encoder_layer layer;
      CHALK_TRY(layer.attention, read_attention(name + "self_attn.", sizes.heads));
      CHALK_TRY(layer.norm, reader_.read_norm(name + "self_attn_layer_norm", width_, epsilon));
      CHALK_TRY(layer.inner, read_inner(name, sizes.inner));
      made_.encoder.push_back(layer);
    }
    return {};
  }

  result<void> read_decoder() {
    CHALK_TRY(const auto sizes, read_sizes("decoder"));
    for (std::size_t i = 0; i < sizes.layers; ++i) {
      const auto name = "decoder.layers." + std::to_string(i) + ".";
      placed_decoder_layer layer;
      CHALK_TRY(layer.attention, read_attention(name + "self_attn.", sizes.heads));
      CHALK_TRY(layer.norm, reader_.read_norm(name + "self_attn_layer_norm", width_, epsilon));
      CHALK_TRY(layer.cross, read_attention(name + "encoder_attn.", sizes.heads));
      CHALK_TRY(layer.cross_norm, reader_.read_norm(name + "encoder_attn_layer_norm", width_, epsilon));
      CHALK_TRY(layer.inner, read_inner(name, sizes.inner));
      made_.decoder.push_back(layer);
    }
    CHALK_TRY(made_.norm, reader_.read_norm("decoder.layernorm", width_, epsilon));
    CHALK_TRY(made_.norms_every_layer, c_.flag("auxiliary_loss", false));
    CHALK_TRY(const auto guesses, read_size(c_, "num_queries", 100, most_guesses));
    CHALK_TRY(made_.guesses, reader_.find.take("query_position_embeddings.weight", {guesses, width_}));
    return {};
  }

  result<void> read_heads() {
    CHALK_TRY(const auto labels, reader_.read_labels());
    CHALK_TRY(made_.classes, reader_.find.head_linear("class_labels_classifier", labels + 1, width_));
    for (std::size_t i = 0; i < box_layers; ++i) {
      CHALK_TRY(const auto layer, reader_.find.head_linear("bbox_predictor.layers." + std::to_string(i),
                                                           i + 1 < box_layers ? width_ : 4, width_));
      made_.boxes.push_back(layer);
    }
    return {};
  }

  network_reader& reader_;
  const settings& c_;
  std::size_t width_ = 0;
  kernels::activation activation_ = kernels::activation::relu;
  region_finder made_;
};

} // namespace

result<network> describe_detr(const settings& c, const tensor_group& weights, const image_input& input) {
  network_reader reader(names, c, weights, input);
  CHALK_CHECK(detr_reader(reader).read());
  return reader.finish();
}

} // namespace chalkstream::models::vision
