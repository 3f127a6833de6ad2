package org.gpt2j.training.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gpt2j.nn.Backend;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code classify}: says of each message which class it belongs to. */
@Command(
    name = "classify",
    mixinStandardHelpOptions = true,
    description = "Classify messages: the arguments, or one a line from standard input.")
public final class ClassifyCommand implements Callable<Integer> {
  /** Lines that are classified together when they are there already. */
  private static final int BATCH = 64;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      defaultValue = "lora_model",
      description = "Directory that `train` wrote (default: ${DEFAULT-VALUE}).")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description = "Base model of the adapter (default: the one that the adapter names).")
  private String base;

  @Option(
      names = "--json",
      description = "Print one JSON object a message: text, label, score, logits, token_ids.")
  private boolean json;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Option(
      names = "--timings",
      description = "Say on standard error where the time of this process went.")
  private boolean showTimings;

  @Parameters(paramLabel = "TEXT", description = "Messages to classify.")
  private List<String> texts;

  @Spec private CommandSpec spec;

  private final Timings timings = new Timings(Main.STARTED);

  @Override
  public Integer call() throws IOException {
    timings.end("options");
    Main.setThreads(threads);
    try (TextClassifier classifier = TextClassifier.load(model, base)) {
      timings.end("load");
      int exit = 0;
      if (texts != null) {
        refuseUndecoded();
        print(classifier.classify(texts));
      } else {
        exit = classifyLines(classifier);
      }
      timings.end("compute");
      if (showTimings) {
        spec.commandLine().getErr().println(timings.line(Backend.loadingTime()));
      }
      return exit;
    }
  }

  /** In a locale such as C the JVM has lost what is not ASCII before we see it. */
  private void refuseUndecoded() {
    boolean ascii = System.getProperty("sun.jnu.encoding", "UTF-8").startsWith("ANSI_X3.4");
    for (String text : texts) {
      if (ascii && text.indexOf('\uFFFD') >= 0) {
        throw new IllegalArgumentException(
            "TEXT: expected ASCII in this locale, found other characters; set LC_ALL=C.UTF-8, or give"
                + " the text on standard input");
      }
    }
  }

  private int skip(int line, String why) {
    spec.commandLine().getErr().println("error: line " + line + ": " + why + "; skipped");
    return 1;
  }

  /** Text of a line that was read as Latin-1. */
  private static String decode(String line) throws CharacterCodingException {
    if (line.isEmpty()) {
      throw new IllegalArgumentException("expected a text, found an empty line");
    }
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private int classifyLines(TextClassifier classifier) throws IOException {
    // One char a byte: each line is decoded on its own, so that a bad one spoils no other.
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
    List<String> waiting = new ArrayList<>();
    int exit = 0;
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      number++;
      try {
        waiting.add(decode(line));
      } catch (CharacterCodingException e) {
        exit = skip(number, "expected UTF-8 text, found bytes that are none");
      } catch (IllegalArgumentException e) {
        exit = skip(number, e.getMessage());
      }
      if (waiting.size() == BATCH || !in.ready()) {
        print(classifier.classify(waiting));
        waiting.clear();
      }
    }
    print(classifier.classify(waiting));
    return exit;
  }

  private void print(List<Classification> results) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (Classification c : results) {
      if (json) {
        out.println(ClassificationJson.line(c));
      } else {
        out.printf(Locale.ROOT, "%s\t%.4f\t%s%n", c.label(), c.score(), c.text());
      }
    }
    if (out.checkError()) {
      throw new IOException("standard output: cannot be written to");
    }
  }
}
