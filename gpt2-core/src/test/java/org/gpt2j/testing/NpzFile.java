package org.gpt2j.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Float arrays of a NumPy .npz: a zip of .npy files (format: numpy.lib.format, version 1.0), each a
 * magic string, the header's length, a header in Python's syntax, and the numbers.
 */
public final class NpzFile implements AutoCloseable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(([\\d, ]*)\\), \\}\\s*");

  private final ZipFile zip;

  public NpzFile(Path path) throws IOException {
    zip = new ZipFile(path.toFile());
  }

  /** The numbers of a little-endian 32-bit float array in c order; other types are refused. */
  public float[] floats(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name + ".npy");
    if (entry == null) {
      throw new IOException(zip.getName() + ": no array " + name);
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(zip.getInputStream(entry).readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    byte[] text = new byte[bytes.getShort() & 0xffff];
    bytes.get(text);
    Matcher header = HEADER.matcher(new String(text, StandardCharsets.ISO_8859_1));
    if (!Arrays.equals(magic, MAGIC) || !header.matches()) {
      throw new IOException(zip.getName() + ": array " + name + " is no float32 array in c order");
    }
    int length = 1;
    for (String size : header.group(1).split(",")) {
      length *= size.isBlank() ? 1 : Integer.parseInt(size.strip());
    }
    float[] floats = new float[length];
    bytes.asFloatBuffer().get(floats);
    if (bytes.remaining() != length * Float.BYTES) {
      throw new IOException(zip.getName() + ": array " + name + " has another size than it says");
    }
    return floats;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
