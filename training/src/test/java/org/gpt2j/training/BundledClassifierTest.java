package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.lora.LoraModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledClassifierTest {
  @TempDir Path directory;

  @Test
  void aModelInTheDirectoryComesFirst() throws IOException {
    assertThat(BundledClassifier.unlessIn(directory))
        .isEqualTo(BundledClassifier.directory())
        .hasFileName(BundledClassifier.NAME);
    Files.createFile(directory.resolve(LoraModel.WEIGHTS_FILE));
    assertThat(BundledClassifier.unlessIn(directory)).isEqualTo(directory);
  }

  @Test
  void itKnowsSpamFromHam() throws IOException {
    try (TextClassifier classifier = TextClassifier.load()) {
      assertThat(classifier.labels()).containsExactly("ham", "spam");
      assertThat(
              classifier.classify(
                  List.of(
                      "You have WON a guaranteed £1000 prize! Call now to claim",
                      "I'm on the bus now, see you at home in ten minutes",
                      "Royal Mail: your parcel is held, pay the 1.99 fee at https://rm-fee.example",
                      "ok")))
          .extracting(Classification::label)
          .containsExactly("spam", "ham", "spam", "ham");
    }
  }
}
