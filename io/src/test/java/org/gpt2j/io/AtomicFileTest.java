package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
  @TempDir Path directory;

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private void assertOnlyFile(Path file, String content) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
    assertThat(file).hasContent(content);
  }

  @Test
  void createsAndReplaces() throws Exception {
    Path file = directory.resolve("a.json");
    AtomicFile.write(file, channel -> channel.write(text("long first content")));
    assertOnlyFile(file, "long first content");
    AtomicFile.write(
        file,
        channel -> {
          channel.write(text("new"));
          // Until the end a reader sees the old file.
          assertThat(file).hasContent("long first content");
        });
    assertOnlyFile(file, "new");
  }

  @Test
  void severalFilesAreReplacedTogetherOrNotAtAll() throws Exception {
    Path first = Files.writeString(directory.resolve("1"), "old");
    Path second = directory.resolve("2");
    AtomicFile.Content good = channel -> channel.write(text("new"));
    Map<Path, AtomicFile.Content> files = new LinkedHashMap<>();
    files.put(first, good);
    files.put(
        second,
        channel -> {
          throw new IOException("No space left on device");
        });
    assertThatThrownBy(() -> AtomicFile.writeAll(files))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(second + ": cannot be written: ")
        .hasMessageContaining("No space left on device");
    assertOnlyFile(first, "old");
    files.put(second, good);
    AtomicFile.writeAll(files);
    assertThat(first).hasContent("new");
    assertThat(second).hasContent("new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"IOException", "IllegalStateException", "OutOfMemoryError"})
  void failureKeepsTheOldFile(String failure) throws Exception {
    Path file = Files.writeString(directory.resolve("a.json"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(text("half of the new con"));
                      switch (failure) {
                        case "IOException" -> throw new IOException("No space left on device");
                        case "IllegalStateException" -> throw new IllegalStateException("broken");
                        default -> throw new OutOfMemoryError("heap");
                      }
                    }))
        .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(failure));
    assertOnlyFile(file, "old");
  }

  @Test
  void failureNamesTheTarget() {
    Path file = directory.resolve("a.json");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw new IOException("No space left on device");
                    }))
        .hasMessageStartingWith(file + ": cannot be written: ")
        .hasMessageEndingWith("No space left on device");
  }

  /** The hub cache links snapshots to shared blobs: the blob must not change. */
  @Test
  void aSymbolicLinkIsReplacedNotFollowed() throws Exception {
    Path blob = Files.writeString(directory.resolve("blob"), "blob");
    Path link = Files.createSymbolicLink(directory.resolve("link"), blob.getFileName());
    AtomicFile.write(link, channel -> channel.write(text("new")));
    assertThat(blob).hasContent("blob");
    assertThat(link).hasContent("new");
    assertThat(Files.isSymbolicLink(link)).isFalse();
  }
}
