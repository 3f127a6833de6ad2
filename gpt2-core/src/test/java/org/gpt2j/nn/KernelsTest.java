package org.gpt2j.nn;

import org.gpt2j.nn.portable.Nd4jKernels;

/** The portable kernels in single precision against themselves in double precision. */
class KernelsTest extends KernelsTestContract {
  @Override
  Kernels provider() {
    return new Nd4jKernels();
  }
}
