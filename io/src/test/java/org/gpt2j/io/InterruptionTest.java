package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptionTest {
  @TempDir Path dir;

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  private static void assertInterrupted(ThrowingCallable call, String message) {
    Thread.currentThread().interrupt();
    assertThatThrownBy(call).isInstanceOf(InterruptedIOException.class).hasMessage(message);
    assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
  }

  @Test
  void aFileThatIsBeingReplacedStaysAsItWas() throws IOException {
    Path file = Files.writeString(dir.resolve("a.json"), "old");
    AtomicFile.Content content = AtomicFile.bytes("new".getBytes(StandardCharsets.US_ASCII));
    assertInterrupted(
        () -> AtomicFile.write(file, content),
        file + ": cannot be written: the thread was interrupted");
    assertThat(file).hasContent("old");
    assertThat(dir.toFile().list()).containsExactly("a.json");
  }

  @Test
  void whatIsTheFilesFaultIsNoInterrupt() throws IOException {
    Interruption.rethrow("a", new IOException("No space left on device"));
    assertInterrupted(
        () -> Interruption.rethrow("a", new InterruptedIOException("told already")),
        "told already");
  }

  @Test
  void theNamesOfADirectoryAreForcedToDiskAllTheSame() {
    Thread.currentThread().interrupt();
    Directories.sync(dir);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aLockThatAnotherThreadHas() throws IOException {
    Path file = dir.resolve("lock");
    LockFile mine = LockFile.acquire(file, () -> {});
    try {
      Thread waiting =
          new Thread(
              () ->
                  assertInterrupted(
                      () -> LockFile.acquire(file, () -> {}),
                      "interrupted while waiting for " + file));
      Throwable[] failure = new Throwable[1];
      waiting.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
      waiting.start();
      waiting.join();
      assertThat(failure[0]).isNull();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      mine.close();
    }
    LockFile.acquire(file, () -> {}).close();
  }
}
