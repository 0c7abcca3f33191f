#include "pipelines/configuration/overrides.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/units.hpp"

namespace chalkstream::pipelines {

void read_overrides(config_section& pipeline, pipeline_configuration& into) {
  pipeline.require("grades", "the topic of the grades that people override");
  if (const auto topic = pipeline.text("grades")) {
    into.grades = *topic;
    if (const auto why = why_no_topic(into.grades); !why.empty())
      pipeline.complain("grades", why);
    else if (into.grades == into.from || into.grades == into.to || into.grades == into.dead_letters)
      pipeline.complain("grades", "'" + into.grades
                                      + "' is where this pipeline's own records are; expected the topic "
                                        "that a grading pipeline writes");
  }
  into.remembered = pipeline.count("remembered", 1, 10'000'000).value_or(into.remembered);
  into.steps = pipeline.count("steps", 1, 1000).value_or(into.steps);
  into.tenant = pipeline.text("tenant").value_or("");
  if (into.tenant.find('\0') != std::string::npos)
    pipeline.complain("tenant", "a tenant has no NUL");
}

std::string describe_overrides(const pipeline_configuration& p) {
  return "    grades: " + yaml_text(p.grades) + "\n    remembered: " + std::to_string(p.remembered) + "\n    steps: "
         + std::to_string(p.steps) + "\n" + (p.tenant.empty() ? "" : "    tenant: " + yaml_text(p.tenant) + "\n");
}

} // namespace chalkstream::pipelines
