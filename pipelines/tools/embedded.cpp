#include "pipelines/tools/embedded.hpp"

#include "kafka/embedded_broker.hpp"

#include <thread>

namespace chalkstream::pipelines::tools {

result<void> run_embedded_broker(log& journal, const std::function<void(const std::string& address)>& started,
                                 const std::function<bool()>& over) {
  CHALK_TRY(const auto broker, kafka::embedded_broker::start({}, journal));
  started(broker.bootstrap());
  while (!over())
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return {};
}

} // namespace chalkstream::pipelines::tools
