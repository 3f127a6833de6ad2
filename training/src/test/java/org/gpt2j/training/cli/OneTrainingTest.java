package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.training.DirectoryLock;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An output directory belongs to one training at a time, and remembers its end. */
class OneTrainingTest {
  private static final String TRAIN =
      "train --base @/base --data @/sms.tsv --max-length 32 --max-steps 2 --eval-steps 1"
          + " --output @/out";

  @TempDir Path dir;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeFiles() throws IOException {
    TinyModel.saveBase(dir.resolve("base"));
    Files.write(
        dir.resolve("sms.tsv"),
        TinyModel.messages(40).stream().map(m -> m.label() + "\t" + m.text()).toList());
    String line = "one line of a text to learn from, and some more of it\n";
    Files.writeString(dir.resolve("text.txt"), line.repeat(50));
  }

  private int run(String args) {
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(
            Arrays.stream(args.replace("@", dir.toString()).split(" ")).toArray(String[]::new));
  }

  /** Also where no checkpoint is saved, and only the end would be written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        TRAIN,
        TRAIN + " --save-strategy no --load-best-model-at-end false",
        "recipe --base @/base --data @/sms.tsv --max-length 32 --max-steps 2 --runs 1 --output @/out",
        "pretrain --text @/text.txt --vocab-size 270 --n-layer 1 --n-embd 8 --n-head 1"
            + " --n-positions 8 --max-steps 1 --save-strategy no --load-best-model-at-end false"
            + " --output @/out"
      })
  void aSecondOneIsRefused(String command) throws IOException {
    Path output = dir.resolve("out");
    DirectoryLock first = DirectoryLock.lock(output, this);
    assertThat(run(command)).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo("error: " + output + ": another training is writing into it");
    first.close();
    assertThat(output).doesNotExist();
    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(output.resolve(".training.lock")).doesNotExist();
  }

  /** As a copy that keeps no times leaves them. */
  @Test
  void whatIsCompleteIsSoWhateverTheTimes() throws IOException {
    assertThat(run(TRAIN)).as(err.toString()).isZero();
    Path weights = dir.resolve("out").resolve(LoraModel.WEIGHTS_FILE);
    byte[] trained = Files.readAllBytes(weights);
    Files.delete(weights);
    Path copy = dir.resolve("copy");
    try (Stream<Path> all = Files.walk(dir.resolve("out"))) {
      for (Path p : all.sorted().toList()) {
        Files.copy(p, copy.resolve(dir.resolve("out").relativize(p).toString()));
      }
    }
    String resume = TRAIN.replace("/out", "/copy") + " --resume";
    assertThat(run(resume)).isZero();
    assertThat(out.toString()).contains("copy: this training came to its end already");
    assertThat(copy.resolve(LoraModel.WEIGHTS_FILE)).doesNotExist();
    Files.delete(copy.resolve("trainer_state.json"));
    assertThat(run(resume)).as(err.toString()).isZero();
    assertThat(copy.resolve(LoraModel.WEIGHTS_FILE)).hasBinaryContent(trained);
  }

  @Test
  void resultsOfARunThatAreNoNumbersAreNamed() throws IOException {
    String recipe =
        "recipe --base @/base --data @/sms.tsv --max-length 32 --max-steps 2 --runs 1 --output @/out";
    assertThat(run(recipe)).as(err.toString()).isZero();
    Path results = dir.resolve("out/seed-42/test_results.json");
    JsonFile.write(results, JsonFile.read(results).put("test_f1", "high"));
    assertThat(run(recipe + " --resume")).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo("error: " + results + ": test_f1: expected a number, found \"high\"");
    JsonFile.write(results, JsonFile.parse("{}"));
    assertThat(run(recipe + " --resume")).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo("error: " + results + ": test_accuracy: expected a number, found null");
  }
}
