package org.gpt2j.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files made by fixtures/safetensors/make_safetensors.py, and files made from a header's text. */
final class SafetensorsFixtures {
  private SafetensorsFixtures() {}

  static Path path(String name) {
    try {
      return Path.of(
          SafetensorsFixtures.class.getResource("/fixtures/safetensors/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Header length, header, then that many zero bytes of data. */
  static byte[] blob(String header, int dataLength) {
    return blob(header.getBytes(StandardCharsets.UTF_8), dataLength);
  }

  static byte[] blob(byte[] header, int dataLength) {
    return blob(header.length, header, dataLength);
  }

  /** As {@link #blob(byte[], int)}, but with a header length that need not be true. */
  static byte[] blob(long claimedLength, byte[] header, int dataLength) {
    return ByteBuffer.allocate(8 + header.length + dataLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimedLength)
        .put(header)
        .array();
  }

  static SafetensorsFile open(Path directory, byte[] content) throws IOException {
    Path file = directory.resolve("model.safetensors");
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return SafetensorsFile.open(file);
  }
}
