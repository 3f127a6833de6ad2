package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ends the program before it serves. */
class MainTest {
  @TempDir Path directory;

  private static String error(int expectedExit, String... arguments) {
    StringWriter err = new StringWriter();
    int exit = Main.commandLine().setErr(new PrintWriter(err)).execute(arguments);
    assertThat(exit).as(err.toString()).isEqualTo(expectedExit);
    return err.toString();
  }

  @Test
  void aMissingModelIsNamed() {
    Path missing = directory.resolve("missing");
    assertThat(error(1, "--model", missing.toString()))
        .isEqualTo(
            "error: "
                + missing
                + ": expected a model's directory, found none"
                + System.lineSeparator());
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    Path model = TestModel.saveWhole(directory.resolve("model"));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(socket.getLocalPort());
      assertThat(error(1, "--model", model.toString(), "--port", port))
          .startsWith("error: 127.0.0.1:" + port + ": cannot listen there (")
          .endsWith("; --host and --port name another place" + System.lineSeparator());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--port, -1, 0 to 65535",
    "--max-queue, 0, 1 to 1000000",
    "--max-connections, 0, 1 to 10000",
    "--request-timeout, 0, 1 to 3600",
    "--batch-wait, -1, 0 to 1000"
  })
  void impossibleValuesAreNamed(String option, String value, String expected) {
    assertThat(error(1, option + "=" + value))
        .isEqualTo(
            "error: "
                + option
                + ": expected "
                + expected
                + ", found "
                + value
                + System.lineSeparator());
  }

  @Test
  void helpNamesTheOptions() {
    StringWriter out = new StringWriter();
    assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("--help")).isZero();
    assertThat(out.toString())
        .contains("--model", "--base", "--host", "--port", "--max-queue", "--threads", "--weights");
  }
}
