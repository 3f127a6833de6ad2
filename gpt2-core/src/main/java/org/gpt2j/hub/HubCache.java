package org.gpt2j.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;
import org.gpt2j.io.AtomicFile;

/**
 * A model's part of the Hugging Face cache (huggingface_hub,
 * docs/source/en/guides/manage-cache.md): the content of its files under their hashes in `blobs`,
 * links to them under their names in `snapshots/COMMIT`, the commit of each branch in `refs`, empty
 * files for those that a commit lacks in `.no_exist/COMMIT`.
 */
final class HubCache {
  /** Names of blobs come from a server: no separator, no dot at the start. */
  private static final Pattern ETAG = Pattern.compile("\\w[\\w.-]{0,199}");

  private static final Pattern FILE_PART = Pattern.compile("[^\\x00-\\x1f/\\\\:*?\"<>|]+");

  private static final String TAG =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # This file is a cache directory tag created by gpt2j.
      # For information about cache directory tags see https://bford.info/cachedir/
      """;

  private final Path root;
  private final HubName name;
  private final boolean symlinks;
  private final Path model;

  HubCache(HubEnvironment environment, HubName name) {
    this.root = environment.cacheDirectory();
    this.name = name;
    this.symlinks = environment.symlinks();
    this.model = root.resolve(name.folder());
  }

  Path root() {
    return root;
  }

  /**
   * The commit that the revision stands for here; null where that is not known.
   *
   * @throws IOException if the cache's note of it is not a commit
   */
  String commit() throws IOException {
    if (name.namesCommit()) {
      return name.revision();
    }
    Path ref = model.resolve("refs").resolve(name.revision());
    if (!Files.isRegularFile(ref)) {
      return null;
    }
    String commit = Files.readString(ref, StandardCharsets.ISO_8859_1).strip();
    if (!HubName.isCommit(commit)) {
      throw new IOException(ref + ": expected a commit hash of 40 hex digits");
    }
    return commit;
  }

  /** The directory of the revision's files; null where the cache has none. */
  Path snapshot() throws IOException {
    String commit = commit();
    return commit != null && Files.isDirectory(snapshot(commit)) ? snapshot(commit) : null;
  }

  Path snapshot(String commit) {
    return model.resolve("snapshots").resolve(commit);
  }

  boolean has(String commit, String file) {
    return Files.exists(below(snapshot(commit), file));
  }

  boolean isKnownToLack(String commit, String file) {
    return Files.exists(below(model.resolve(".no_exist").resolve(commit), file));
  }

  Path blob(String name) {
    return model.resolve("blobs").resolve(name);
  }

  /** What an interrupted download left of a blob. */
  Path incomplete(String blob) {
    return model.resolve("blobs").resolve(blob + ".incomplete");
  }

  /** The file that whoever downloads the blob locks. */
  Path lock(String blob) {
    return root.resolve(".locks").resolve(name.folder()).resolve(blob + ".lock");
  }

  /** Makes the directories that a download needs. */
  void create() throws IOException {
    AtomicFile.createDirectories(model.resolve("blobs"));
    AtomicFile.createDirectories(root.resolve(".locks").resolve(name.folder()));
    Path tag = root.resolve("CACHEDIR.TAG");
    if (!Files.exists(tag)) {
      write(tag, TAG);
    }
  }

  /** Shows a blob under its name. Where a link cannot be made it is copied. */
  void link(String commit, String file, String blobName) throws IOException {
    Path pointer = below(snapshot(commit), file);
    if (Files.exists(pointer)) {
      return;
    }
    AtomicFile.createDirectories(pointer.getParent());
    Files.deleteIfExists(pointer); // a link to a blob that is gone
    Path blob = blob(blobName);
    if (!symlinks || !symlink(pointer, blob)) {
      copy(blob, pointer);
    }
  }

  private static boolean symlink(Path pointer, Path blob) throws IOException {
    try {
      Files.createSymbolicLink(pointer, pointer.getParent().relativize(blob));
    } catch (FileAlreadyExistsException e) {
      // Another process was faster.
    } catch (UnsupportedOperationException | IOException e) {
      return false;
    }
    return true;
  }

  /** A hard link takes no space; the copy is whole before it gets its name. */
  private static void copy(Path blob, Path pointer) throws IOException {
    try {
      Files.createLink(pointer, blob.toRealPath());
    } catch (FileAlreadyExistsException e) {
      // Another process was faster.
    } catch (UnsupportedOperationException | IOException e) {
      Path whole = Files.createTempFile(blob.getParent(), "copy-", ".tmp");
      try {
        Files.copy(blob, whole, StandardCopyOption.REPLACE_EXISTING);
        Files.move(whole, pointer, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(whole);
      }
    }
  }

  /** Notes that a commit has no such file. */
  void markMissing(String commit, String file) throws IOException {
    Path mark = below(model.resolve(".no_exist").resolve(commit), file);
    AtomicFile.createDirectories(mark.getParent());
    try {
      Files.createFile(mark);
    } catch (FileAlreadyExistsException e) {
      // Known already.
    }
  }

  /** Notes the commit of the revision: from now on its snapshot is found. */
  void writeRef(String commit) throws IOException {
    if (!name.namesCommit() && !commit.equals(existingRef())) {
      Path ref = model.resolve("refs").resolve(name.revision());
      AtomicFile.createDirectories(ref.getParent());
      write(ref, commit);
    }
  }

  private String existingRef() {
    try {
      return commit();
    } catch (IOException e) {
      return null;
    }
  }

  private static void write(Path file, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
    AtomicFile.write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * The place of a file of the model.
   *
   * @throws IllegalArgumentException if the name would lead out of the directory
   */
  private static Path below(Path directory, String file) {
    Path path = directory;
    for (String part : file.split("/", -1)) {
      if (!FILE_PART.matcher(part).matches() || part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(
            "file of a model: expected a name like config.json or folder/name, found `"
                + file
                + "`");
      }
      path = path.resolve(part);
    }
    return path;
  }

  /** Whether a server's name for a file's content can be a file's name. */
  static boolean isEtag(String text) {
    return ETAG.matcher(text).matches();
  }
}
