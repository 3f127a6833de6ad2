package org.gpt2j.tokenizer;

import java.util.List;

/** A tokenizer trained here, for tests that need no data from elsewhere. */
final class SmallTokenizer {
  static final String END = "<|endoftext|>";
  static final String PAD = "<|pad|>";

  private SmallTokenizer() {}

  /** Ids: 0 END, 1 PAD, 2..257 the bytes, then merges. */
  static Gpt2Tokenizer train() {
    List<String> documents =
        List.of(
            "the cat sat on the mat, the cat's hat is that hat\n",
            "they'll see the sea, and the sea will see them\n",
            "gr\u00fc\u00dfe \uD83D\uDE00\uD83D\uDE00 1234 1234!!!! !!!!\n");
    return new BpeTrainer()
        .vocabSize(320)
        .specialTokens(List.of(END, PAD))
        .train(documents.iterator());
  }
}
