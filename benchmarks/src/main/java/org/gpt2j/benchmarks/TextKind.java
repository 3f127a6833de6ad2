package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.List;

/** Kinds of text that the tokenizers are measured on. */
public enum TextKind {
  PROSE,
  SMS;

  List<String> read() throws IOException {
    return this == PROSE ? BenchmarkTexts.prose() : BenchmarkTexts.sms();
  }
}
