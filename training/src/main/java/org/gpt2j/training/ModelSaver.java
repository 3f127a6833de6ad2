package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;

/** Writes everything that a trained model needs into a directory. */
@FunctionalInterface
public interface ModelSaver {
  void save(Path dir) throws IOException;
}
