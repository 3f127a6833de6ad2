package org.gpt2j.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.gpt2j.io.Digest;

/** The hashes that name the content of a file on the hub. */
final class BlobHash {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");
  private static final int SHA1_DIGITS = 40;
  private static final int SHA256_DIGITS = 64;

  private BlobHash() {}

  /** Whether an etag is one of the two hashes. */
  static boolean isHash(String etag) {
    return HEX.matcher(etag).matches()
        && (etag.length() == SHA1_DIGITS || etag.length() == SHA256_DIGITS);
  }

  /**
   * Compares a file's content with its etag: 64 hex digits are its SHA-256, 40 git's SHA-1 of a
   * blob; another etag says nothing about the content.
   *
   * @return what is wrong, null if nothing is
   */
  static String mismatch(Path file, String etag) throws IOException {
    if (!isHash(etag)) {
      return null;
    }
    boolean sha256 = etag.length() == SHA256_DIGITS;
    // The other one is what `git hash-object` computes.
    String found =
        sha256 ? hash("SHA-256", "", file) : hash("SHA-1", "blob " + Files.size(file) + "\0", file);
    String kind = sha256 ? "SHA-256" : "git hash";
    return found.equals(etag) ? null : "expected the " + kind + " " + etag + ", found " + found;
  }

  private static String hash(String algorithm, String header, Path file) throws IOException {
    MessageDigest digest = Digest.of(algorithm);
    digest.update(header.getBytes(StandardCharsets.US_ASCII));
    return Digest.hex(digest, file);
  }
}
