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
   * moment a complete one is there.
   */
  void replace(int step, TrainerState state) throws IOException {
    Path target = path(step);
    Path temporary = outputDir.resolve("." + PREFIX + step + ".tmp");
    delete(temporary);
    Files.createDirectories(temporary);
    saver.save(temporary);
    state.save(temporary);
    delete(target);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    if (current != null) {
      delete(current);
    }
    current = target;
  }

  private static void delete(Path dir) throws IOException {
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
