package org.gpt2j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleSupplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradients against central differences (f(x+h) - f(x-h)) / 2h in double precision. */
public final class FiniteDifferences {
  /** Balances the truncation, h^2, with the rounding of the loss, 1e-16 / h. */
  private static final double STEP = 1e-5;

  /** Of the array's largest gradient. */
  private static final double TOLERANCE = 1e-7;

  private final int most;

  private FiniteDifferences(int most) {
    this.most = most;
  }

  /** At most so many elements of an array, evenly spread, for what is slow. */
  public static FiniteDifferences ofSome(int most) {
    return new FiniteDifferences(most);
  }

  /**
   * Asserts that the gradient of the loss by an array is this one.
   *
   * @param variable a c-order DOUBLE array that the loss reads; changed and restored
   */
  public void check(String name, INDArray variable, INDArray gradient, DoubleSupplier loss) {
    assertThat(variable.dataType()).as(name + ", data type").isEqualTo(DataType.DOUBLE);
    assertThat(gradient.shape()).as(name + ", shape of the gradient").isEqualTo(variable.shape());
    double[] actual = gradient.dup('c').data().asDouble();
    double largest = 0;
    for (double value : actual) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).as(name + ": a gradient of zeros shows nothing").isPositive();
    int stride = Math.max(1, (actual.length + most - 1) / most);
    for (int i = 0; i < actual.length; i += stride) {
      double expected = difference(variable, i, loss);
      // "not within" rather than "beyond", so that a NaN fails
      if (!(Math.abs(actual[i] - expected) <= TOLERANCE * largest)) {
        throw new AssertionError(
            String.format(
                "gradient of %s[%d]: expected %.12g by differences, found %.12g; off by %.2g of the"
                    + " largest, tolerance %.2g",
                name, i, expected, actual[i], Math.abs(actual[i] - expected) / largest, TOLERANCE));
      }
    }
  }

  private static double difference(INDArray variable, int i, DoubleSupplier loss) {
    double middle = variable.data().getDouble(i);
    variable.data().put(i, middle + STEP);
    double above = loss.getAsDouble();
    variable.data().put(i, middle - STEP);
    double below = loss.getAsDouble();
    variable.data().put(i, middle);
    return (above - below) / (2 * STEP);
  }
}
