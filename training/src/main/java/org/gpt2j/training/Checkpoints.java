package org.gpt2j.training;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.gpt2j.io.Directories;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories checkpoint-STEP of an output directory. One is written beside its place and moved
 * there when it is whole, and renamed before it is deleted: what has the name is never a half.
 * Their order is that of their {@link SaveNumber}s.
 */
final class Checkpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String PREFIX = "checkpoint-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "\\d{1,9}");
  private static final Pattern LEFT_OVER = Pattern.compile("\\.(" + PREFIX + "\\d+)\\.(tmp|old)");

  private final Path outputDir;
  private final Object owner;

  /** Those that this training, or the one that it goes on with, has written; the newest last. */
  private final Set<Path> own = new LinkedHashSet<>();

  /** Nothing in the directory, and not what the training goes on from, has a higher one. */
  private long lastNumber;

  private DirectoryLock lock;

  /**
   * @param owner of the {@link DirectoryLock}
   */
  Checkpoints(Path outputDir, Object owner) {
    this.outputDir = outputDir;
    this.owner = owner;
  }

  /**
   * Takes the directory for this process, and removes what a killed one left half done.
   *
   * @param bytesNeeded what two checkpoints may take
   * @throws IOException naming the directory, if it cannot be written to, is in use, or its disk is
   *     too full
   */
  void open(long bytesNeeded) throws IOException {
    if (lock != null) {
      return;
    }
    if (Files.isRegularFile(outputDir)) {
      throw new IOException("output_dir " + outputDir + ": expected a directory, found a file");
    }
    try {
      lock = DirectoryLock.lock(outputDir, owner);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("output_dir " + e.getMessage(), e);
    }
    try {
      long free = Files.getFileStore(outputDir).getUsableSpace();
      if (free < bytesNeeded) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "output_dir %s: expected %,d MB free on its disk for checkpoints, found %,d MB",
                outputDir,
                bytesNeeded / 1_000_000 + 1,
                free / 1_000_000));
      }
      try (Stream<Path> entries = Files.list(outputDir)) {
        for (Path p : entries.toList()) {
          cleanUp(p);
        }
      }
      lastNumber = Math.max(lastNumber, lastNumber(outputDir));
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** An old checkpoint whose name nobody has taken is the one to keep. */
  private void cleanUp(Path entry) throws IOException {
    Matcher name = LEFT_OVER.matcher(entry.getFileName().toString());
    if (!name.matches()) {
      return;
    }
    Path checkpoint = outputDir.resolve(name.group(1));
    if (name.group(2).equals("old") && Files.notExists(checkpoint)) {
      Files.move(entry, checkpoint, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Directories.delete(entry);
    }
  }

  Path path(int step) {
    return outputDir.resolve(PREFIX + step);
  }

  /** Writes checkpoint-STEP whole; one of that name that is there is replaced. */
  void save(int step, Directories.Content content) throws IOException {
    Path target = path(step);
    Path temporary = outputDir.resolve("." + PREFIX + step + ".tmp");
    Directories.delete(temporary);
    Files.createDirectories(temporary);
    try {
      content.writeTo(temporary);
      SaveNumber.write(temporary, lastNumber + 1);
      Checksums.write(temporary);
      Directories.sync(temporary);
      Path old = moveAway(target);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      lastNumber++;
      Directories.sync(outputDir);
      Directories.delete(old);
    } finally {
      Directories.delete(temporary);
    }
    own.remove(target);
    own.add(target);
  }

  /** Takes the name away first, so that nobody sees half a checkpoint. */
  private void remove(Path checkpoint) throws IOException {
    Path gone = moveAway(checkpoint);
    // Not one to be put back.
    Path dead = outputDir.resolve("." + checkpoint.getFileName() + ".tmp");
    if (Files.exists(gone)) {
      Directories.delete(dead);
      Files.move(gone, dead, StandardCopyOption.ATOMIC_MOVE);
    }
    Directories.delete(dead);
    own.remove(checkpoint);
  }

  /** Where it is then, if it was there. */
  private Path moveAway(Path checkpoint) throws IOException {
    Path old = outputDir.resolve("." + checkpoint.getFileName() + ".old");
    Directories.delete(old);
    if (Files.exists(checkpoint)) {
      Files.move(checkpoint, old, StandardCopyOption.ATOMIC_MOVE);
    }
    return old;
  }

  /** Names of this training's, with one that is about to be written. */
  List<String> ownNames(int step) {
    Set<String> names = new TreeSet<>(Set.of(PREFIX + step));
    own.forEach(p -> names.add(p.getFileName().toString()));
    return List.copyOf(names);
  }

  boolean isOwn(Path checkpoint) {
    return own.contains(checkpoint);
  }

  /**
   * Takes over those of the training that goes on, if it goes on in the same directory.
   *
   * @param checkpoint where it goes on from
   * @param names of those that it had written by then
   */
  void adopt(Path checkpoint, List<String> names) throws IOException {
    lastNumber = Math.max(lastNumber, SaveNumber.read(checkpoint));
    Path parent = checkpoint.toRealPath().getParent();
    if (!Files.isDirectory(outputDir) || !parent.equals(outputDir.toRealPath())) {
      return;
    }
    for (Path p : newestLast(outputDir)) {
      if (names.contains(p.getFileName().toString())) {
        own.add(p);
      }
    }
  }

  /**
   * Removes the oldest of this training's until so many are left, though never the newest or the
   * best: transformers' rotate_checkpoints. Those of other trainings stay.
   *
   * @param limit null for no limit
   * @param best may be null
   */
  void prune(Integer limit, Path best) throws IOException {
    if (limit == null) {
      return;
    }
    List<Path> all = own.stream().filter(Files::isDirectory).toList();
    if (all.size() <= limit) {
      return;
    }
    Path newest = all.get(all.size() - 1);
    int keep = Math.max(limit, best == null || best.equals(newest) ? 1 : 2);
    int left = all.size();
    for (Path p : all) {
      if (left > keep && !p.equals(newest) && !p.equals(best)) {
        remove(p);
        left--;
      }
    }
  }

  /** Leaves the best of this training's alone, if it is one of them. */
  void keepOnly(Path best) throws IOException {
    if (!own.contains(best)) {
      return;
    }
    for (Path p : List.copyOf(own)) {
      if (!p.equals(best)) {
        remove(p);
      }
    }
  }

  /**
   * By their numbers. Those of earlier versions have none: they come first, by the times at which
   * they were written, then by their steps.
   */
  private static List<Path> newestLast(Path dir) throws IOException {
    record Written(Path path, long number, FileTime time, int step) {}
    List<Written> all = new ArrayList<>();
    try (Stream<Path> entries = Files.list(dir)) {
      for (Path p : entries.toList()) {
        if (NAME.matcher(p.getFileName().toString()).matches() && Files.isDirectory(p)) {
          all.add(new Written(p, SaveNumber.read(p), Files.getLastModifiedTime(p), step(p)));
        }
      }
    }
    return all.stream()
        .sorted(
            Comparator.comparing(Written::number)
                .thenComparing(Written::time)
                .thenComparing(Written::step))
        .map(Written::path)
        .toList();
  }

  /** The step in a checkpoint's name; null for another name. */
  static Integer step(Path checkpoint) {
    String name = String.valueOf(checkpoint.getFileName());
    return NAME.matcher(name).matches() ? Integer.valueOf(name.substring(PREFIX.length())) : null;
  }

  /** The highest number of an output directory, its own among them; 0 where there is none. */
  private static long lastNumber(Path dir) throws IOException {
    long last = SaveNumber.read(dir);
    for (Path p : newestLast(dir)) {
      last = Math.max(last, SaveNumber.read(p));
    }
    return last;
  }

  /** Notes that a training has come to its end: no checkpoint of the directory is newer. */
  static void markEnd(Path outputDir) throws IOException {
    SaveNumber.write(outputDir, lastNumber(outputDir) + 1);
  }

  /** Whether no checkpoint was written after {@link #markEnd}. */
  static boolean isEnd(Path outputDir) throws IOException {
    List<Path> all = newestLast(outputDir);
    return all.isEmpty() || SaveNumber.read(outputDir) > SaveNumber.read(all.get(all.size() - 1));
  }

  /**
   * The checkpoint to go on from: the directory itself if it is one, else the newest in it that is
   * whole; damaged ones are passed over with a warning that names them.
   *
   * @throws IOException if there is none, or the directory is a damaged one itself
   */
  static Path find(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new IOException(
          dir + ": expected a directory with checkpoints to resume from, found none");
    }
    List<Path> all = newestLast(dir);
    String name = String.valueOf(dir.toAbsolutePath().getFileName());
    if (Files.exists(dir.resolve(Checksums.FILE_NAME))
        || all.isEmpty() && NAME.matcher(name).matches()) {
      Checksums.verify(dir);
      return dir;
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      try {
        Checksums.verify(all.get(i));
        warnIfUnsure(all.get(i), all);
        return all.get(i);
      } catch (IOException e) {
        LOG.warn("{} is not used: {}", all.get(i), e.getMessage());
      }
    }
    throw new IOException(
        dir
            + ": expected a whole checkpoint-STEP to resume from, found "
            + (all.isEmpty() ? "none" : "only damaged ones: " + all));
  }

  /** Times may be wrong, after a copy say. */
  private static void warnIfUnsure(Path chosen, List<Path> all) {
    Path furthest = all.stream().max(Comparator.comparing(Checkpoints::step)).orElse(chosen);
    if (SaveNumber.read(chosen) == 0 && !furthest.equals(chosen)) {
      LOG.warn(
          "going on from {}, which by its time was written after {}; if that is wrong, name the"
              + " other one",
          chosen,
          furthest.getFileName());
    }
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
