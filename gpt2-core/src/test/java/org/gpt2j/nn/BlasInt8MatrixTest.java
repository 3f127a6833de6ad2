package org.gpt2j.nn;

import org.junit.jupiter.api.Tag;

/** Without oneDNN, weights of 8 bits are widened. */
@Tag("blas")
class BlasInt8MatrixTest extends Int8MatrixTest {}
