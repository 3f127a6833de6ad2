package org.gpt2j.io;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is that somebody brings in the place of a text or of weights: told from its first
 * bytes, so that a refusal can name it.
 */
public final class ForeignFile {
  /** As many of a file's first bytes as {@link #describe} looks at. */
  public static final int HEAD = 512;

  private ForeignFile() {}

  /**
   * What the bytes are, in words that go on after "found", with what can be done about it; empty
   * where nothing speaks against a text or weights.
   *
   * @param head the first bytes of the file, {@link #HEAD} of them or all
   */
  public static Optional<String> describe(byte[] head) {
    if (startsWith(head, 'P', 'K', 3, 4) || startsWith(head, 'P', 'K', 5, 6)) {
      return Optional.of(
          "a zip file, such as an Excel workbook (save it as CSV UTF-8) or a pickled model");
    }
    if (startsWith(head, 0xD0, 0xCF, 0x11, 0xE0)) {
      return Optional.of("an old Excel or Word file: save it as CSV UTF-8");
    }
    if (startsWith(head, 0x1F, 0x8B)) {
      return Optional.of("a gzip file: unpack it with gunzip");
    }
    if (startsWith(head, 'B', 'Z', 'h') && head.length > 4 && head[4] == 0x31) {
      return Optional.of("a bzip2 file: unpack it with bunzip2");
    }
    if (startsWith(head, 0xFD, '7', 'z', 'X', 'Z', 0)) {
      return Optional.of("an xz file: unpack it with unxz");
    }
    if (startsWith(head, 0x28, 0xB5, 0x2F, 0xFD)) {
      return Optional.of("a zstd file: unpack it with unzstd");
    }
    if (startsWith(head, '7', 'z', 0xBC, 0xAF)) {
      return Optional.of("a 7z file: unpack it");
    }
    if (startsWith(head, '%', 'P', 'D', 'F', '-')) {
      return Optional.of("a PDF file");
    }
    if (startsWith(head, 'P', 'A', 'R', '1')) {
      return Optional.of("a Parquet file: save it as CSV (pandas: read_parquet, to_csv)");
    }
    if (startsWith(head, 0x80, 2) || startsWith(head, 0x80, 3) || startsWith(head, 0x80, 4)) {
      return Optional.of("a Python pickle, which is not read, since unpickling can run code");
    }
    String text = text(head);
    if (text.startsWith("version https://git-lfs.github.com/spec/")) {
      return Optional.of("a Git LFS pointer: `git lfs pull` fetches the file itself");
    }
    String markup = text.stripLeading().toLowerCase(Locale.ROOT);
    if (markup.startsWith("<!doctype html") || markup.startsWith("<html")) {
      return Optional.of("an HTML page: the download gave a page in place of the file");
    }
    return Optional.empty();
  }

  /** The first bytes one character each, without a byte order mark. */
  private static String text(byte[] head) {
    String text = new String(head, 0, Math.min(head.length, HEAD), StandardCharsets.ISO_8859_1);
    return text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text;
  }

  private static boolean startsWith(byte[] head, int... bytes) {
    if (head.length < bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if ((head[i] & 0xFF) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
