package org.gpt2j.safetensors;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays over memory that Java holds. */
final class MappedFloats {
  private MappedFloats() {}

  /**
   * A c-order array over a direct buffer, which lives as long as the array: JavaCPP's pointer keeps
   * the buffer that it was made of, and ND4J's buffer the pointer.
   */
  static INDArray array(ByteBuffer direct, long[] shape) {
    FloatPointer pointer = new FloatPointer(direct.asFloatBuffer());
    DataBuffer data = Nd4j.createBuffer(pointer, pointer.capacity(), DataType.FLOAT);
    return Nd4j.create(data, shape, Nd4j.getStrides(shape, 'c'), 0, 'c');
  }
}
