package org.gpt2j.nn;

import org.junit.jupiter.api.Tag;

/** The fast CPU kernels with the Vector API; PanamaRowMathTest fails if it is not in use. */
@Tag("vector")
class PanamaKernelsTest extends CpuKernelsTest {}
