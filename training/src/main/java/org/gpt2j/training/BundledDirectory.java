package org.gpt2j.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Digest;
import org.gpt2j.io.Directories;
import org.gpt2j.io.LockFile;
import org.gpt2j.nn.Backend;

/**
 * A model's directory inside the jar, unpacked where it is needed: once, for all processes of this
 * user, under a name that changes with the content.
 */
final class BundledDirectory {
  private static final String UNFINISHED = ".tmp";

  private final String name;
  private final List<String> files;
  private final List<Path> caches;
  private Path unpacked;

  /** What the jar says of a file without unpacking it. */
  private record Entry(long size, long crc) {}

  /**
   * @param name of the directory, beside this class
   * @param files that it holds
   */
  BundledDirectory(String name, List<String> files) {
    this(name, files, caches());
  }

  /**
   * @param name of the directory, beside this class
   * @param files that it holds
   * @param caches to unpack into: the first one that can be made and that is this user's alone
   */
  BundledDirectory(String name, List<String> files, List<Path> caches) {
    this.name = name;
    this.files = files;
    this.caches = caches;
  }

  /**
   * Beside the native libraries that JavaCPP unpacks, or in the temporary directory where the home
   * cannot be written to.
   */
  private static List<Path> caches() {
    List<Path> caches = new ArrayList<>();
    String user = System.getProperty("user.name").replaceAll("[^\\w.-]", "_");
    add(System.getProperty(Backend.CACHE_PROPERTY), "gpt2j", caches);
    add(System.getProperty("user.home"), ".javacpp/cache/gpt2j", caches);
    add(System.getProperty("java.io.tmpdir"), "gpt2j-" + user, caches);
    return List.copyOf(caches);
  }

  private static void add(String directory, String below, List<Path> caches) {
    try {
      if (directory != null) {
        caches.add(Path.of(directory, below));
      }
    } catch (InvalidPathException e) {
      // A home whose name the locale cannot spell: the next one serves.
    }
  }

  /**
   * The directory, with all files in it.
   *
   * @throws InterruptedIOException if the thread is interrupted while it unpacks
   * @throws IOException naming the directories that it cannot be unpacked into
   */
  synchronized Path unpack() throws IOException {
    Map<String, Entry> entries = entries();
    if (unpacked != null && isWhole(unpacked, entries)) {
      return unpacked;
    }
    List<String> hindrances = new ArrayList<>();
    for (Path cache : caches) {
      try {
        unpacked = unpackInto(cache, entries);
        return unpacked;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        hindrances.add(e.getMessage());
      }
    }
    throw new IOException(
        name
            + ": the model inside the jar cannot be unpacked ("
            + String.join("; ", hindrances)
            + "): -D"
            + Backend.CACHE_PROPERTY
            + "=DIR names another directory");
  }

  private Path unpackInto(Path cache, Map<String, Entry> entries) throws IOException {
    Directories.createPrivate(cache);
    Path parent = cache.resolve(name + "-" + key(entries));
    Path dir = parent.resolve(name);
    if (isWhole(dir, entries)) {
      return dir;
    }
    LockFile lock = LockFile.acquire(cache.resolve(".lock"), () -> {});
    try {
      if (!isWhole(dir, entries)) {
        deleteUnfinished(cache);
        Path unfinished = cache.resolve(parent.getFileName() + UNFINISHED);
        try {
          copyInto(Files.createDirectories(unfinished.resolve(name)));
          Directories.delete(parent); // files that somebody has deleted or cut off in part
          Files.move(unfinished, parent, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Directories.delete(unfinished);
        }
      }
    } finally {
      lock.close();
    }
    return dir;
  }

  /** What processes that were killed have left: a living one would have the lock. */
  private static void deleteUnfinished(Path cache) throws IOException {
    List<Path> unfinished;
    try (Stream<Path> all = Files.list(cache)) {
      unfinished = all.filter(p -> p.getFileName().toString().endsWith(UNFINISHED)).toList();
    }
    for (Path dir : unfinished) {
      Directories.delete(dir);
    }
  }

  private void copyInto(Path dir) throws IOException {
    for (String file : files) {
      try (InputStream in = BundledDirectory.class.getResourceAsStream(name + "/" + file)) {
        AtomicFile.write(
            dir.resolve(file), channel -> in.transferTo(Channels.newOutputStream(channel)));
      }
    }
  }

  private static boolean isWhole(Path dir, Map<String, Entry> entries) throws IOException {
    for (Map.Entry<String, Entry> e : entries.entrySet()) {
      Path file = dir.resolve(e.getKey());
      if (!Files.isRegularFile(file) || Files.size(file) != e.getValue().size()) {
        return false;
      }
    }
    return true;
  }

  /** Another build's files have another key. */
  private static String key(Map<String, Entry> entries) {
    MessageDigest digest = Digest.of("SHA-256");
    entries.forEach((file, e) -> digest.update((file + e).getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private Map<String, Entry> entries() throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String file : files) {
      URLConnection connection = resource(file).openConnection();
      connection.setUseCaches(false);
      entries.put(
          file, connection instanceof JarURLConnection jar ? entry(jar) : entry(connection));
    }
    return entries;
  }

  private static Entry entry(JarURLConnection connection) throws IOException {
    try (JarFile jar = connection.getJarFile()) {
      JarEntry entry = jar.getJarEntry(connection.getEntryName());
      return new Entry(entry.getSize(), entry.getCrc());
    }
  }

  /** Outside a jar nothing has the checksum ready. */
  private static Entry entry(URLConnection connection) throws IOException {
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(connection.getInputStream(), crc)) {
      long size = in.transferTo(OutputStream.nullOutputStream());
      return new Entry(size, crc.getValue());
    }
  }

  private URL resource(String file) throws IOException {
    URL url = BundledDirectory.class.getResource(name + "/" + file);
    if (url == null) {
      throw new IOException(name + ": this build has no " + file + " in it");
    }
    return url;
  }
}
