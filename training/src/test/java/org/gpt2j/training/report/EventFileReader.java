package org.gpt2j.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads event files back, checking every checksum. */
public final class EventFileReader {
  private EventFileReader() {}

  /** An event: a line of what it holds, such as "10 train/loss 0.5" or "0 START". */
  public record Event(double wallTime, String line) {}

  /** The event files of a directory, in the order of their names. */
  public static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /** The lines of all events of the only file of a directory. */
  public static List<String> lines(Path directory) throws IOException {
    List<Path> files = files(directory);
    assertThat(files).hasSize(1);
    return read(files.get(0)).stream().map(Event::line).toList();
  }

  public static List<Event> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(unmask(in.getInt())).as("checksum of the length").isEqualTo(crc32c(length));
      byte[] data =
          new byte
              [Math.toIntExact(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong())];
      in.get(data);
      assertThat(unmask(in.getInt())).as("checksum of the data").isEqualTo(crc32c(data));
      events.add(event(data));
    }
    return events;
  }

  /** The inverse of the mask: Unmask of tensorflow/core/lib/hash/crc32c.h. */
  private static int unmask(int masked) {
    int rotated = masked - 0xa282ead8;
    return rotated >>> 17 | rotated << 15;
  }

  /** Bit by bit, with Castagnoli's polynomial. */
  private static int crc32c(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
      }
    }
    return ~crc;
  }

  private static Event event(byte[] data) {
    double wallTime = 0;
    long step = 0;
    String content = "";
    for (Field field : fields(data)) {
      switch (field.number) {
        case 1 -> wallTime = Double.longBitsToDouble(field.value);
        case 2 -> step = field.value;
        case 3 -> content = field.text();
        case 5 -> content = value(fields(field.bytes).get(0).bytes);
        case 7 -> content = fields(field.bytes).get(0).value == 1 ? "START" : "other status";
        case 10 -> content += " of " + fields(field.bytes).get(0).text();
        default -> throw new AssertionError("unexpected field " + field.number);
      }
    }
    return new Event(wallTime, step + " " + content);
  }

  private static String value(byte[] data) {
    String tag = "";
    String value = "";
    for (Field field : fields(data)) {
      switch (field.number) {
        case 1 -> tag = field.text();
        case 2 -> value = String.valueOf(Float.intBitsToFloat((int) field.value));
        case 8 -> value = fields(field.bytes).get(2).text();
        case 9 -> assertThat(new String(field.bytes, StandardCharsets.UTF_8)).endsWith("text");
        default -> throw new AssertionError("unexpected field " + field.number);
      }
    }
    return tag + " " + value;
  }

  private record Field(int number, long value, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static List<Field> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case 0 -> fields.add(new Field(number, varint(in), null));
        case 1 -> fields.add(new Field(number, in.getLong(), null));
        case 2 -> {
          byte[] bytes = new byte[Math.toIntExact(varint(in))];
          in.get(bytes);
          fields.add(new Field(number, 0, bytes));
        }
        case 5 -> fields.add(new Field(number, in.getInt(), null));
        default -> throw new AssertionError("unexpected wire type in " + tag);
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
