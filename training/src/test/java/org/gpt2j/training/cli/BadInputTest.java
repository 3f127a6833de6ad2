package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * What the program says to input that it cannot use: one sentence, and all that was saved before is
 * still there. The cases are those of {@link BadInputCases}.
 */
class BadInputTest {
  @TempDir static Path root;
  private static Map<Path, Integer> before;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void makeFiles() throws IOException {
    BadInputFiles.make(root);
    before = snapshot();
  }

  /** Every file with a hash of its content; directories too. */
  private static Map<Path, Integer> snapshot() throws IOException {
    Map<Path, Integer> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        files.put(path, Files.isDirectory(path) ? 0 : Arrays.hashCode(Files.readAllBytes(path)));
      }
    }
    return files;
  }

  private void assertRefused(BadInputCases.Case c, int exitCode) throws IOException {
    String cache = root.resolve("no-cache").toString();
    int exit =
        Main.commandLine(Map.of("HF_HUB_CACHE", cache, "HF_HUB_OFFLINE", "1"))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(c.args().replace("@", root.toString()).split(" "));
    assertThat(exit).as("exit code; it said: " + err).isEqualTo(exitCode);
    String pattern =
        Arrays.stream(("error: " + c.sentence()).replace("@", root.toString()).split("\\.\\.\\."))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*", "", c.sentence().endsWith("...") ? ".*" : ""));
    assertThat(err.toString().lines()).singleElement().asString().matches(pattern);
    assertThat(err.toString())
        .doesNotContain("Exception")
        .doesNotContain("com.fasterxml")
        .doesNotContain("Source:");
    assertThat(snapshot()).as("files after").isEqualTo(before);
  }

  @ParameterizedTest
  @FieldSource("org.gpt2j.training.cli.BadInputCases#DATA")
  void data(BadInputCases.Case c) throws IOException {
    assertRefused(c, 1);
  }

  @ParameterizedTest
  @FieldSource("org.gpt2j.training.cli.BadInputCases#MODELS")
  void models(BadInputCases.Case c) throws IOException {
    assertRefused(c, 1);
  }

  @ParameterizedTest
  @FieldSource("org.gpt2j.training.cli.BadInputCases#ARGUMENTS")
  void arguments(BadInputCases.Case c) throws IOException {
    assertRefused(c, 1);
  }

  @ParameterizedTest
  @FieldSource("org.gpt2j.training.cli.BadInputCases#OUTPUTS")
  void outputs(BadInputCases.Case c) throws IOException {
    assertRefused(c, 1);
    assertThat(out.toString()).doesNotContain("loss");
  }

  @ParameterizedTest
  @FieldSource("org.gpt2j.training.cli.BadInputCases#USAGE")
  void usage(BadInputCases.Case c) throws IOException {
    assertRefused(c, 2);
  }

  @Test
  void withoutACommandTheHelpIsNamed() throws IOException {
    int exit = Main.commandLine().setErr(new PrintWriter(err)).execute();
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: Missing required subcommand (`training.jar --help` shows what is possible)");
  }

  /** That no case changed the files is asserted in each; this says that they are worth keeping. */
  @Test
  void whatWasSavedIsUsable() {
    for (String model : List.of("adapter", "model")) {
      int exit =
          Main.commandLine()
              .setOut(new PrintWriter(out))
              .setErr(new PrintWriter(err))
              .execute("classify", "--model", root.resolve(model).toString(), "see you");
      assertThat(exit).as(err.toString()).isZero();
    }
    assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.endsWith("\tsee you"));
  }
}
