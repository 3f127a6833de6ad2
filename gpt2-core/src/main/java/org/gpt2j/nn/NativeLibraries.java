package org.gpt2j.nn;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;

/**
 * Where JavaCPP unpacks the native libraries, and why they cannot be loaded from there: what is
 * thrown then buries it, or does not say it at all (JavaCPP 1.5.7, Loader.getCacheDir and
 * Loader.load).
 */
final class NativeLibraries {
  private static final String WAY_OUT =
      "-D" + Backend.CACHE_PROPERTY + "=DIR puts them into another directory";

  /** Bytes of ND4J 1.0.0-M2.1, OpenBLAS and oneDNN, unpacked for x86-64 Linux. */
  private static final long SIZE = 475_000_000;

  private NativeLibraries() {}

  /** One sentence for what loading ND4J threw. */
  static String explain(Throwable failure) {
    UnsatisfiedLinkError link = find(failure, UnsatisfiedLinkError.class);
    if (link == null) {
      return "ND4J cannot be loaded: " + message(root(failure));
    }
    Path dir;
    long free;
    try {
      dir = Loader.getCacheDir().toPath();
      free = Files.getFileStore(dir).getUsableSpace();
    } catch (IOException | LinkageError e) {
      return "the native libraries of ND4J cannot be unpacked: expected a directory that can be"
          + " written to, found none among "
          + String.join(", ", candidates())
          + "; "
          + WAY_OUT;
    }
    return explain(link, dir, free);
  }

  /**
   * The same where it is known what could not be linked.
   *
   * @param dir into which they are unpacked
   * @param free bytes there; 0 where the file system does not know
   */
  static String explain(UnsatisfiedLinkError link, Path dir, long free) {
    IOException unpacking = find(link, IOException.class);
    String why = message(root(link));
    if (mayNotBeExecuted(why)) {
      return dir
          + ": the native libraries of ND4J may not be executed in this directory (is it mounted"
          + " noexec?): "
          + WAY_OUT;
    }
    if (why.contains("No space left") || free > 0 && free < SIZE) {
      return String.format(
          Locale.ROOT,
          "%s: no space for the native libraries of ND4J: they need %d MB in all, and %d MB are"
              + " free: %s",
          dir,
          SIZE / 1_000_000,
          free / 1_000_000,
          WAY_OUT);
    }
    String what = unpacking == null ? "loaded from" : "unpacked into";
    return dir
        + ": the native libraries of ND4J cannot be "
        + what
        + " this directory ("
        + why
        + "): "
        + WAY_OUT;
  }

  /**
   * What to warn of where the libraries do not lie where the user wants them; null if they do, or
   * if the user has no wish.
   */
  static String elsewhere() {
    String wish = System.getProperty(Backend.CACHE_PROPERTY);
    try {
      if (wish == null || new File(wish).getCanonicalFile().equals(Loader.getCacheDir())) {
        return null;
      }
      return "-D"
          + Backend.CACHE_PROPERTY
          + ": expected a directory that can be written to, found "
          + wish
          + ": the native libraries are unpacked into "
          + Loader.getCacheDir();
    } catch (IOException e) {
      return null; // they came from java.library.path, without a cache
    }
  }

  /** What Linux' loaders say of a file system that is mounted noexec. */
  private static boolean mayNotBeExecuted(String why) {
    return why.contains("Operation not permitted")
        || why.contains("failed to map segment") && !why.contains("memory");
  }

  /** The directories that JavaCPP tries, in its order. */
  private static String[] candidates() {
    String home = System.getProperty("user.home") + "/.javacpp/cache";
    String temporary =
        System.getProperty("java.io.tmpdir")
            + "/.javacpp-"
            + System.getProperty("user.name")
            + "/cache";
    String wish = System.getProperty(Backend.CACHE_PROPERTY);
    return wish == null ? new String[] {home, temporary} : new String[] {wish, home, temporary};
  }

  private static <T extends Throwable> T find(Throwable failure, Class<T> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String message(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
