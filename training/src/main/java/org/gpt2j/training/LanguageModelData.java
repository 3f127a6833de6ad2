package org.gpt2j.training;

import java.util.Arrays;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.nn.PackedBatch;

/** A stream of tokens cut into blocks of equal length, to predict each next token. */
public final class LanguageModelData implements TrainingData {
  private final int[] tokens;
  private final int blockSize;

  /**
   * @param tokens documents end to end, with a separator between them
   * @param blockSize tokens of a block; what is left over at the end is not used
   */
  public LanguageModelData(int[] tokens, int blockSize) {
    if (tokens.length < blockSize) {
      throw new IllegalArgumentException(
          "text: expected at least one block of "
              + blockSize
              + " tokens, found "
              + tokens.length
              + " tokens");
    }
    this.tokens = tokens;
    this.blockSize = blockSize;
  }

  @Override
  public int size() {
    return tokens.length / blockSize;
  }

  @Override
  public int[] inputIds(int index) {
    return Arrays.copyOfRange(tokens, index * blockSize, (index + 1) * blockSize);
  }

  @Override
  public int[] labels(PackedBatch batch, int[] indices) {
    return Gpt2LMHeadModel.nextTokenLabels(batch);
  }
}
