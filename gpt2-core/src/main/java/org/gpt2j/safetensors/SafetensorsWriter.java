package org.gpt2j.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.AtomicFile;

/**
 * Writes safetensors files byte for byte as the reference implementation does
 * (huggingface/safetensors, tensor.rs, {@code prepare}): tensors by descending dtype, then by name;
 * {@code __metadata__} first; the header padded with spaces to a multiple of 8 bytes.
 */
public final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /**
   * Writes a file, replacing what is there only once the new file is complete. Data is streamed:
   * beyond the tensors themselves at most one of them is copied.
   *
   * @param target the file; its directory must exist
   * @param tensors by name
   * @param metadata the {@code __metadata__} entry, in this map's order; left out when empty
   * @throws IllegalArgumentException if a name is {@code __metadata__} or not valid Unicode, or the
   *     header would exceed 100,000,000 bytes
   */
  public static void write(Path target, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, Tensor>> sorted = sort(tensors);
    ByteBuffer head = head(sorted, metadata);
    AtomicFile.write(
        target,
        channel -> {
          writeFully(channel, head);
          for (Map.Entry<String, Tensor> entry : sorted) {
            entry.getValue().writeTo(channel);
          }
        });
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static List<Map.Entry<String, Tensor>> sort(Map<String, Tensor> tensors) {
    List<Map.Entry<String, Tensor>> sorted = new ArrayList<>(tensors.entrySet());
    // Rust compares the bytes of names; Java's String would compare UTF-16 code units.
    sorted.sort(
        Comparator.comparing((Map.Entry<String, Tensor> e) -> e.getValue().dtype())
            .reversed()
            .thenComparing(
                e -> e.getKey().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
    return sorted;
  }

  /** Header length, header and padding. */
  private static ByteBuffer head(
      List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append('"').append(SafetensorsHeader.METADATA_KEY).append("\":{");
      metadata.forEach(
          (key, value) -> {
            quote(json, key).append(':');
            quote(json, value).append(',');
          });
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors) {
      Tensor tensor = entry.getValue();
      if (entry.getKey().equals(SafetensorsHeader.METADATA_KEY)) {
        throw new IllegalArgumentException("tensors: the name __metadata__ is reserved");
      }
      long end = offset + tensor.byteLength();
      quote(json, entry.getKey()).append(":{\"dtype\":\"").append(tensor.dtype());
      json.append("\",\"shape\":").append(Arrays.toString(tensor.shape()).replace(" ", ""));
      json.append(",\"data_offsets\":[").append(offset).append(',').append(end).append("]},");
      offset = end;
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    byte[] header = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    int padded = (header.length + 7) / 8 * 8;
    if (padded > SafetensorsHeader.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "tensors: names and metadata need a header of %s bytes, at most %s are allowed"
              .formatted(padded, SafetensorsHeader.MAX_LENGTH));
    }
    ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(header);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    return head.flip();
  }

  /** A JSON string escaped as serde_json does: only quote, backslash and control characters. */
  private static StringBuilder quote(StringBuilder json, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("name or metadata with an unpaired surrogate: " + text);
    }
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\b' -> json.append("\\b");
        case '\t' -> json.append("\\t");
        case '\n' -> json.append("\\n");
        case '\f' -> json.append("\\f");
        case '\r' -> json.append("\\r");
        default -> {
          if (c < 0x20) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"');
  }
}
