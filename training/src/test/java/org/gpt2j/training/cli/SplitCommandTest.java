package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gpt2j.training.data.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SplitCommandTest {
  private static final String SMALL = Fixtures.path("small-sms.tsv").toString();

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return new CommandLine(new SplitCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler(
            (exception, command, parsed) -> {
              command.getErr().println(exception.getMessage());
              return 2;
            })
        .execute(args);
  }

  @Test
  void writesThreeFilesAndReportsTheirRows() {
    assertThat(run("--data", SMALL, "--output", directory.toString())).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            directory.resolve("train.csv") + ": 11 rows (7 ham, 4 spam)",
            directory.resolve("validation.csv") + ": 1 rows (0 ham, 1 spam)",
            directory.resolve("test.csv") + ": 4 rows (1 ham, 3 spam)");
    assertThat(directory.resolve("test.csv")).isNotEmptyFile();
  }

  @Test
  void seedAndQuotingChangeTheRows() throws IOException {
    run("--data", SMALL, "--output", directory.toString());
    String first = Files.readString(directory.resolve("train.csv"));
    run("--data", SMALL, "--output", directory.toString(), "--seed", "123");
    assertThat(directory.resolve("train.csv")).hasContent(first);
    run("--data", SMALL, "--output", directory.toString(), "--seed", "4294967295");
    assertThat(Files.readString(directory.resolve("train.csv"))).isNotEqualTo(first);
    run("--data", SMALL, "--output", directory.toString(), "--pandas-quoting");
    assertThat(Files.readString(directory.resolve("train.csv"))).isNotEqualTo(first);
  }

  @Test
  void warnsOfTextsThatPandasTakesForMissing() throws IOException {
    StringBuilder messages = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      messages.append("ham\tNA\nspam\twin ").append(i).append('\n');
    }
    Path data = Files.writeString(directory.resolve("sms.tsv"), messages);
    assertThat(run("--data", data.toString(), "--output", directory.toString())).isZero();
    assertThat(err.toString().lines())
        .containsExactly(
            "warning: pandas.read_csv reads 5 of the texts (first: 'NA') as NaN unless"
                + " keep_default_na=False is given");
  }

  @Test
  void badInputEndsWithOneSentence() {
    Path missing = directory.resolve("none");
    assertThat(run("--data", missing.toString(), "--output", directory.toString())).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly(missing + ": no such file");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void badSeedEndsWithOneSentence() {
    assertThat(run("--data", SMALL, "--output", directory.toString(), "--seed", "-1")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly("seed must be between 0 and 4294967295, found -1");
  }

  @Test
  void dataAndOutputAreNeeded() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("--data=FILE", "--output=DIR");
  }
}
