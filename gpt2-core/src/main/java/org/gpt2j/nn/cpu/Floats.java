package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Direct access to the off-heap memory of a float array. */
final class Floats {
  private Floats() {}

  /** The address of the first element. */
  static FloatPointer pointer(INDArray x) {
    if (x.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "the CPU kernels take FLOAT arrays, found " + x.dataType() + "; use Nd4jKernels");
    }
    return (FloatPointer) x.data().addressPointer();
  }

  /** All elements as a buffer: absolute bulk get and put copy rows out and back. */
  static FloatBuffer buffer(INDArray x) {
    FloatPointer p = pointer(x);
    p.limit(x.length());
    return p.asBuffer();
  }
}
