package org.gpt2j.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model's directory inside the jar, copied into one of the file system where it is needed. */
final class BundledDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(BundledDirectory.class);

  private final String name;
  private final List<String> files;
  private Path unpacked;

  /**
   * @param name of the directory, beside this class
   * @param files that it holds
   */
  BundledDirectory(String name, List<String> files) {
    this.name = name;
    this.files = files;
  }

  /** Copies the directory, once, into one that goes when the JVM does. */
  synchronized Path unpack() throws IOException {
    if (unpacked != null) {
      return unpacked;
    }
    // Below the one with a name of chance, so that its own is the model's.
    Path dir = Files.createDirectory(Files.createTempDirectory(name + "-").resolve(name));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(dir)));
    for (String file : files) {
      try (InputStream in = BundledDirectory.class.getResourceAsStream(name + "/" + file)) {
        if (in == null) {
          throw new IOException(name + ": this build has no " + file + " in it");
        }
        copy(in, dir.resolve(file));
      }
    }
    unpacked = dir;
    return dir;
  }

  private static void copy(InputStream in, Path file) throws IOException {
    try {
      Files.copy(in, file);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // A full disk does not say where it is.
      throw new IOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** Waits for a copy that is on its way. */
  private synchronized void delete(Path dir) {
    try {
      for (String file : files) {
        Files.deleteIfExists(dir.resolve(file));
      }
      Files.deleteIfExists(dir);
      Files.deleteIfExists(dir.getParent());
    } catch (IOException e) {
      LOG.debug("{}: cannot be deleted", dir, e);
    }
  }
}
