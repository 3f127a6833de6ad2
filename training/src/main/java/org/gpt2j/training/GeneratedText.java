package org.gpt2j.training;

/**
 * A continuation.
 *
 * @param prompt the text that it goes on with
 * @param text the continuation alone, without special tokens, up to a stop text
 * @param tokenIds its tokens, with the one that ended it
 */
public record GeneratedText(String prompt, String text, int[] tokenIds) {}
