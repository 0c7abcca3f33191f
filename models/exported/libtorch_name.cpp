// An empty library that is called libtorch.so, as LibTorch's own is empty. Compiled programs ask for that name;
// LibTorch's would pull in its CUDA half with all of CUDA, and its CPU half is loaded already.
