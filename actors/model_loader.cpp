#include "actors/model_loader.hpp"

namespace chalkstream::actors {

loader_actor::behavior_type model_loader_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](const load_model& wanted) {
        model_back back{wanted.model, wanted.place, nullptr, nullptr};
        if (auto loaded = wanted.load())
          back.compute = std::move(*loaded);
        else
          back.failure = std::make_shared<const error>(std::move(loaded).error());
        tell(self_, who_->scheduler, std::move(back));
      },
      [this](stop) { self_->quit(); },
  };
}

} // namespace chalkstream::actors
