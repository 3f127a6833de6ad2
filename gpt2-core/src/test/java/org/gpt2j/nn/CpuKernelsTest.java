package org.gpt2j.nn;

/** The fast CPU kernels against the portable ones. */
class CpuKernelsTest extends KernelsTestContract {
  @Override
  Kernels provider() {
    try {
      return (Kernels)
          Class.forName("org.gpt2j.nn.cpu.CpuKernels").getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("No org.gpt2j.nn.cpu.CpuKernels with a no-arg constructor.", e);
    }
  }
}
