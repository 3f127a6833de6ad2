package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What strangers put into labels, names and answers does not steer the terminal. */
class SafeStreamTest {
  private static final String STEERING = "a\u001b[31mb\u0007\u009b2J\u202Ec";
  private static final String SHOWN = "a\\u001b[31mb\\u0007\\u009b2J\\u202ec";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final SafeStream stream = new SafeStream(bytes, StandardCharsets.UTF_8);

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void allWaysOfPrintingAreSafe() {
    stream.print(STEERING);
    stream.println(STEERING);
    stream.println((Object) STEERING);
    stream.printf(Locale.ROOT, "%s%n", STEERING);
    stream.append(STEERING).println(STEERING.toCharArray());
    PrintWriter writer = stream.writer();
    writer.println(STEERING);
    writer.printf(Locale.ROOT, "%s", STEERING);
    writer.flush();
    assertThat(printed().lines())
        .containsExactly(SHOWN + SHOWN, SHOWN, SHOWN, SHOWN + SHOWN, SHOWN, SHOWN);
  }

  @Test
  void textAndItsLayoutStay() {
    String text = "\u00fc \ud83d\udc69\u200d\ud83d\udcbb \u0e01\n\tb\r[==  ]";
    stream.print(text);
    stream.writer().println("\r[=== ] 1 MB");
    assertThat(printed()).isEqualTo(text + "\r[=== ] 1 MB" + System.lineSeparator());
  }

  /** A command's whole way to the standard error stream, with the log's. */
  @Test
  void aProgramsErrorsAndLogAreSafe() {
    PrintStream before = System.err;
    Locale locale = Locale.getDefault(Locale.Category.FORMAT);
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      String model = Path.of("nowhere") + STEERING + "\nERROR forged";
      assertThat(Program.run(Main.commandLine(), new String[] {"classify", "--model", model, "hi"}))
          .isEqualTo(1);
      assertThat(Program.run(Main.commandLine(), new String[] {"classify", "--" + STEERING}))
          .isEqualTo(2);
      LoggerFactory.getLogger(SafeStreamTest.class).warn("of a stranger: {}", STEERING);
    } finally {
      System.setErr(before);
      Locale.setDefault(Locale.Category.FORMAT, locale);
    }
    assertThat(printed().lines())
        .hasSize(3)
        .allMatch(line -> line.contains(SHOWN))
        .noneMatch(line -> line.contains("\u001b"));
    assertThat(printed()).contains("\\nERROR forged: expected a model's directory, found none");
  }
}
