package org.gpt2j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

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
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has " + algorithm, e);
    }
    digest.update(header.getBytes(StandardCharsets.US_ASCII));
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
