# The tasks: what each kind of pipeline does to a record. Needs no LibTorch, so that their tests need none.
if(NOT TARGET tasks)
  include(${CMAKE_CURRENT_LIST_DIR}/configuration.cmake)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
  chalk_library(tasks SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/text_task.cpp
    ${CMAKE_CURRENT_LIST_DIR}/text_writer.cpp
    ${CMAKE_CURRENT_LIST_DIR}/text_writing.cpp
    ${CMAKE_CURRENT_LIST_DIR}/reference_cache.cpp
    ${CMAKE_CURRENT_LIST_DIR}/probabilities.cpp
    ${CMAKE_CURRENT_LIST_DIR}/answer_labels.cpp
    ${CMAKE_CURRENT_LIST_DIR}/essay_score.cpp
    ${CMAKE_CURRENT_LIST_DIR}/grading.cpp
    ${CMAKE_CURRENT_LIST_DIR}/short_answer_steps.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recommendation.cpp
    ${CMAKE_CURRENT_LIST_DIR}/embedding.cpp
    ${CMAKE_CURRENT_LIST_DIR}/summarizer.cpp
    ${CMAKE_CURRENT_LIST_DIR}/summarization.cpp
    ${CMAKE_CURRENT_LIST_DIR}/answer_span.cpp
    ${CMAKE_CURRENT_LIST_DIR}/answering.cpp
    ${CMAKE_CURRENT_LIST_DIR}/embedded_texts.cpp
    ${CMAKE_CURRENT_LIST_DIR}/indexed_material.cpp
    ${CMAKE_CURRENT_LIST_DIR}/passage_cache.cpp
    ${CMAKE_CURRENT_LIST_DIR}/passage_index.cpp
    ${CMAKE_CURRENT_LIST_DIR}/span_reader.cpp
    ${CMAKE_CURRENT_LIST_DIR}/file_uri.cpp
    ${CMAKE_CURRENT_LIST_DIR}/image_source.cpp
    ${CMAKE_CURRENT_LIST_DIR}/page_reader.cpp
    ${CMAKE_CURRENT_LIST_DIR}/page_regions.cpp
    ${CMAKE_CURRENT_LIST_DIR}/label_vectors.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognition.cpp
    ${CMAKE_CURRENT_LIST_DIR}/clip_recognition.cpp
    ${CMAKE_CURRENT_LIST_DIR}/echo.cpp
    ${CMAKE_CURRENT_LIST_DIR}/overrides.cpp
    PUBLIC core education text image video configuration remote PRIVATE OpenSSL::Crypto)
endif()
