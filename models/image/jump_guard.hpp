// C libraries that end by longjmp, kept away from destructors.
#pragma once

#include <csetjmp>

namespace chalkstream::image {

/// Runs `work`, from which the library may jump to `session.back`: then false. Between here and there lie the library
/// and `work` alone, whose locals need no destructors; what does is the session's or the caller's.
template <class Session>
bool ends_well(Session& session, void (*work)(Session&)) {
  if (setjmp(session.back) != 0)
    return false;
  work(session);
  return true;
}

} // namespace chalkstream::image
