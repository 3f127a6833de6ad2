package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
  private final Object owner = new Object();

  @TempDir Path dir;

  private void assertRefused(String found) {
    Path file = dir.resolve(".training.lock");
    assertThatThrownBy(() -> DirectoryLock.lock(dir, owner))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file + ": expected no file, or that of a training, found " + found + "; delete it");
    assertThatThrownBy(() -> new Checkpoints(dir, owner).open(0))
        .hasMessageStartingWith("output_dir " + file + ": expected no file, or that of a training");
  }

  private void assertFree() throws IOException {
    DirectoryLock.lock(dir, owner).close();
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void oneOwnerMayLockItSeveralTimes() throws IOException {
    DirectoryLock first = DirectoryLock.lock(dir, owner);
    DirectoryLock second = DirectoryLock.lock(dir, owner);
    second.close();
    assertThatThrownBy(() -> DirectoryLock.lock(dir, new Object()))
        .isInstanceOf(IOException.class)
        .hasMessage(dir + ": another training is writing into it");
    first.close();
    assertThat(dir).isEmptyDirectory();
    DirectoryLock.lock(dir, new Object()).close();
  }

  @Test
  void aDirectoryThatItMadeGoesIfItIsEmpty() throws IOException {
    Path made = dir.resolve("a/made");
    DirectoryLock lock = DirectoryLock.lock(made, owner);
    assertThat(made).isDirectory();
    lock.close();
    assertThat(made).doesNotExist();
    lock = DirectoryLock.lock(made, owner);
    Files.writeString(made.resolve("file"), "x");
    lock.close();
    assertThat(made.resolve("file")).hasContent("x");
    Files.delete(made.resolve("file"));
    DirectoryLock.lock(made, owner).close();
    assertThat(made).isEmptyDirectory();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes among the files")
  void aNamedPipeIsNotWaitedFor() throws Exception {
    Path file = dir.resolve(".training.lock");
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    assertRefused("a named pipe or a device");
    Files.delete(file);
    assertFree();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "not everybody may make links")
  void aLinkIsNotFollowed() throws IOException {
    Path file = dir.resolve(".training.lock");
    Path target = Files.writeString(Files.createTempDirectory(dir, "x").resolve("target"), "kept");
    Files.createSymbolicLink(file, target);
    assertRefused("a link");
    assertThat(target).hasContent("kept");
    Files.delete(target);
    assertRefused("a link");
    assertThat(target).doesNotExist();
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/null"));
    assertRefused("a link");
  }

  @Test
  void whatIsNoLockStays() throws IOException {
    Path file = Files.createDirectory(dir.resolve(".training.lock"));
    assertRefused("a directory");
    Files.delete(file);
    Files.writeString(file, "what somebody wrote on a line of his own");
    assertRefused("another file");
    assertThat(file).hasContent("what somebody wrote on a line of his own");
  }

  @Test
  void theFilesOfKilledTrainingsAreTaken() throws IOException {
    Path file = dir.resolve(".training.lock");
    // Of an earlier version.
    Files.createFile(file);
    assertFree();
    DirectoryLock lock = DirectoryLock.lock(dir, owner);
    byte[] held = Files.readAllBytes(file);
    lock.close();
    Files.write(file, held);
    assertFree();
  }

  /** Who waited for the lock of a file that is deleted finds it cut down to a byte. */
  @Test
  void aFileThatWasLetGoOfIsNoLock() throws IOException {
    Path file = Files.write(dir.resolve(".training.lock"), new byte[1]);
    assertThatThrownBy(() -> DirectoryLock.lock(dir, owner))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " of one byte");
    Files.delete(file);
    DirectoryLock lock = DirectoryLock.lock(dir, owner);
    Path waiting = Files.createLink(dir.resolve("waiting"), file);
    lock.close();
    assertThat(file).doesNotExist();
    assertThat(waiting).hasSize(1);
  }

  /** As by this class under another class loader. */
  @Test
  void aLockOfThisProcessThatItDoesNotKnowIsAnother() throws IOException {
    try (FileChannel other =
        FileChannel.open(
            dir.resolve(".training.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThat(other.lock().isValid()).isTrue();
      assertThatThrownBy(() -> DirectoryLock.lock(dir, owner))
          .hasMessage(dir + ": another training is writing into it");
    }
    assertFree();
  }
}
