package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory with a saved tokenizer, whose files tests change. */
abstract class SavedTokenizer {
  static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path dir;
  final Gpt2Tokenizer tokenizer =
      SmallTokenizer.train().withPadToken(SmallTokenizer.PAD).withModelMaxLength(64);

  @BeforeEach
  void save() throws IOException {
    tokenizer.savePretrained(dir);
  }

  final void edit(String name, Consumer<ObjectNode> change) throws IOException {
    ObjectNode root = (ObjectNode) MAPPER.readTree(dir.resolve(name).toFile());
    change.accept(root);
    MAPPER.writeValue(dir.resolve(name).toFile(), root);
  }

  final void removeAllBut(String... names) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        if (!List.of(names).contains(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
  }

  final void assertRefused(String file, String message) {
    assertThatThrownBy(() -> Gpt2Tokenizer.fromPretrained(dir))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessage(dir.resolve(file) + ": " + message);
  }

  final void assertRefusedStarting(String file, String message) {
    assertThatThrownBy(() -> Gpt2Tokenizer.fromPretrained(dir))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageStartingWith(dir.resolve(file) + ": " + message)
        .message()
        .hasLineCount(1);
  }
}
