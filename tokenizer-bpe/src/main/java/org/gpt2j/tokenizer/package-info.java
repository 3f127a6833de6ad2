/**
 * GPT-2's byte-level BPE tokenizer and its trainer, the same ids as Hugging Face {@code
 * tokenizers}.
 *
 * <p>{@link org.gpt2j.tokenizer.Gpt2Tokenizer} loads, encodes, decodes and saves; {@link
 * org.gpt2j.tokenizer.BpeTrainer} makes a new vocabulary from text. Text becomes tokens in three
 * steps: it is written as UTF-8 bytes, cut into pieces by GPT-2's rules ({@code Gpt2Splitter}), and
 * each piece is merged pair by pair in the order of the merges list ({@code BpeModel}).
 *
 * <p>A byte is written in the files as one printable character, see {@code ByteLevel}. Sources:
 * OpenAI's <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">encoder.py</a> and
 * Hugging Face's <a href="https://github.com/huggingface/tokenizers">tokenizers</a>.
 *
 * <p>Letters, numbers and white space are those of the running JDK's Unicode version; code points
 * that it does not know yet count as symbols.
 */
package org.gpt2j.tokenizer;
