package org.gpt2j.safetensors;

/**
 * What the header says of one tensor.
 *
 * @param name the tensor's name, e.g. {@code h.0.attn.c_attn.weight}
 * @param dtype element type
 * @param shape sizes of the axes, row-major (c order); empty for a scalar
 * @param begin first byte, counted from the start of the data section
 * @param end one past the last byte, counted from the start of the data section
 */
public record TensorInfo(String name, DType dtype, long[] shape, long begin, long end) {
  public TensorInfo {
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Size of the data in bytes. */
  public long byteLength() {
    return end - begin;
  }

  /** Number of elements: the product of the shape, 1 for a scalar. */
  public long elementCount() {
    return byteLength() * 8 / dtype.bits();
  }
}
