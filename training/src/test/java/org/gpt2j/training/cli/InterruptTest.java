package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own, told to end. */
class InterruptTest {
  @TempDir Path dir;

  private List<String> arguments(Path base, Path data, String output) {
    return new ArrayList<>(
        List.of(
            "train",
            "--base",
            base.toString(),
            "--data",
            data.toString(),
            "--output",
            dir.resolve(output).toString(),
            "--max-steps",
            "2000",
            "--logging-steps",
            "1",
            "--eval-steps",
            "2000",
            "--threads",
            "1"));
  }

  private Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void aSignalSavesACheckpointAndSaysHowToGoOn() throws Exception {
    Path base = TinyModel.saveBase(dir.resolve("base"));
    Path data = dir.resolve("sms.tsv");
    Files.write(
        data, TinyModel.messages(60).stream().map(m -> m.label() + "\t" + m.text()).toList());
    Process process = start(arguments(base, data, "out"));
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.startsWith("step 3/2000")) {
          // Not Process.destroy, which closes the stream that is read.
          process.toHandle().destroy();
        }
      }
    }
    // 128 + 15, as a shell says of a program that SIGTERM ended.
    assertThat(process.waitFor()).as(String.join("\n", lines)).isEqualTo(143);
    String last = lines.get(lines.size() - 1);
    assertThat(last)
        .matches(
            "interrupted: checkpoint-\\d+ is saved in "
                + dir.resolve("out")
                + "; the same command with --resume goes on from it");
    int step = Integer.parseInt(last.replaceAll(".*checkpoint-(\\d+).*", "$1"));
    assertThat(step).isBetween(3, 1999);
    try (Stream<Path> files = Files.list(dir.resolve("out"))) {
      assertThat(files.map(p -> p.getFileName().toString())).containsExactly("checkpoint-" + step);
    }

    List<String> again = arguments(base, data, "out");
    again.set(again.indexOf("2000"), String.valueOf(step + 2));
    again.add("--resume");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(again.toArray(String[]::new));
    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("step " + (step + 1) + "/" + (step + 2))
        .doesNotContain("step " + step + "/" + (step + 2) + "  ");
    assertThat(dir.resolve("out").resolve(LoraModel.WEIGHTS_FILE)).isNotEmptyFile();
  }
}
