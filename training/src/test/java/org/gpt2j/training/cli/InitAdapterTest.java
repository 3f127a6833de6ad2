package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.testing.Fixture;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.TinyModel;
import org.gpt2j.training.data.LabeledText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training goes on from adapters of peft's: make_peft_directories.py. */
class InitAdapterTest {
  @TempDir Path dir;

  private Path data;
  private Path adapter;

  /** The adapter of a trainer: [PAD] added to the tokenizer, no config.json, a base by its path. */
  @BeforeEach
  void copyAdapter() throws IOException {
    data = dir.resolve("sms.tsv");
    StringBuilder rows = new StringBuilder();
    for (LabeledText message : TinyModel.messages(40)) {
      rows.append(message.label()).append('\t').append(message.text()).append('\n');
    }
    Files.writeString(data, rows);
    adapter = Files.createDirectories(dir.resolve("runs/checkpoint-8"));
    for (String name :
        new String[] {
          "adapter_config.json",
          "adapter_model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json"
        }) {
      Files.copy(Fixture.path("peft_directories/trainer/" + name), adapter.resolve(name));
    }
    Path config = adapter.resolve("adapter_config.json");
    ObjectNode json = JsonFile.read(config);
    json.put("base_model_name_or_path", base());
    JsonFile.write(config, json.put("exclude_modules", "none.*"));
  }

  private static String base() {
    return Fixture.path("peft_directories/base").toString();
  }

  private String train(Path init, Path output) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "train",
                "--data",
                data.toString(),
                "--init-adapter",
                init.toString(),
                "--output",
                output.toString(),
                "--max-steps",
                "1",
                "--learning-rate",
                "0",
                "--eval-strategy",
                "no");
    assertThat(exit).as(err.toString()).isZero();
    return out.toString();
  }

  /** At a learning rate of 0 nothing moves: weights, embeddings and options are those of before. */
  @Test
  void goesOnFromItsBaseEmbeddingsAndTokenizer() throws IOException {
    Path output = dir.resolve("out");
    assertThat(train(adapter, output)).startsWith("base model: " + base());

    assertThat(output.resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(adapter.resolve(LoraModel.WEIGHTS_FILE));
    assertThat(JsonFile.read(output.resolve("config.json")).get("vocab_size").intValue())
        .isEqualTo(Gpt2Tokenizer.fromPretrained(adapter).vocabSize());
    assertThat(Gpt2Tokenizer.fromPretrained(output).padTokenId())
        .isEqualTo(Gpt2Tokenizer.fromPretrained(adapter).padTokenId())
        .isPresent();
    ObjectNode written = JsonFile.read(output.resolve("adapter_config.json"));
    assertThat(written.get("base_model_name_or_path").textValue()).isEqualTo(base());
    assertThat(written.get("exclude_modules").textValue()).isEqualTo("none.*");
  }

  /** The directory of a run with one checkpoint is as good as the checkpoint. */
  @Test
  void findsTheAdapterInASubfolder() {
    Path output = dir.resolve("out");
    train(adapter.getParent(), output);
    assertThat(output.resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(adapter.resolve(LoraModel.WEIGHTS_FILE));
  }
}
