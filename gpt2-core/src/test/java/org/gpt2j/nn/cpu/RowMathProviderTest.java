package org.gpt2j.nn.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** As users run it: without the Vector API's module, which {@link PanamaRowMathTest} adds. */
class RowMathProviderTest {
  @Test
  void fallsBackAndSaysHowToEnableTheVectorApi() {
    assertThat(RowMathProvider.get()).isExactlyInstanceOf(DefaultRowMath.class);
    assertThat(RowMathProvider.describe())
        .isEqualTo("no Vector API (pass --add-modules jdk.incubator.vector to java to enable it)");
  }
}
