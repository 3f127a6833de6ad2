package org.gpt2j.training;

/**
 * A text as a classifier reads it, from {@link TextClassifier#encode}.
 *
 * @param text the whole text
 * @param tokenIds what the model reads of it, not empty
 * @param truncated whether the text is longer than that
 */
public record EncodedText(String text, int[] tokenIds, boolean truncated) {}
