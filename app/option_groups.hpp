// Options of commands that have many.
#pragma once

#include "app/commands.hpp"

namespace CLI {
class App;
}

namespace chalkstream::app {

/// Settings of models that write. What is not given is as the model's generation_config.json says.
void add_writing(CLI::App& command, infer_options& to);

void add_training(CLI::App& command, train_options& to);

void add_drawing(CLI::App& command, pipelines::tools::draw_settings& to);

void add_simulation(CLI::App& command, simulate_options& to);

void add_process_scaling(CLI::App& command, autoscale_run_options& to);

void add_manifests(CLI::App& command, autoscale_manifests_options& to);

} // namespace chalkstream::app
