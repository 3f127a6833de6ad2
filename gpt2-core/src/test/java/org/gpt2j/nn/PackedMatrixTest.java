package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.gpt2j.nn.cpu.CpuKernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PackedMatrixTest {
  @Test
  void everyValueComesBackFromItsPanel() {
    int rows = 7;
    int columns = 2 * PackedMatrix.PANEL + 5;
    INDArray w = Nd4j.arange(rows * columns).castTo(DataType.FLOAT).reshape('c', rows, columns);
    PackedMatrix packed = PackedMatrix.of(w);
    assertThat(packed.panels()).isEqualTo(3);
    assertThat(packed.width(2)).isEqualTo(5);
    assertThat(packed.panel(1).get(3L * PackedMatrix.PANEL + 2))
        .isEqualTo(w.getFloat(3, PackedMatrix.PANEL + 2));
    assertThat(packed.unpack(DataType.FLOAT)).isEqualTo(w);
  }

  @Test
  void refusesOtherShapes() {
    PackedMatrix w = PackedMatrix.of(Nd4j.zeros(DataType.FLOAT, 6, 5));
    INDArray x = Nd4j.zeros(DataType.FLOAT, 2, 7);
    INDArray y = Nd4j.zeros(DataType.FLOAT, 2, 5);
    INDArray bias = Nd4j.zeros(DataType.FLOAT, 5);
    assertThatThrownBy(() -> new CpuKernels().packedLinear(x, w, bias, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("packedLinear: x [2,7] times w [6,5] does not give y [2,5]");
  }
}
