package org.gpt2j.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A map from a piece's bytes to a token id. Most pieces have few bytes, which fit into a long
 * beside their number, so that one probe of a table of primitives finds them.
 */
final class PieceIds {
  /** Found for a piece that is no token. */
  static final int NONE = -1;

  private static final int SHORT = 7;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final LongIntTable shortPieces = new LongIntTable();
  private final PieceTable longPieces = new PieceTable();
  private final IntList longPieceIds = new IntList(1024);

  /** Adds a piece that is not in the map yet. */
  void put(byte[] piece, int id) {
    if (piece.length <= SHORT) {
      shortPieces.put(pack(piece, 0, piece.length), id);
    } else {
      longPieces.add(piece, 0, piece.length);
      longPieceIds.add(id);
    }
  }

  /** Gives a piece that is in the map another id; safe while other threads read. */
  void replace(byte[] text, int from, int to, int id) {
    if (to - from <= SHORT) {
      shortPieces.put(pack(text, from, to), id);
    } else {
      longPieceIds.set(longPieces.find(text, from, to), id);
    }
  }

  /** Id of the piece text[from..to), or NONE. */
  int get(byte[] text, int from, int to) {
    if (to - from <= SHORT) {
      return shortPieces.get(pack(text, from, to));
    }
    int index = longPieces.find(text, from, to);
    return index < 0 ? NONE : longPieceIds.get(index);
  }

  /** Up to 7 bytes in the low bytes of a long, their number in the highest. */
  private static long pack(byte[] text, int from, int to) {
    int length = to - from;
    long packed = 0;
    if (from + Long.BYTES <= text.length) {
      packed = (long) LONGS.get(text, from) & (1L << 8 * length) - 1;
    } else {
      for (int i = to - 1; i >= from; i--) {
        packed = packed << 8 | text[i] & 0xff;
      }
    }
    return (long) length << 56 | packed;
  }
}
