// Keeps a test program's ports and broker to itself.
#pragma once

namespace chalkstream::test {

/// As root: a network of our own, with nothing but its loopback. Otherwise does nothing; ports are then chosen among
/// the free ones. Call it before any thread is started.
void isolate_network();

} // namespace chalkstream::test
