package org.gpt2j.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/** A tensor to be written: its type, its shape and where its bytes come from. */
public final class Tensor {
  /** Bytes converted at once. */
  private static final int CHUNK = 1 << 20;

  private final DType dtype;
  private final long[] shape;
  private final long byteLength;
  private final Source source;

  /** Writes the tensor's bytes, little-endian, in c order. */
  private interface Source {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  private Tensor(DType dtype, long[] shape, long byteLength, Source source) {
    this.dtype = dtype;
    this.shape = shape.clone();
    this.byteLength = byteLength;
    this.source = source;
  }

  /** An array of type FLOAT, written as F32. The array is read when the file is written. */
  public static Tensor of(INDArray array) {
    return of(array, DType.F32);
  }

  /**
   * An array of type FLOAT, converted while the file is written.
   *
   * @param dtype F32, or F16 or BF16 rounded to nearest, ties to even
   */
  public static Tensor of(INDArray array, DType dtype) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "array: expected data type FLOAT, found " + array.dataType());
    }
    if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
      throw new IllegalArgumentException("dtype: expected F32, F16 or BF16, found " + dtype);
    }
    if (array.length() > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException(
          "array: expected less than 2 GiB of floats, found " + array.length() + " elements");
    }
    long bytes = array.length() * (dtype.bits() / 8);
    return new Tensor(
        dtype,
        array.shape(),
        array.isEmpty() ? 0 : bytes,
        channel -> {
          if (!array.isEmpty()) {
            write(dense(array).data().asNioFloat(), array.length(), dtype, channel);
          }
        });
  }

  /**
   * Raw little-endian bytes in c order, from the buffer's position to its limit.
   *
   * @throws IllegalArgumentException if shape and dtype do not need just that many bytes
   */
  public static Tensor of(DType dtype, long[] shape, ByteBuffer bytes) {
    long bits = bits(dtype, shape);
    ByteBuffer own = bytes.slice();
    if (bits != own.remaining() * 8L) {
      throw new IllegalArgumentException(
          "bytes: expected %s bits for %s, found %s bytes".formatted(bits, dtype, own.remaining()));
    }
    return new Tensor(dtype, shape, own.remaining(), channel -> writeFully(own, channel));
  }

  private static long bits(DType dtype, long[] shape) {
    long bits = dtype.bits();
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("shape: expected sizes of at least 0, found " + size);
      }
      try {
        bits = Math.multiplyExact(bits, size);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape: too large to count its elements: " + Arrays.toString(shape), e);
      }
    }
    return bits;
  }

  /** Views and other orders become a c-order copy, one tensor at a time. */
  private static INDArray dense(INDArray array) {
    boolean dense =
        array.ordering() == 'c' && !array.isView() && Shape.hasDefaultStridesForShape(array);
    return dense ? array : array.dup('c');
  }

  private static void write(FloatBuffer from, long count, DType dtype, WritableByteChannel channel)
      throws IOException {
    int size = dtype.bits() / 8;
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < count; done += CHUNK / size) {
      int n = (int) Math.min(CHUNK / size, count - done);
      chunk.clear();
      if (dtype == DType.F32) {
        chunk.asFloatBuffer().put(from.slice(from.position(), n));
        from.position(from.position() + n);
      } else {
        for (int i = 0; i < n; i++) {
          float value = from.get();
          chunk.putShort(
              dtype == DType.F16
                  ? FloatConversion.floatToF16(value)
                  : FloatConversion.floatToBf16(value));
        }
      }
      writeFully(chunk.slice(0, n * size), channel);
    }
  }

  private static void writeFully(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  /** Element type on disk. */
  public DType dtype() {
    return dtype;
  }

  /** Sizes of the axes; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** Size of the data on disk in bytes. */
  public long byteLength() {
    return byteLength;
  }

  void writeTo(WritableByteChannel channel) throws IOException {
    source.writeTo(channel);
  }
}
