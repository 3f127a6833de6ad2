package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gpt2j.nn.cpu.CpuKernels;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Int8MatrixTest {
  private static final int VALUES = 255;

  /** Row k of column j is (k + j) % 255 - 127 times the column's scale, a power of two. */
  private static float[][] allValues(int columns) {
    float[][] w = new float[VALUES][columns];
    for (int k = 0; k < VALUES; k++) {
      for (int j = 0; j < columns; j++) {
        w[k][j] = ((k + j) % VALUES - 127) * Math.scalb(1f, j % 30 - 20);
      }
    }
    return w;
  }

  private static INDArray array(float[][] rows) {
    return Nd4j.createFromArray(rows);
  }

  @Test
  void everyValueComesBack() {
    float[][] w = allValues(1600);
    Int8Matrix matrix = Int8Matrix.of(array(w));
    assertThat(matrix.panels()).isEqualTo(17);
    assertThat(matrix.widen(DataType.FLOAT).toFloatMatrix()).isDeepEqualTo(w);
    for (int j = 0; j < 1600; j++) {
      assertThat(matrix.scales()[j]).isEqualTo(Math.scalb(1f, j % 30 - 20));
    }
  }

  @Test
  void transposedIsTheSame() {
    INDArray w = array(allValues(801));
    assertThat(Int8Matrix.ofTransposed(w.transpose().dup('c')).widen(DataType.FLOAT)).isEqualTo(w);
  }

  /** Rows of an identity matrix pick every weight. */
  @ParameterizedTest
  @ValueSource(ints = {8, 60, VALUES})
  void kernelsWidenEveryValueExactly(int atOnce) {
    float[][] w = allValues(1600);
    Int8Matrix matrix = Int8Matrix.of(array(w));
    for (Kernels kernels : List.of(new CpuKernels(), new Nd4jKernels())) {
      boolean inIntegers = kernels.prefersPackedWeights(); // that is, by oneDNN
      for (int from = 0; from < VALUES; from += atOnce) {
        int m = Math.min(atOnce, VALUES - from);
        float[][] unit = new float[m][VALUES];
        for (int i = 0; i < m; i++) {
          unit[i][from + i] = 1;
        }
        INDArray c = Nd4j.create(DataType.FLOAT, m, 1600);
        kernels.int8Linear(array(unit), matrix, null, c);
        for (int i = 0; i < m; i++) {
          // where rows are rounded to integers, their step, 1 / 8191, is no float
          float[] row = c.getRow(i).toFloatVector();
          for (int j = 0; j < 1600; j++) {
            assertThat(Math.abs(row[j] - w[from + i][j]))
                .isLessThanOrEqualTo(inIntegers ? 2e-7f * Math.abs(w[from + i][j]) : 0);
          }
        }
      }
    }
  }

  /** Half a step at most, a step being 1/127 of the column's largest weight. */
  @Test
  void roundsToTheNearest() {
    int rows = 131;
    int columns = 773;
    float[][] w = new float[rows][columns];
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < columns; j++) {
        w[k][j] = (float) CounterRandom.gaussian(j, k);
      }
    }
    float[][] rounded = Int8Matrix.of(array(w)).widen(DataType.FLOAT).toFloatMatrix();
    for (int j = 0; j < columns; j++) {
      float largest = 0;
      for (int k = 0; k < rows; k++) {
        largest = Math.max(largest, Math.abs(w[k][j]));
      }
      for (int k = 0; k < rows; k++) {
        assertThat(Math.abs(rounded[k][j] - w[k][j])).isLessThan(largest / 127 * 0.50001f);
      }
    }
  }

  @Test
  void zerosStayZero() {
    INDArray zeros = Nd4j.zeros(DataType.FLOAT, 6, 5);
    assertThat(Int8Matrix.of(zeros).widen(DataType.FLOAT)).isEqualTo(zeros);
  }

  @Test
  void takesAQuarterOfTheFloats() {
    assertThat(Int8Matrix.of(Nd4j.zeros(DataType.FLOAT, 768, 1000)).bytes())
        .isEqualTo(768 * 1000 + 8 * 1000);
  }

  /** A row that is not finite gives NaN, and does not touch the others. */
  @Test
  void notANumberStaysSo() {
    Int8Matrix w = Int8Matrix.of(array(allValues(100)));
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[][] x = new float[3][VALUES];
      x[0][0] = 1;
      x[1][17] = bad;
      INDArray y = Nd4j.create(DataType.FLOAT, 3, 100);
      new CpuKernels().int8Linear(array(x), w, null, y);
      assertThat(y.getRow(0).toFloatVector()).doesNotContain(Float.NaN);
      assertThat(y.getFloat(1, 5)).matches(v -> !Float.isFinite(v), "not finite");
      assertThat(y.getRow(2).toFloatVector()).containsOnly(0f);
    }
  }

  @Test
  void refusesOtherShapes() {
    Int8Matrix b = Int8Matrix.of(Nd4j.zeros(DataType.FLOAT, 6, 5));
    INDArray a = Nd4j.zeros(DataType.FLOAT, 2, 7);
    INDArray c = Nd4j.zeros(DataType.FLOAT, 2, 5);
    assertThatThrownBy(() -> new CpuKernels().int8Linear(a, b, null, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("int8Linear: x [2,7] times w [6,5] does not give y [2,5]");
  }
}
