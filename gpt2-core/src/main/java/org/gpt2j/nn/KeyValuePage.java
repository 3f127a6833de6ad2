package org.gpt2j.nn;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Room for the keys and values of {@link #TOKENS} successive tokens of one sequence in one layer.
 * Both are [nHead * TOKENS, C / nHead]: what a head needs lies together, token t of head h in row h
 * * TOKENS + t.
 */
public record KeyValuePage(INDArray keys, INDArray values) {
  /** Tokens of a page. */
  public static final int TOKENS = 64;

  /** A page with undefined contents. */
  public static KeyValuePage create(DataType type, int width, int nHead) {
    return new KeyValuePage(
        Nd4j.createUninitialized(type, nHead * TOKENS, width / nHead),
        Nd4j.createUninitialized(type, nHead * TOKENS, width / nHead));
  }
}
