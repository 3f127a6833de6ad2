package org.gpt2j.tokenizer;

/**
 * Encoded texts as a rectangle, padded after each text's end or before its start, as {@link
 * Gpt2Tokenizer#paddingSide} says.
 *
 * @param inputIds [batch, length] token ids, the pad token where no text is
 * @param attentionMask [batch, length] 1 for a token of the text, 0 for padding
 */
public record BatchEncoding(int[][] inputIds, int[][] attentionMask) {}
