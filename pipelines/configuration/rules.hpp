// What values of the configuration may be, apart from how they are read. Functions named why_no_… return an empty
// text when there is nothing to say.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/yaml_tree.hpp"

#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// "file:line:column"
std::string format_place(std::string_view file, text_position at);

/// Everything that is wrong, one "file:line:column: what" a line, in the order of the file.
error error_of(findings wrong, std::string_view file);

/// Names end up in labels, file names, groups and transactional ids.
std::string why_no_name(std::string_view name);

/// Kafka's own rule for topics.
std::string why_no_topic(std::string_view topic);

/// host:port,…
std::string why_no_brokers(std::string_view brokers);

/// host:port, [v6]:port or :port; port 0 takes a free one.
bool is_address(std::string_view listen);

/// cpu, cuda, cuda:N
bool is_device(std::string_view device);

/// A primary language subtag: two or three lower-case letters.
bool is_language(std::string_view tag);

/// The key under kafka that sets this librdkafka property; empty if there is none.
std::string_view our_name_for(std::string_view property);

/// No pipeline reads, by whatever way, what it wrote itself: results and dead letters would go round for ever.
void check_topics(const yaml_node& root, const configuration& all, findings& wrong);

/// Directories and files that are named exist.
void check_files(const yaml_node& root, const configuration& all, findings& wrong);

} // namespace chalkstream::pipelines
