package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an interrupted thread hears: of its interrupt, and not of a file that is fine. */
class InterruptedThreadTest {
  @TempDir Path dir;

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  private static void assertInterrupted(ThrowingCallable call, String message) {
    Thread.currentThread().interrupt();
    assertThatThrownBy(call)
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageEndingWith(message);
    assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
  }

  @Test
  void loadingStopsAndCanBeTriedAgain() throws IOException {
    String message = "model.safetensors: cannot be read: the thread was interrupted";
    // Unpacked before, so that reading is what is interrupted.
    BundledClassifier.directory();
    BaseModel.resolve(null);
    assertInterrupted(() -> TextClassifier.load().close(), message);
    assertInterrupted(() -> TextGenerator.load(null, null).close(), message);
    Path saved = TinyModel.saveClassifier(dir);
    assertInterrupted(() -> TextClassifier.load(saved).close(), message);
    try (TextClassifier classifier = TextClassifier.load(saved)) {
      Thread.currentThread().interrupt();
      assertThat(classifier.classify("see you at home").label()).isIn("ham", "spam");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aTrainingStopsWhereItWouldSave() throws IOException {
    TrainingArguments args =
        TrainingArguments.fromJson(
            JsonFile.parse("{\"max_steps\": 3, \"save_steps\": 2, \"eval_strategy\": \"no\"}")
                .put("output_dir", dir.resolve("out").toString()));
    Trainer trainer =
        Trainer.builder(TinyModel.classifier())
            .args(args)
            .trainDataset(TinyModel.data(11))
            .tokenizer(TinyModel.tokenizer())
            .build();
    assertInterrupted(trainer::train, "cannot be written: the thread was interrupted");
    trainer.train(); // the output directory is free again
    assertThat(trainer.state().globalStep()).isEqualTo(3);
  }
}
