// Whatever is computed in its scope with OpenMP stays on the calling thread: Tesseract asks for four threads at every
// matrix, and a slot has one core.
#pragma once

namespace chalkstream::printed {

class single_thread {
public:
  single_thread();
  ~single_thread();
  single_thread(const single_thread&) = delete;
  single_thread& operator=(const single_thread&) = delete;

private:
  int levels_;
};

} // namespace chalkstream::printed
