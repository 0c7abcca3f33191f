// Which addresses belong to the Internet at large, rather than to this machine, its network, or nobody.
#pragma once

#include <sys/socket.h>

namespace chalkstream::pipelines::remote {

/// Whether IANA's registries of special addresses call it globally reachable. An IPv6 address that stands for one of
/// IPv4 (mapped, NAT64) counts as that; of the rest only 2000::/3 is public, without its tunnels, documentation and
/// protocol assignments. False for families that are neither.
bool is_public(const sockaddr& address);

} // namespace chalkstream::pipelines::remote
