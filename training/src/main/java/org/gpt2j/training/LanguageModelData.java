package org.gpt2j.training;

import java.util.Arrays;
import java.util.List;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.nn.PackedBatch;

/**
 * Streams of tokens cut into blocks of equal length, to predict each next token. Several streams
 * are {@linkplain TrainingData#stages stages}, trained one after the other.
 */
public final class LanguageModelData implements TrainingData {
  private final List<int[]> streams;
  private final int blockSize;
  private final int[] stages;

  /**
   * @param tokens documents end to end, with a separator between them
   * @param blockSize tokens of a block; what is left over at the end is not used
   */
  public LanguageModelData(int[] tokens, int blockSize) {
    this(List.of(tokens), blockSize);
  }

  /**
   * @param streams of each stage: documents end to end, with a separator between them
   * @param blockSize tokens of a block; what is left over at the end of a stream is not used
   */
  public LanguageModelData(List<int[]> streams, int blockSize) {
    this.streams = List.copyOf(streams);
    this.blockSize = blockSize;
    stages = streams.stream().mapToInt(s -> s.length / blockSize).toArray();
    if (size() == 0) {
      throw new IllegalArgumentException(
          "text: expected at least one block of "
              + blockSize
              + " tokens, found "
              + streams.stream().mapToInt(s -> s.length).sum()
              + " tokens");
    }
  }

  @Override
  public int size() {
    return Arrays.stream(stages).sum();
  }

  @Override
  public int[] stages() {
    return stages.clone();
  }

  @Override
  public int[] inputIds(int index) {
    int stage = 0;
    int block = index;
    while (block >= stages[stage]) {
      block -= stages[stage++];
    }
    return Arrays.copyOfRange(streams.get(stage), block * blockSize, (block + 1) * blockSize);
  }

  @Override
  public int[] labels(PackedBatch batch, int[] indices) {
    return Gpt2LMHeadModel.nextTokenLabels(batch);
  }
}
