package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** Writes everything that a trained model needs into a directory. */
@FunctionalInterface
public interface ModelSaver {
  void save(Path dir) throws IOException;

  /**
   * Saves over what is there: every new file is whole before the first one takes the place of an
   * old one, so that a full disk leaves the old model as it was.
   */
  default void replace(Path dir) throws IOException {
    Path temporary = dir.resolve(".saving.tmp");
    BestCheckpoint.delete(temporary);
    Files.createDirectories(temporary);
    try {
      save(temporary);
      List<Path> written;
      try (Stream<Path> files = Files.list(temporary)) {
        written = files.toList();
      }
      for (Path file : written) {
        Files.move(
            file,
            dir.resolve(file.getFileName()),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      BestCheckpoint.delete(temporary);
    }
  }
}
