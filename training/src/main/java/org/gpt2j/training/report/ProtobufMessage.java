package org.gpt2j.training.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one protocol buffer message, field by field (wire format:
 * https://protobuf.dev/programming-guides/encoding). As in proto3, who calls leaves out zeros.
 */
final class ProtobufMessage {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED_32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** An int64, int32 or enum. */
  ProtobufMessage putInteger(int field, long value) {
    putTag(field, VARINT);
    putVarint(value);
    return this;
  }

  ProtobufMessage putDouble(int field, double value) {
    putTag(field, FIXED_64);
    bytes.writeBytes(littleEndian(Double.BYTES).putDouble(value).array());
    return this;
  }

  ProtobufMessage putFloat(int field, float value) {
    putTag(field, FIXED_32);
    bytes.writeBytes(littleEndian(Float.BYTES).putFloat(value).array());
    return this;
  }

  /** A string, or bytes that are UTF-8. */
  ProtobufMessage putText(int field, String value) {
    return putBytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtobufMessage putMessage(int field, ProtobufMessage value) {
    return putBytes(field, value.toByteArray());
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  private ProtobufMessage putBytes(int field, byte[] value) {
    putTag(field, LENGTH_DELIMITED);
    putVarint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  private void putTag(int field, int wireType) {
    putVarint((long) field << 3 | wireType);
  }

  /** Seven bits a byte, the lowest first; all but the last have the top bit set. */
  private void putVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
