package org.gpt2j.training;

import java.util.List;
import java.util.function.Consumer;
import org.gpt2j.tokenizer.DecodeStream;

/**
 * Text of one continuation, handed on as it grows: what may be the start of a stop text is held
 * back until it is known to be none.
 */
final class TextStream {
  private final DecodeStream decoder;
  private final List<String> stops;
  private final Consumer<String> listener;
  private final StringBuilder text = new StringBuilder();
  private int told;
  private boolean stopped;

  TextStream(DecodeStream decoder, List<String> stops, Consumer<String> listener) {
    this.decoder = decoder;
    this.stops = stops;
    this.listener = listener;
  }

  /** Whether the text may go on: it has come to no stop text. */
  boolean add(int tokenId) {
    append(decoder.step(tokenId));
    if (!stopped) {
      tell(text.length() - heldBack());
    }
    return !stopped;
  }

  /** The whole text, after the last token. */
  String finish() {
    if (!stopped) {
      append(decoder.finish());
      tell(text.length());
    }
    return text.toString();
  }

  private void append(String piece) {
    text.append(piece);
    int end = -1;
    for (String stop : stops) {
      // What has been told cannot be the start of a stop text.
      int at = text.indexOf(stop, told);
      end = at >= 0 && (end < 0 || at < end) ? at : end;
    }
    if (end >= 0) {
      stopped = true;
      text.setLength(end);
      tell(end);
    }
  }

  /** Characters at the end that a stop text starts with. */
  private int heldBack() {
    for (int from = told; from < text.length(); from++) {
      String tail = text.substring(from);
      if (stops.stream().anyMatch(stop -> stop.startsWith(tail))) {
        return tail.length();
      }
    }
    return 0;
  }

  private void tell(int end) {
    if (end > told) {
      listener.accept(text.substring(told, end));
      told = end;
    }
  }
}
