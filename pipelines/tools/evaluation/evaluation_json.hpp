// An evaluation as one JSON object for programs:
//   {"task","rows","predictions","references","settings":{…},"bootstrap":{"resamples","seed","level"}?,
//    "figures":{NAME:{"value","low"?,"high"?},…},
//    "groups":[{"group","rows","figures":{…}},…]?,
//    "classes":[{"label","precision","recall","f1","support"},…]?,
//    "confusion":{"labels":[…],"counts":[[…],…]}?,            a row for each reference label
//    "reliability":[{"low","high","count","confidence","accuracy"},…]?}
// Figures that the rows do not define are null.
#pragma once

#include "pipelines/tools/evaluation/evaluation.hpp"

namespace chalkstream::pipelines::tools {

/// Without a line end.
std::string to_json(const evaluation& made);

} // namespace chalkstream::pipelines::tools
