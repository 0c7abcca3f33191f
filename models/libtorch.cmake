# The target `models`: LibTorch behind core's ports. Included by models/CMakeLists.txt when CHALK_LIBTORCH is on.
find_package(LibTorch REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)

set(kernels kernels/kernels.cpp kernels/baseline.cpp)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND kernels kernels/avx2.cpp kernels/avx512.cpp)
endif()

set(encoders encoders/cpu_encoder.cpp encoders/cpu_weights.cpp encoders/distance_bias.cpp)
set(generation
  beam_search.cpp block_pool.cpp cached_line.cpp cpu_decoder.cpp cpu_stack.cpp cpu_stack_weights.cpp
  decoder_directory.cpp generation_config.cpp line_search.cpp logits_rules.cpp
  lstm_decoder.cpp lstm_source.cpp lstm_weights.cpp search_plan.cpp sight.cpp stack_values.cpp writer_directory.cpp)
list(TRANSFORM generation PREPEND generation/)
set(generating
  bart.cpp bart_stacks.cpp generating_families.cpp generator_reader.cpp gpt2.cpp llama.cpp lstm_seq2seq.cpp marian.cpp
  mbart.cpp pegasus.cpp rotary.cpp t5.cpp trocr.cpp vision_encoder_decoder.cpp)
list(TRANSFORM generating PREPEND families/generating/)
set(families
  families/bert.cpp families/configuration.cpp families/deberta_v2.cpp families/distilbert.cpp families/electra.cpp
  families/families.cpp families/family_reader.cpp families/mpnet.cpp families/roberta.cpp families/tensor_lookup.cpp)
set(training
  adamw.cpp guarded.cpp learning_device.cpp learning_head.cpp learning_weights.cpp lstm_network.cpp
  picture_changes.cpp sgd.cpp text_rows.cpp token_loss.cpp trainable_encoder.cpp trainable_gan.cpp
  trainable_line_reader.cpp trainable_lstm.cpp trainable_net.cpp trainable_transformer.cpp training_tensors.cpp)
list(TRANSFORM training PREPEND training/)
set(ngrams
  ngrams/level_scale.cpp ngrams/ngram_counts.cpp ngrams/ngram_directory.cpp ngrams/ngram_learner.cpp
  ngrams/ngram_model.cpp ngrams/ngram_vector.cpp ngrams/ridge.cpp)
set(exported exported/exported_model.cpp exported/exported_program.cpp exported/rectangles.cpp exported/tree_spec.cpp)
set(vision
  clip.cpp clip_texts.cpp convnext.cpp detr.cpp detr_backbone.cpp directory_pictures.cpp mobilenet_v2.cpp
  network_cost.cpp network_reader.cpp picture_form.cpp resnet.cpp resnet_layers.cpp size_settings.cpp swin.cpp
  vision_directory.cpp vision_families.cpp vision_kind.cpp vit.cpp)
list(TRANSFORM vision PREPEND vision/)
set(training_files
  training/drawn_tensors.cpp training/length_order.cpp training/model_writer.cpp training/starting_lstm.cpp
  training/starting_net.cpp
  training/starting_point.cpp training/starting_rules.cpp training/starting_writer.cpp training/trainable_writer.cpp)

# What does without LibTorch's headers, which cost seconds.
add_library(models_without_libtorch OBJECT
  described_directory.cpp description.cpp digest.cpp document.cpp drawing/drawing_description.cpp encoder_model.cpp
  loading.cpp new_file.cpp packed_model.cpp packed_weights.cpp pooling.cpp printed_directory.cpp
  reading/line_decoding.cpp reading/line_description.cpp reading/line_directory.cpp repository.cpp safetensors.cpp safetensors_header.cpp safetensors_writer.cpp
  sequence_limits.cpp vision/nets/net_description.cpp vision/nets/net_directory.cpp word_model.cpp
  ${encoders} ${exported} ${families} ${generating} ${generation} ${kernels} ${ngrams} ${training_files} ${vision})
target_link_libraries(models_without_libtorch PRIVATE
  chalk_options core image printed text nlohmann_json::nlohmann_json OpenSSL::Crypto)
chalk_standard_headers(models_without_libtorch)

chalk_library(models
  SOURCES
    computed_rows.cpp device.cpp drawing/drawing_layers.cpp drawing/drawn_latents.cpp drawing/picture_drawer.cpp reading/line_layers.cpp
    reading/line_reader.cpp library_version.cpp torch_activation.cpp
    encoders/torch_encoder.cpp encoders/torch_layers.cpp
    exported/compiled_program.cpp exported/exported_directory.cpp exported/processor.cpp exported/program_archive.cpp
    exported/program_values.cpp exported/torchscript_program.cpp
    generation/placed_tensors.cpp generation/torch_decoder.cpp generation/torch_stack.cpp generation/writing_model.cpp
    vision/torch_attention.cpp vision/torch_maps.cpp vision/torch_network.cpp vision/torch_regions.cpp vision/torch_text_tower.cpp
    vision/torch_tokens.cpp vision/vision_model.cpp vision/nets/named_layers.cpp
    vision/nets/net_layers.cpp vision/nets/net_network.cpp
    ${training} $<TARGET_OBJECTS:models_without_libtorch>
  PUBLIC core
  PRIVATE image printed text LibTorch::cpu nlohmann_json::nlohmann_json OpenSSL::Crypto ${CMAKE_DL_LIBS}
  HEADERS "$<$<COMPILE_LANGUAGE:CXX>:<ATen/ATen.h$<ANGLE-R>>")

# Programs that AOTInductor compiled ask the dynamic loader for libtorch.so (exported/libtorch_name.cpp).
add_library(libtorch_name SHARED exported/libtorch_name.cpp)
set_target_properties(libtorch_name PROPERTIES
  OUTPUT_NAME torch LIBRARY_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/exported")
add_dependencies(models libtorch_name)
set_source_files_properties(exported/compiled_program.cpp PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON COMPILE_DEFINITIONS "CHALK_LIBTORCH_NAME=\"$<TARGET_FILE:libtorch_name>\"")

# They begin a run, once.
set_source_files_properties(
  training/starting_lstm.cpp training/starting_net.cpp training/starting_point.cpp training/starting_writer.cpp
  PROPERTIES COMPILE_OPTIONS ${chalk_unhurried_flags})

# The kernels are written in plain arithmetic on vector types: let the compiler fuse multiply and add, and inline sqrt.
# Rounding stays exact otherwise; no -ffast-math.
set(kernel_flags -O3 -ffp-contract=fast -fno-math-errno)
set_source_files_properties(${kernels} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(kernels/baseline.cpp PROPERTIES COMPILE_OPTIONS "${kernel_flags}")
set_source_files_properties(kernels/avx2.cpp PROPERTIES COMPILE_OPTIONS "${kernel_flags};-mavx2;-mfma")
set_source_files_properties(kernels/avx512.cpp PROPERTIES COMPILE_OPTIONS
  "${kernel_flags};-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mfma;-mprefer-vector-width=512")
