package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatConversionTest {
  /** binary16 by its definition, in double. */
  private static double half(int bits) {
    int exponent = bits >> 10 & 0x1f;
    double mantissa = (bits & 0x3ff) / 1024.0;
    double magnitude =
        exponent == 0x1f
            ? Double.POSITIVE_INFINITY
            : exponent == 0 ? Math.scalb(mantissa, -14) : Math.scalb(1 + mantissa, exponent - 15);
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static boolean isNaN(int bits) {
    return (bits & 0x7fff) > 0x7c00;
  }

  @Test
  void everyHalfWidensByDefinitionAndNarrowsBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = FloatConversion.f16ToFloat((short) bits);
      if (isNaN(bits)) {
        assertThat(value).as("%04x", bits).isNaN();
        assertThat(isNaN(FloatConversion.floatToF16(value) & 0xffff)).isTrue();
      } else {
        // As doubles by bits, so that -0 is not 0.
        assertThat(Double.doubleToRawLongBits(value))
            .as("%04x", bits)
            .isEqualTo(Double.doubleToRawLongBits(half(bits)));
        assertThat(FloatConversion.floatToF16(value)).as("%04x", bits).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void narrowingToHalfRoundsToNearestTiesToEven() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      // Above the largest half lies 2^16, where infinity takes over.
      double next = bits == 0x7bff ? 65536 : half(bits + 1);
      float middle = (float) ((half(bits) + next) / 2); // exact: 12 bits of mantissa
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertThat(FloatConversion.floatToF16(middle)).as("%04x", bits).isEqualTo((short) even);
      assertThat(FloatConversion.floatToF16(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(FloatConversion.floatToF16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
      assertThat(FloatConversion.floatToF16(-middle)).isEqualTo((short) (even | 0x8000));
    }
  }

  @Test
  void everyBfloat16WidensByDefinitionAndNarrowsToNearestEven() {
    for (int bits = 0; bits < 0x7f80; bits++) {
      float value = FloatConversion.bf16ToFloat((short) bits);
      assertThat(Float.floatToRawIntBits(value)).isEqualTo(bits << 16);
      assertThat(FloatConversion.floatToBf16(value)).isEqualTo((short) bits);
      float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertThat(FloatConversion.floatToBf16(middle)).as("%04x", bits).isEqualTo((short) even);
      assertThat(FloatConversion.floatToBf16(-Math.nextDown(middle)))
          .isEqualTo((short) (bits | 0x8000));
    }
  }

  @ParameterizedTest
  @CsvSource({"7f800001", "ffffffff", "7fc00000"})
  void nanStaysNaN(String hex) {
    float nan = Float.intBitsToFloat(Integer.parseUnsignedInt(hex, 16));
    assertThat(FloatConversion.f16ToFloat(FloatConversion.floatToF16(nan))).isNaN();
    assertThat(FloatConversion.bf16ToFloat(FloatConversion.floatToBf16(nan))).isNaN();
  }

  @Test
  void narrowsAsTorchDoes() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("rounding.safetensors"))) {
      float[] x = file.floats("x");
      assertThat(x).hasSizeGreaterThan(800);
      ByteBuffer f16 = ByteBuffer.allocate(2 * x.length).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer bf16 = ByteBuffer.allocate(2 * x.length).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : x) {
        f16.putShort(FloatConversion.floatToF16(value));
        bf16.putShort(FloatConversion.floatToBf16(value));
      }
      assertThat(f16.flip()).isEqualTo(file.bytes("f16"));
      assertThat(bf16.flip()).isEqualTo(file.bytes("bf16"));
    }
  }
}
