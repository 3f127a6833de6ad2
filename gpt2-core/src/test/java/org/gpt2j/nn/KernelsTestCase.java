package org.gpt2j.nn;

/**
 * One call of one kernel.
 *
 * @param op the method of {@link Kernels}
 * @param detail sizes and options
 * @param tolerance of a 32-bit provider, relative to the largest number of an array
 * @param body makes the arrays and calls the kernel
 */
record KernelsTestCase(String op, String detail, double tolerance, Body body) {
  /** Each output element is a few roundings away from its inputs. */
  static final double ELEMENT = 1e-6;

  /** Each output element is a sum of many. */
  static final double SUM = 1e-5;

  interface Body {
    void run(Kernels kernels, KernelsTestData data);
  }

  @Override
  public String toString() {
    return op + " " + detail;
  }
}
