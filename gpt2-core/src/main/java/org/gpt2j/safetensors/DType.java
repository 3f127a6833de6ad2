package org.gpt2j.safetensors;

import java.util.Arrays;
import java.util.Optional;

/**
 * The element types of the safetensors format, in the order of alignment that the reference
 * implementation declares (huggingface/safetensors, tensor.rs, {@code enum Dtype}). The writer
 * sorts tensors by this order, so it must not change. Names are case-sensitive.
 */
public enum DType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /** Size of one element in bits; F4 and F6 are not whole bytes. */
  public int bits() {
    return bits;
  }

  /** The type of that exact name, or empty. */
  static Optional<DType> ofName(String name) {
    return Arrays.stream(values()).filter(d -> d.name().equals(name)).findFirst();
  }
}
