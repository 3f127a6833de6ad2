package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The primitive collections against those of the JDK. */
class TablesTest {
  @Test
  void longIntTableIsAMap() {
    Random random = new Random(1);
    LongIntTable table = new LongIntTable();
    Map<Long, Integer> map = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      long key = Pair.of(random.nextInt(100), random.nextInt(100));
      table.put(key, i);
      map.put(key, i);
    }
    for (int left = 0; left < 101; left++) {
      for (int right = 0; right < 101; right++) {
        long key = Pair.of(left, right);
        assertThat(table.get(key)).isEqualTo(map.getOrDefault(key, LongIntTable.NONE));
        assertThat(Pair.left(key)).isEqualTo(left);
        assertThat(Pair.right(key)).isEqualTo(right);
      }
    }
  }

  @Test
  void pieceTableNumbersDistinctPieces() {
    Random random = new Random(2);
    PieceTable table = new PieceTable();
    Map<ByteBuffer, Integer> map = new HashMap<>();
    byte[] text = new byte[4000];
    random.nextBytes(text);
    for (int i = 0; i < 20_000; i++) {
      int from = random.nextInt(200);
      int to = from + random.nextInt(60);
      ByteBuffer piece = ByteBuffer.wrap(text, from, to - from).slice();
      assertThat(table.find(text, from, to)).isEqualTo(map.getOrDefault(piece, -1));
      int expected = map.computeIfAbsent(piece, p -> map.size());
      assertThat(table.add(text, from, to)).isEqualTo(expected);
      assertThat(ByteBuffer.wrap(table.get(expected))).isEqualTo(piece);
    }
    assertThat(table.size()).isEqualTo(map.size());
  }

  @Test
  void pieceIdsFindsPiecesOfEveryLengthAtEveryPlace() {
    Random random = new Random(3);
    byte[] text = new byte[64];
    random.nextBytes(text);
    PieceIds pieces = new PieceIds();
    List<int[]> ranges = new ArrayList<>();
    for (int from = 0; from < text.length; from++) {
      for (int to = from + 2; to <= Math.min(text.length, from + 20); to += 3) {
        pieces.put(Arrays.copyOfRange(text, from, to), ranges.size());
        ranges.add(new int[] {from, to});
      }
    }
    for (int i = 0; i < ranges.size(); i++) {
      int from = ranges.get(i)[0];
      int to = ranges.get(i)[1];
      assertThat(pieces.get(text, from, to)).isEqualTo(i);
      if (to < text.length) {
        assertThat(pieces.get(text, from, to + 1)).isEqualTo(PieceIds.NONE);
      }
    }
    // A zero byte is not the same as no byte.
    PieceIds zeros = new PieceIds();
    zeros.put(new byte[2], 7);
    assertThat(zeros.get(new byte[9], 0, 2)).isEqualTo(7);
    assertThat(zeros.get(new byte[9], 0, 3)).isEqualTo(PieceIds.NONE);
    assertThat(zeros.get(new byte[9], 0, 1)).isEqualTo(PieceIds.NONE);
  }

  @Test
  void longHeapGivesTheSmallestFirst() {
    Random random = new Random(4);
    LongHeap heap = new LongHeap();
    PriorityQueue<Long> queue = new PriorityQueue<>();
    for (int i = 0; i < 50_000; i++) {
      if (queue.isEmpty() || random.nextInt(3) > 0) {
        long value = random.nextInt(1000);
        heap.push(value);
        queue.add(value);
      } else {
        assertThat(heap.pop()).isEqualTo(queue.poll());
      }
    }
    while (!queue.isEmpty()) {
      assertThat(heap.pop()).isEqualTo(queue.poll());
    }
    assertThat(heap.isEmpty()).isTrue();
  }
}
