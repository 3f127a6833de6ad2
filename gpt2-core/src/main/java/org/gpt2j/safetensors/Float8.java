package org.gpt2j.safetensors;

/**
 * The floats of 8 bits: E4M3 and E5M2 as "FP8 Formats for Deep Learning" has them (Micikevicius et
 * al. 2022), and their FNUZ forms (Noune et al. 2022), which have one NaN, no infinity and one
 * zero. Each has 256 values, so a table holds them.
 */
final class Float8 {
  private static final float[] E4M3 = new float[256];
  private static final float[] E5M2 = new float[256];
  private static final float[] E4M3FNUZ = new float[256];
  private static final float[] E5M2FNUZ = new float[256];

  static {
    for (int bits = 0; bits < 256; bits++) {
      E4M3[bits] = (bits & 0x7f) == 0x7f ? Float.NaN : value(bits, 3, 7);
      E5M2[bits] = FloatConversion.f16ToFloat((short) (bits << 8)); // the upper half of an F16
      E4M3FNUZ[bits] = bits == 0x80 ? Float.NaN : value(bits, 3, 8);
      E5M2FNUZ[bits] = bits == 0x80 ? Float.NaN : value(bits, 2, 16);
    }
  }

  private Float8() {}

  /** The values of a type by their bits, or null where it is none of the four. */
  static float[] values(DType dtype) {
    return switch (dtype) {
      case F8_E4M3 -> E4M3;
      case F8_E5M2 -> E5M2;
      case F8_E4M3FNUZ -> E4M3FNUZ;
      case F8_E5M2FNUZ -> E5M2FNUZ;
      default -> null;
    };
  }

  private static float value(int bits, int mantissaBits, int bias) {
    int exponent = (bits & 0x7f) >> mantissaBits;
    int mantissa = bits & (1 << mantissaBits) - 1;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
            : Math.scalb((float) (mantissa | 1 << mantissaBits), exponent - bias - mantissaBits);
    return bits < 0x80 ? magnitude : -magnitude;
  }
}
