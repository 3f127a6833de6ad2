package org.gpt2j.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model's directory inside the jar, copied into one of the file system where it is needed. */
final class BundledDirectory {
  private final String name;
  private final List<String> files;
  private Path unpacked;

  /**
   * @param name of the directory, beside this class
   * @param files that it holds, the first of them always
   */
  BundledDirectory(String name, List<String> files) {
    this.name = name;
    this.files = files;
  }

  /** Whether this build has the directory. */
  boolean exists() {
    return BundledDirectory.class.getResource(name + "/" + files.get(0)) != null;
  }

  /** Copies the directory, once, into one that goes when the JVM does. */
  synchronized Path unpack() throws IOException {
    if (unpacked != null) {
      return unpacked;
    }
    Path dir = Files.createTempDirectory(name + "-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(dir)));
    for (String file : files) {
      try (InputStream in = BundledDirectory.class.getResourceAsStream(name + "/" + file)) {
        if (in == null) {
          throw new IOException(name + ": this build has no " + file + " in it");
        }
        Files.copy(in, dir.resolve(file));
      }
    }
    unpacked = dir;
    return dir;
  }

  private void delete(Path dir) {
    try {
      for (String file : files) {
        Files.deleteIfExists(dir.resolve(file));
      }
      Files.deleteIfExists(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
