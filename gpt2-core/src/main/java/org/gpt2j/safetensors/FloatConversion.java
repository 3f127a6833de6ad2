package org.gpt2j.safetensors;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Conversions between float and the other element types. F16 is IEEE 754 binary16, BF16 is the
 * upper half of a binary32. Java has these from version 20 on only ({@code Float.float16ToFloat}).
 */
final class FloatConversion {
  private FloatConversion() {}

  /** Whether {@link #widen} knows the type. */
  static boolean canWiden(DType dtype) {
    return switch (dtype) {
      case BOOL, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 -> true;
      case F8_E5M2, F8_E4M3, F8_E4M3FNUZ, F8_E5M2FNUZ -> true;
      // Scales and parts of block formats, whose elements mean nothing alone; and no real numbers.
      case F4, F6_E2M3, F6_E3M2, F8_E8M0, C64 -> false;
    };
  }

  /**
   * Converts all elements of {@code from} (little-endian) and puts them into {@code to}. Exact for
   * types of up to 16 bits and F32; I32, U32, I64, U64 and F64 are rounded to the nearest float.
   */
  static void widen(DType dtype, ByteBuffer from, FloatBuffer to) {
    if (dtype == DType.F32) {
      to.put(from.asFloatBuffer());
      return;
    }
    float[] values = Float8.values(dtype);
    if (values != null) {
      while (from.hasRemaining()) {
        to.put(values[from.get() & 0xff]);
      }
      return;
    }
    int n = from.remaining() / (dtype.bits() / 8);
    for (int i = 0; i < n; i++) {
      to.put(next(dtype, from));
    }
  }

  private static float next(DType dtype, ByteBuffer from) {
    return switch (dtype) {
      case BOOL -> from.get() == 0 ? 0f : 1f;
      case U8 -> from.get() & 0xff;
      case I8 -> from.get();
      case I16 -> from.getShort();
      case U16 -> from.getShort() & 0xffff;
      case F16 -> f16ToFloat(from.getShort());
      case BF16 -> bf16ToFloat(from.getShort());
      case I32 -> from.getInt();
      case U32 -> from.getInt() & 0xffffffffL;
      case F32 -> from.getFloat();
      case F64 -> (float) from.getDouble();
      case I64 -> from.getLong();
      case U64 -> unsignedToFloat(from.getLong());
      default -> throw new IllegalArgumentException("no conversion from " + dtype + " to float");
    };
  }

  private static float unsignedToFloat(long v) {
    // Halved with the lost bit kept sticky, so that rounding stays to nearest.
    return v >= 0 ? v : 2f * ((v >>> 1) | (v & 1));
  }

  static float f16ToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) { // infinity and NaN
      return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
    }
    if (exponent == 0) { // zero and subnormals: mantissa * 2^-24, exact in float
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | (exponent + 127 - 15) << 23 | mantissa << 13);
  }

  /** Rounds to the nearest binary16, ties to even; 65520 and above become infinity. */
  static short floatToF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) { // 65520, halfway between the largest half and 2^16
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: a multiple of 2^-24, as Math.rint rounds to even
      return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
    }
    int rebiased = magnitude - (127 - 15 << 23);
    return (short) (sign | roundHalfEven(rebiased, 13));
  }

  static float bf16ToFloat(short half) {
    return Float.intBitsToFloat(half << 16);
  }

  /** Rounds to the nearest bfloat16, ties to even; NaN becomes the canonical NaN. */
  static short floatToBf16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    return (short) roundHalfEven(Float.floatToRawIntBits(value), 16);
  }

  /** Drops the low bits, rounding to nearest, ties to even; a carry moves into the exponent. */
  private static int roundHalfEven(int bits, int dropped) {
    int lastKept = bits >>> dropped & 1;
    return (bits + (1 << dropped - 1) - 1 + lastKept) >>> dropped;
  }
}
