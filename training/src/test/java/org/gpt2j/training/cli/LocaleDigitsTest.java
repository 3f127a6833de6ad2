package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.gpt2j.nn.Backend;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands in the JVM of somebody whose digits are others: what they print and write has ours. (The
 * program itself sets another locale before; these go through the library.)
 */
@ParameterizedClass
@ValueSource(strings = {"ar-EG", "th-TH-u-ca-buddhist-nu-thai", "hi-IN-u-nu-deva", "tr-TR"})
class LocaleDigitsTest {
  private static final Path SAMPLE = Path.of("../dataset/sample-sms.tsv");

  private final Locale before = Locale.getDefault();
  private final String tag;

  @TempDir Path dir;

  LocaleDigitsTest(String tag) {
    this.tag = tag;
  }

  @BeforeEach
  void setLocale() {
    Locale.setDefault(Locale.forLanguageTag(tag));
  }

  @AfterEach
  void restoreLocale() {
    Locale.setDefault(before);
  }

  private static String run(int exit, Object... args) {
    StringWriter printed = new StringWriter();
    PrintWriter writer = new PrintWriter(printed);
    int found =
        Main.commandLine()
            .setOut(writer)
            .setErr(writer)
            .execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    assertThat(found).as(printed.toString()).isEqualTo(exit);
    assertAsciiDigits(printed.toString());
    return printed.toString();
  }

  private static void assertAsciiDigits(String text) {
    assertThat(text.replaceAll("[0-9]", "")).doesNotMatch("(?s).*\\p{Nd}.*");
  }

  @Test
  void splitsTrainsAndEvaluates() throws IOException {
    Path csv = dir.resolve("csv");
    assertThat(run(0, "split", "--data", SAMPLE, "--output", csv))
        .containsPattern("csv: \\d+ rows");
    Path base = TinyModel.saveBase(dir.resolve("base"));
    Path out = dir.resolve("out");
    String printed =
        run(
            0,
            "train",
            "--base",
            base,
            "--data",
            SAMPLE,
            "--output",
            out,
            "--max-steps",
            4,
            "--eval-steps",
            2,
            "--report-to",
            "tensorboard");
    assertThat(printed).contains("to train, ", "eval_loss");
    assertThat(run(0, "evaluate", "--model", out, "--base", base, "--data", SAMPLE))
        .contains("eval_accuracy", "confusion");
    try (Stream<Path> all = Files.walk(out)) {
      for (Path file : all.toList()) {
        assertAsciiDigits(file.toString());
        if (file.toString().matches(".*\\.(json|csv|txt)")) {
          assertAsciiDigits(Files.readString(file));
        }
      }
    }
  }

  @Test
  void refusesInOurDigits() throws IOException {
    Path file = Files.write(dir.resolve("model.safetensors"), new byte[3]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessage(file + ": the file has 3 bytes, too few for the 8 bytes of the header length");
    assertThat(run(2, "train", "--max-steps", "many")).contains("--max-steps");
    assertThat(Backend.describe()).matches(".* [0-9]+ threads");
  }
}
