# `chalkstream train` but for its command line.
include_guard(GLOBAL)
find_package(simdjson REQUIRED)
include(data_files.cmake)
find_package(ZLIB REQUIRED)
chalk_library(training SOURCES
  tools/training/curve_picture.cpp tools/training/data_table.cpp tools/training/drawn_references.cpp tools/training/encoder_learner.cpp tools/training/examples.cpp
  tools/training/figures.cpp tools/training/images/augmentation.cpp tools/training/images/bitmap.cpp
  tools/picture_sheet.cpp
  tools/training/images/cifar_file.cpp tools/training/images/gan_learner.cpp tools/training/images/gan_training.cpp
  tools/training/images/idx_file.cpp tools/training/images/image_learner.cpp
  tools/training/images/image_training.cpp
  tools/training/images/line_files.cpp tools/training/images/line_learner.cpp tools/training/images/line_report.cpp
  tools/training/images/line_training.cpp
  tools/training/images/nearest_pictures.cpp
  tools/training/images/picture_files.cpp tools/training/images/picture_parts.cpp
  tools/training/images/picture_report.cpp tools/training/images/picture_split.cpp
  tools/training/images/zip_file.cpp tools/training/level_fit.cpp tools/training/new_tokenizer.cpp
  tools/training/ngram_training.cpp tools/training/parallel_text.cpp tools/training/recipe.cpp
  tools/training/split.cpp tools/training/step_plan.cpp tools/training/summary_rows.cpp
  tools/training/summary_training.cpp summary_head_directory.cpp tools/training/tokenized_examples.cpp
  tools/training/training.cpp tools/training/training_history.cpp tools/training/training_run.cpp
  tools/training/writing_learner.cpp tools/training/writing_pairs.cpp tools/training/written_texts.cpp
  PUBLIC core data_files education evaluation image models text PRIVATE tasks simdjson::simdjson ZLIB::ZLIB)
