package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The checkpoint-STEP directory of the best evaluation so far. */
final class BestCheckpoint {
  private static final String PREFIX = "checkpoint-";

  private final Path outputDir;
  private final ModelSaver saver;
  private Path current;

  BestCheckpoint(Path outputDir, ModelSaver saver) {
    this.outputDir = outputDir;
    this.saver = saver;
  }

  Path path(int step) {
    return outputDir.resolve(PREFIX + step);
  }

  /**
   * Writes checkpoint-STEP whole, then removes the one that this training wrote before: at every
   * moment a complete one is there, and none that is not. One of the same name that an older
   * training left is replaced, others of it stay.
   */
  void replace(int step, TrainerState state) throws IOException {
    Path target = path(step);
    Path temporary = outputDir.resolve("." + PREFIX + step + ".tmp");
    delete(temporary);
    Files.createDirectories(temporary);
    saver.save(temporary);
    state.save(temporary);
    remove(target);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    if (current != null) {
      remove(current);
    }
    current = target;
  }

  /** Takes the name away first, so that nobody sees half a checkpoint. */
  private void remove(Path checkpoint) throws IOException {
    if (Files.exists(checkpoint)) {
      Path old = outputDir.resolve("." + checkpoint.getFileName() + ".old");
      delete(old);
      Files.move(checkpoint, old, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    }
  }

  /** Deletes a directory with everything in it, if it is there. */
  static void delete(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(dir)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path p : deepestFirst) {
      Files.delete(p);
    }
  }
}
