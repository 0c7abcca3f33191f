#include "tests/kafka/isolation.hpp"

#include <cstring>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chalkstream::test {

void isolate_network() {
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNET) != 0)
    return;
  const int any = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq loopback{};
  std::strncpy(loopback.ifr_name, "lo", IFNAMSIZ - 1);
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(any, SIOCSIFFLAGS, &loopback);
  ::close(any);
}

} // namespace chalkstream::test
