package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledDirectoryTest {
  private static final List<String> FILES = List.of("config.json", "merges.txt");

  @TempDir Path temp;
  private Path cache;

  @BeforeEach
  void setCache() {
    cache = temp.resolve("above").resolve("cache");
  }

  /** What another process would have. */
  private BundledDirectory bundled(Path... caches) {
    return new BundledDirectory(BaseModel.BUNDLED, FILES, List.of(caches));
  }

  private static void assertWhole(Path dir) throws IOException {
    for (String file : FILES) {
      try (InputStream in =
          BundledDirectory.class.getResourceAsStream(BaseModel.BUNDLED + "/" + file)) {
        assertThat(dir.resolve(file)).hasBinaryContent(in.readAllBytes());
      }
    }
  }

  private static List<String> names(Path dir) throws IOException {
    try (Stream<Path> all = Files.list(dir)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void isUnpackedOnceForAllProcesses() throws IOException {
    Path dir = bundled(cache).unpack();
    assertThat(dir).hasFileName(BaseModel.BUNDLED);
    assertWhole(dir);
    assertThat(names(dir)).isEqualTo(FILES);
    assertThat(names(cache)).containsExactly(".lock", dir.getParent().getFileName().toString());

    Object before = Files.readAttributes(dir, "fileKey,creationTime").toString();
    assertThat(bundled(cache).unpack()).isEqualTo(dir);
    assertThat(Files.readAttributes(dir, "fileKey,creationTime").toString()).isEqualTo(before);
    assertThat(
            new BundledDirectory(BaseModel.BUNDLED, FILES.subList(0, 1), List.of(cache)).unpack())
        .as("other content")
        .isNotEqualTo(dir);
  }

  @Test
  void whatSomebodyDeletedOrCutOffIsUnpackedAgain() throws IOException {
    BundledDirectory bundled = bundled(cache);
    Path dir = bundled.unpack();
    Files.delete(dir.resolve("config.json"));
    assertThat(bundled.unpack()).isEqualTo(dir);
    assertWhole(dir);
    Files.write(dir.resolve("merges.txt"), new byte[7]);
    assertThat(bundled(cache).unpack()).isEqualTo(dir);
    assertWhole(dir);
  }

  @Test
  void whatKilledProcessesLeftGoes() throws IOException {
    Path left = Files.createDirectories(cache.resolve("gpt2j-base-0123.tmp").resolve("gpt2j-base"));
    Files.write(left.resolve("model.safetensors"), new byte[100]);
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    Path dir = bundled(cache).unpack();
    assertThat(names(cache)).containsExactly(".lock", dir.getParent().getFileName().toString());
  }

  @Test
  void directoriesThatOthersCouldHaveFilledAreNotUsed() throws IOException {
    Path open = Files.createDirectory(temp.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path link =
        Files.createSymbolicLink(temp.resolve("link"), Files.createDirectory(temp.resolve("to")));
    Path file = Files.createFile(temp.resolve("file"));

    assertThat(bundled(open, link, file, file.resolve("below"), cache).unpack()).startsWith(cache);
    assertThat(Files.getPosixFilePermissions(cache))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(names(open)).isEmpty();
    assertThat(names(link)).isEmpty();
    assertThatThrownBy(() -> bundled(open, link, file).unpack())
        .isInstanceOf(IOException.class)
        .hasMessage(
            "gpt2j-base: the model inside the jar cannot be unpacked (%s: expected a directory that"
                    .formatted(open)
                + " only this user may write into; %s: expected a directory, found a file or a"
                    .formatted(link)
                + " link; %s: expected a directory, found a file or a link):".formatted(file)
                + " -Dorg.bytedeco.javacpp.cachedir=DIR names another directory");
  }

  @Test
  void manyAtOnceGetTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Path>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> bundled(cache).unpack());
      }
      List<Future<Path>> all = threads.invokeAll(calls);
      Path dir = all.get(0).get();
      assertWhole(dir);
      for (Future<Path> each : all) {
        assertThat(each.get()).isEqualTo(dir);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anInterruptedThreadHearsOfIt() throws IOException {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> bundled(cache).unpack()).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();

    Path dir = bundled(cache).unpack();
    Thread.currentThread().interrupt();
    assertThat(bundled(cache).unpack()).as("nothing left to wait for").isEqualTo(dir);
    assertThat(Thread.interrupted()).isTrue();
  }
}
