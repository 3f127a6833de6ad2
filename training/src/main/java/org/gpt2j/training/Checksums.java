package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.io.Digest;
import org.gpt2j.io.JsonFile;

/** The SHA-256 of every file of a directory, in a file of its own beside them. */
final class Checksums {
  static final String FILE_NAME = "checksums.json";
  private static final String KEY = "sha256";

  private Checksums() {}

  /** Adds the file to a directory of files. */
  static void write(Path dir) throws IOException {
    ObjectNode json = JsonFile.parse("{}");
    ObjectNode sums = json.putObject(KEY);
    for (Path file : files(dir)) {
      sums.put(name(dir, file), sha256(file));
    }
    JsonFile.write(dir.resolve(FILE_NAME), json);
  }

  /**
   * @throws IOException naming the file that is missing or is not what was written
   */
  static void verify(Path dir) throws IOException {
    JsonNode sums = JsonFile.read(dir.resolve(FILE_NAME)).path(KEY);
    if (!sums.isObject() || sums.isEmpty()) {
      throw new IOException(dir.resolve(FILE_NAME) + ": expected the files' sha256, found none");
    }
    for (Path file : files(dir)) {
      String name = name(dir, file);
      if (!name.equals(FILE_NAME) && !sums.has(name)) {
        throw new IOException(dir.resolve(FILE_NAME) + ": expected the sha256 of " + name);
      }
    }
    for (Map.Entry<String, JsonNode> e : sums.properties()) {
      Path file = resolve(dir, e.getKey());
      if (file == null || !Files.isRegularFile(file)) {
        throw new IOException(dir + ": the file " + e.getKey() + " of the checkpoint is missing");
      }
      String found = sha256(file);
      if (!found.equals(e.getValue().asText())) {
        throw new IOException(
            file + ": damaged: expected the SHA-256 " + e.getValue().asText() + ", found " + found);
      }
    }
  }

  /** Null for a name that leads out of the directory, or is none. */
  private static Path resolve(Path dir, String name) {
    try {
      Path inside = Path.of(name).normalize();
      boolean leaves = inside.isAbsolute() || inside.startsWith("..");
      return leaves ? null : dir.resolve(inside);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static List<Path> files(Path dir) throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String name(Path dir, Path file) {
    return dir.relativize(file).toString().replace('\\', '/');
  }

  private static String sha256(Path file) throws IOException {
    return Digest.hex(Digest.of("SHA-256"), file);
  }
}
