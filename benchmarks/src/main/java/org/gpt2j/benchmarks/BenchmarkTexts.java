package org.gpt2j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.ClassificationData;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;
import org.gpt2j.training.data.TextDocuments;

/**
 * What the benchmarks read: the UCI messages, English prose and GPT-2's tokenizer from ../shared.
 * Where it is missing, our sample messages and the bundled tokenizer stand in, and a line on
 * standard error says that the figures are then others.
 */
public final class BenchmarkTexts {
  /** Tokens of a message that are read, the recipe's. */
  private static final int MAX_LENGTH = 120;

  private static final int PROSE_CHARS = 1_000_000;
  private static final long SPLIT_SEED = 123;

  private BenchmarkTexts() {}

  /** Paragraphs of English novels, a million characters of them. */
  static List<String> prose() throws IOException {
    Path file = shared("corpus/english-novels.txt");
    if (file == null) {
      return texts(SmsSpamCollection.read(sample("English prose"), false));
    }
    List<String> documents = new ArrayList<>();
    int chars = 0;
    for (String paragraph : TextDocuments.read(file)) {
      if (chars >= PROSE_CHARS) {
        break;
      }
      documents.add(paragraph);
      chars += paragraph.length();
    }
    return documents;
  }

  /** All text messages, in the order of their file. */
  static List<String> sms() throws IOException {
    return texts(SmsSpamCollection.read(messageFile(), false));
  }

  /** Messages of the balanced training split, in its order. */
  private static List<LabeledText> trainSplit() throws IOException {
    return DataSplit.balanced(SmsSpamCollection.read(messageFile(), false), SPLIT_SEED, false)
        .train();
  }

  /** GPT-2's tokenizer, with its last token as padding. */
  static Gpt2Tokenizer tokenizer() throws IOException {
    Path dir = shared("gpt2-tokenizer");
    if (dir != null) {
      return Gpt2Tokenizer.fromPretrained(dir).withEosAsPadToken();
    }
    missing("GPT-2's tokenizer", BaseModel.BUNDLED + "'s, with a smaller vocabulary");
    return Gpt2Tokenizer.fromPretrained(BaseModel.resolve(BaseModel.BUNDLED));
  }

  /** The training split in batches, as the recipe reads it; what is left at the end is dropped. */
  static List<LabeledBatch> batches(int size) throws IOException {
    ClassificationData data =
        ClassificationData.of(
            trainSplit(), tokenizer(), MAX_LENGTH, ModelSize.GPT2.config().label2id());
    List<LabeledBatch> batches = new ArrayList<>();
    for (int from = 0; from + size <= data.size(); from += size) {
      int[] indices = IntStream.range(from, from + size).toArray();
      PackedBatch batch = data.batch(indices);
      batches.add(new LabeledBatch(batch, data.labels(batch, indices)));
    }
    return batches;
  }

  /** The prose as token ids, cut into sequences of equal length. */
  static List<int[]> blocks(int count, int length) throws IOException {
    int[] ids = tokenizer().encode(String.join("\n", prose()));
    if (ids.length < count * length) {
      throw new IOException(
          "prose: expected " + count * length + " tokens or more, found " + ids.length);
    }
    List<int[]> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add(Arrays.copyOfRange(ids, i * length, (i + 1) * length));
    }
    return blocks;
  }

  private static Path messageFile() throws IOException {
    Path file = shared("data/SMSSpamCollection");
    return file != null ? file : sample("the UCI SMS Spam Collection");
  }

  private static List<String> texts(List<LabeledText> messages) {
    return messages.stream().map(LabeledText::text).toList();
  }

  private static Path sample(String what) throws IOException {
    missing(what, "dataset/sample-sms.tsv");
    Path file = find("dataset/sample-sms.tsv", "../dataset/sample-sms.tsv");
    if (file == null) {
      throw new IOException(
          "dataset/sample-sms.tsv: expected it in the working directory or the one above, found"
              + " neither; run the benchmarks from the repository's root");
    }
    return file;
  }

  private static void missing(String what, String instead) {
    System.err.println(
        "WARNING: ../shared lacks "
            + what
            + ": this run measures "
            + instead
            + ". Its figures cannot be compared with others'.");
  }

  /** Beside the repository, seen from its root or from this module (as tests do). */
  private static Path shared(String relative) {
    return find("../shared/" + relative, "../../shared/" + relative);
  }

  private static Path find(String... candidates) {
    return Arrays.stream(candidates).map(Path::of).filter(Files::exists).findFirst().orElse(null);
  }
}
