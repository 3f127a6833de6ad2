package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.gpt2j.nn.portable.Nd4jKernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KeyValueCacheTest {
  private static final int WIDTH = 6;
  private static final long PAGE_BYTES = 2L * KeyValuePage.TOKENS * WIDTH * Float.BYTES;

  private final Kernels kernels = new Nd4jKernels();
  private final KeyValueCache cache = new KeyValueCache(DataType.FLOAT, WIDTH, 2);

  private void append(String layer, int sequence, int position, int tokens) {
    int[] positions = new int[tokens];
    positions[0] = position;
    PackedBatch batch = new PackedBatch(new int[tokens], positions, new int[] {0, tokens});
    INDArray qkv = Nd4j.rand(DataType.FLOAT, tokens, 3 * WIDTH);
    cache.append(layer, new int[] {sequence}, qkv, batch, kernels);
  }

  @Test
  void aSequenceTakesAPageWhenTheLastOneIsFull() {
    append("a", 3, 0, 63);
    assertThat(cache.bytes()).isEqualTo(PAGE_BYTES);
    append("a", 3, 63, 1);
    assertThat(cache.bytes()).isEqualTo(PAGE_BYTES);
    append("a", 3, 64, 1);
    assertThat(cache.bytes()).isEqualTo(2 * PAGE_BYTES);
    append("a", 3, 65, 130);
    assertThat(cache.bytes()).isEqualTo(4 * PAGE_BYTES);
    append("b", 3, 0, 1);
    assertThat(cache.bytes()).isEqualTo(5 * PAGE_BYTES);
  }

  @Test
  void pagesOfAnEndedSequenceServeTheNext() {
    append("a", 0, 0, 100);
    append("b", 0, 0, 100);
    append("a", 1, 0, 10);
    append("b", 1, 0, 10);
    assertThat(cache.bytes()).isEqualTo(6 * PAGE_BYTES);
    cache.release(0);
    append("a", 2, 0, 200);
    append("a", 1, 10, 5);
    assertThat(cache.bytes()).isEqualTo(6 * PAGE_BYTES);
    cache.clear();
    append("b", 1, 0, 6 * KeyValuePage.TOKENS);
    assertThat(cache.bytes()).isEqualTo(6 * PAGE_BYTES);
  }

  @Test
  void aGapIsRefused() {
    append("a", 7, 0, 2);
    assertThatThrownBy(() -> append("a", 7, 3, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sequence 7: expected position 2 after what the cache has, found 3");
    assertThatThrownBy(() -> append("a", 8, 1, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sequence 8: expected position 0 after what the cache has, found 1");
  }
}
