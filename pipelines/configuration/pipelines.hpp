// The section `pipelines`: what all have, and what each kind has.
#pragma once

#include "pipelines/configuration/config_file.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/models.hpp"

namespace chalkstream::pipelines {

class pipeline_sections {
public:
  /// Both outlive it.
  pipeline_sections(const config_file& file, model_sections& models) : file_(file), models_(models) {}

  /// `all` has its models already; what a pipeline needs of one becomes its output.
  pipeline_configuration read(const yaml_entry& entry, configuration& all);

private:
  void read_kind(config_section& s, pipeline_configuration& p, configuration& all);
  void read_seeing(config_section& s, pipeline_configuration& p, configuration& all);
  void read_files(config_section& s, pipeline_configuration& p);
  void read_scans(config_section& s, pipeline_configuration& p, configuration& all);
  void read_grading(config_section& s, pipeline_configuration& p, configuration& all);
  void read_answering(config_section& s, pipeline_configuration& p, configuration& all);

  const config_file& file_;
  model_sections& models_;
};

} // namespace chalkstream::pipelines
