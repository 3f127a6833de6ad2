package org.gpt2j.nn;

import org.junit.jupiter.api.Tag;

/** Without oneDNN, products of few rows are ours, too. */
@Tag("blas")
class BlasThreadIndependenceTest extends ThreadIndependenceTest {}
