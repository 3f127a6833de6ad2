package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.gpt2j.nn.cpu.CpuKernels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The fast CPU kernels where there is no oneDNN, as on ARM: the BLAS computes. */
@Tag("blas")
class BlasKernelsTest extends CpuKernelsTest {
  @Test
  void oneDnnIsOff() {
    assertThat(new CpuKernels().prefersPackedWeights()).isFalse();
    assertThat(Backend.describe()).contains(", no oneDNN (-Dgpt2j.onednn=false), ");
  }
}
