package org.gpt2j.nn;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Room for the keys and values of {@link #TOKENS} successive tokens of one sequence in one layer.
 * Both lie head by head, and such that what is summed over is not what is next to each other: the
 * loops of a fast kernel are then vectors without a reduction.
 *
 * @param keys [C, TOKENS]: a column a token, head h in rows h * C / nHead and following
 * @param values [nHead * TOKENS, C / nHead]: a row a token, head h in rows h * TOKENS and following
 */
public record KeyValuePage(INDArray keys, INDArray values) {
  /** Tokens of a page. */
  public static final int TOKENS = 64;

  /** A page with undefined contents. */
  public static KeyValuePage create(DataType type, int width, int nHead) {
    return new KeyValuePage(
        Nd4j.createUninitialized(type, width, TOKENS),
        Nd4j.createUninitialized(type, nHead * TOKENS, width / nHead));
  }
}
