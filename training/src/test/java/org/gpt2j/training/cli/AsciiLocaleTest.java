package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a JVM in the locale C makes of arguments with an ö: two U+FFFD. */
class AsciiLocaleTest {
  private static final String PROPERTY = "sun.jnu.encoding";

  private final String before = System.getProperty(PROPERTY);

  @TempDir Path dir;

  @BeforeEach
  void setLocale() {
    System.setProperty(PROPERTY, "ANSI_X3.4-1968");
  }

  @AfterEach
  void restoreLocale() {
    System.setProperty(PROPERTY, before);
  }

  private static String fail(String... args) {
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine(Map.of("HF_HUB_OFFLINE", "1")).setErr(new PrintWriter(err)).execute(args);
    assertThat(exit).isNotZero();
    return err.toString().strip();
  }

  /** A second argument that needs the first one to be valid would hide it. */
  @ParameterizedTest
  @CsvSource({
    "--model, classify --model m\uFFFD\uFFFDdell hi",
    "--model, classify --model=m\uFFFD\uFFFDdell hi",
    "--base, classify --base m\uFFFD --model nowhere hi",
    "--data, train --data d\uFFFD\uFFFD.csv",
    "--output, train --output \uFFFD\uFFFD",
    "--resume, train --resume=\uFFFD\uFFFD",
    "--args, train --args \uFFFD\uFFFD",
    "--train-file, train --train-file \uFFFD\uFFFD --eval-file x",
    "--output, split --data a --output \uFFFD\uFFFD",
    "--data, evaluate --model x --data \uFFFD\uFFFD",
    "--label-column, evaluate --model x --label-column \uFFFD\uFFFD --data y",
    "--model, generate --model \uFFFD\uFFFD hi",
    "--stop, generate --stop \uFFFD\uFFFD hi",
    "--text, pretrain --text \uFFFD\uFFFD --output x",
    "--data, recipe --data \uFFFD\uFFFD",
    "NAME, download \uFFFD\uFFFD"
  })
  void everyOptionSaysWhatToSet(String option, String line) {
    assertThat(fail(line.split(" ")))
        .isEqualTo(
            "error: "
                + option
                + ": expected ASCII in this locale, found other characters; set LC_ALL=C.UTF-8");
  }

  @Test
  void textsCanComeFromStandardInput() {
    String expected =
        ": expected ASCII in this locale, found other characters; set LC_ALL=C.UTF-8, or give the"
            + " text on standard input";
    assertThat(fail("classify", "--json", "sch\uFFFD\uFFFDn")).isEqualTo("error: TEXT" + expected);
    assertThat(fail("generate", "a", "sch\uFFFD\uFFFDn")).isEqualTo("error: PROMPT" + expected);
  }

  @Test
  void theCharacterItselfIsNoFaultInOtherLocales() {
    System.setProperty(PROPERTY, "UTF-8");
    assertThat(fail("classify", "--model", dir.resolve("\uFFFD").toString(), "hi"))
        .contains("expected a model's directory, found none");
  }

  /** The real thing, in a process of its own: a path from the environment, and an argument. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessInTheLocaleCSaysIt() throws Exception {
    assertThat(process(Map.of(), "classify", "--model", "mödell", "hi"))
        .isEqualTo(
            "error: --model: expected ASCII in this locale, found other characters; set"
                + " LC_ALL=C.UTF-8");
    assertThat(process(Map.of("HF_HUB_CACHE", "/nö"), "generate", "--model", "org/name", "hi"))
        .matches(
            "error: /n.*: expected the name of a file in ASCII in this locale, found other"
                + " characters; set LC_ALL=C.UTF-8");
  }

  private String process(Map<String, String> environment, String... args) throws Exception {
    // The shell, since this JVM could spell the ö in a command only in a locale of its own.
    Path script = dir.resolve("run.sh");
    String line =
        Path.of(System.getProperty("java.home"), "bin", "java")
            + " -cp \"$CLASSES\" "
            + Main.class.getName()
            + " "
            + String.join(" ", Arrays.asList(args));
    StringBuilder text = new StringBuilder("export LC_ALL=C\n");
    environment.forEach((k, v) -> text.append("export " + k + "=" + v + "\n"));
    Files.writeString(script, text + line + "\n");
    ProcessBuilder builder = new ProcessBuilder(List.of("sh", script.toString()));
    builder.environment().put("CLASSES", System.getProperty("java.class.path"));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isNotZero();
    List<String> lines = output.lines().toList();
    return lines.get(lines.size() - 1);
  }
}
