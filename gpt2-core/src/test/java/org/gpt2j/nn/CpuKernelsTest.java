package org.gpt2j.nn;

import org.gpt2j.nn.cpu.CpuKernels;

/** The fast CPU kernels against the portable ones. */
class CpuKernelsTest extends KernelsTestContract {
  @Override
  Kernels provider() {
    return new CpuKernels();
  }
}
