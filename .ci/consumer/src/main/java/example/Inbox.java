package example;

import java.io.IOException;
import java.util.List;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;

/** Keeps the messages that are no spam. */
final class Inbox implements AutoCloseable {
  private final TextClassifier classifier;

  Inbox() throws IOException {
    classifier = TextClassifier.load();
  }

  List<String> withoutSpam(List<String> messages) {
    List<Classification> found = classifier.classify(messages);
    return messages.stream()
        .filter(m -> !found.get(messages.indexOf(m)).label().equals("spam"))
        .toList();
  }

  @Override
  public void close() {
    classifier.close();
  }
}
