package org.gpt2j.tokenizer;

/**
 * Encoded texts as a rectangle, padded on the right.
 *
 * @param inputIds [batch, length] token ids, the pad token after each text's end
 * @param attentionMask [batch, length] 1 for a token of the text, 0 for padding
 */
public record BatchEncoding(int[][] inputIds, int[][] attentionMask) {}
