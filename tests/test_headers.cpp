// A target has to compile something: the precompiled headers of all test programs belong to this one.
