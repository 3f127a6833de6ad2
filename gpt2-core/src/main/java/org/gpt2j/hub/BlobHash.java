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

  /**
   * Compares a file's content with its etag: 64 hex digits are its SHA-256, 40 git's SHA-1 of a
   * blob; another etag says nothing about the content.
   *
   * @return what is wrong, null if nothing is
   */
  static String mismatch(Path file, String etag) throws IOException {
    if (!HEX.matcher(etag).matches()) {
      return null;
    }
    String found;
    if (etag.length() == SHA256_DIGITS) {
      found = hash("SHA-256", "", file);
    } else if (etag.length() == SHA1_DIGITS) {
      // What `git hash-object` computes.
      found = hash("SHA-1", "blob " + Files.size(file) + "\0", file);
    } else {
      return null;
    }
    String kind = etag.length() == SHA256_DIGITS ? "SHA-256" : "git hash";
    return found.equals(etag) ? null : "expected the " + kind + " " + etag + ", found " + found;
  }

  private static String hash(String algorithm, String header, Path file) throws IOException {
    MessageDigest digest = Digest.of(algorithm);
    digest.update(header.getBytes(StandardCharsets.US_ASCII));
    return Digest.hex(digest, file);
  }
}
