package org.gpt2j.training.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.gpt2j.hub.DownloadListener;
import org.gpt2j.hub.WebFile;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Digest;

/**
 * Gets the UCI SMS Spam Collection (Almeida and Gómez Hidalgo, 2011, CC BY 4.0,
 * https://doi.org/10.24432/C5CC84) from where UCI keeps it.
 */
public final class SmsSpamArchive {
  /** The file in the archive, and beside the other data. */
  public static final String FILE_NAME = "SMSSpamCollection";

  private static final URI ADDRESS =
      URI.create("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip");

  private static final String SHA256 =
      "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d";

  /** Ten times the archive's size, and more than that of the file (478 kB). */
  private static final int MOST_BYTES = 2_000_000;

  private final URI address;
  private final String sha256;

  /** The archive at UCI. */
  public SmsSpamArchive() {
    this(ADDRESS, SHA256);
  }

  SmsSpamArchive(URI address, String sha256) {
    this.address = address;
    this.sha256 = sha256;
  }

  /**
   * Puts the collection into a directory, unless it is there.
   *
   * @param dir made if need be
   * @return the file
   * @throws IOException if it cannot be downloaded or written, if another file is in its place, or
   *     if what comes is not the collection
   */
  public Path download(Path dir, DownloadListener listener) throws IOException {
    Path file = dir.resolve(FILE_NAME);
    if (Files.exists(file)) {
      check(Files.readAllBytes(file), file.toString());
      return file;
    }
    AtomicFile.createDirectories(dir);
    listener.note("downloading " + address + " into " + dir);
    byte[] content = unpack(WebFile.read(address, MOST_BYTES, listener));
    check(content, address.toString());
    ByteBuffer bytes = ByteBuffer.wrap(content);
    AtomicFile.write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
    return file;
  }

  private void check(byte[] content, String where) throws IOException {
    String found = HexFormat.of().formatHex(Digest.of("SHA-256").digest(content));
    if (!found.equals(sha256)) {
      throw new IOException(
          where + ": expected " + FILE_NAME + " with the SHA-256 " + sha256 + ", found " + found);
    }
  }

  /** The one entry that is wanted. No name in the archive becomes that of a file. */
  private byte[] unpack(byte[] archive) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(FILE_NAME)) {
          return read(zip);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(address + ": expected a zip archive, found a damaged one", e);
    }
    throw new IOException(
        address + ": expected a zip archive with the file " + FILE_NAME + ", found none");
  }

  private byte[] read(InputStream entry) throws IOException {
    byte[] content = entry.readNBytes(MOST_BYTES + 1);
    if (content.length > MOST_BYTES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: %s: expected at most %,d bytes, found more",
              address,
              FILE_NAME,
              MOST_BYTES));
    }
    return content;
  }
}
