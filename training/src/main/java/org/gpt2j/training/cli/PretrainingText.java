package org.gpt2j.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gpt2j.tokenizer.BpeTrainer;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.LanguageModelData;
import org.gpt2j.training.data.TextDocuments;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Text to pretrain on, in stages: what each stage trains on, and what is held out of all of them to
 * measure with.
 */
final class PretrainingText {
  static final String END_OF_TEXT = "<|endoftext|>";

  /** Every so many blocks of a file one is kept out of training. */
  private static final int HOLD_OUT = 100;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      required = true,
      arity = "1..*",
      parameterConsumer = StageConsumer.class,
      description = {
        "UTF-8 text files, mixed.",
        "Given again, a further stage: trained after the one before, on a file again if it is"
            + " named again."
      })
  private List<List<Path>> stages;

  @Option(
      names = "--vocab-text",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Text that the vocabulary is made from (default: every file of --text, once).")
  private List<Path> vocabText = List.of();

  private final Map<Path, List<String>> documents = new LinkedHashMap<>();
  private final Map<Path, int[]> tokens = new LinkedHashMap<>();

  /** Reads every file once. */
  void read() throws IOException {
    for (Path file : Stream.concat(files().stream(), vocabText.stream()).distinct().toList()) {
      documents.put(file, TextDocuments.read(file));
    }
  }

  /** The files that are trained on, each once. */
  List<Path> files() {
    return stages.stream().flatMap(List::stream).distinct().toList();
  }

  int documentCount() {
    return files().stream().mapToInt(f -> documents.get(f).size()).sum();
  }

  /** Makes the vocabulary and encodes with it. */
  Gpt2Tokenizer tokenize(int vocabSize, int nPositions) {
    List<Path> from = vocabText.isEmpty() ? files() : vocabText.stream().distinct().toList();
    Gpt2Tokenizer tokenizer =
        new BpeTrainer()
            .vocabSize(vocabSize)
            .specialTokens(List.of(END_OF_TEXT))
            .train(from.stream().flatMap(f -> documents.get(f).stream()).iterator())
            .withModelMaxLength(nPositions);
    int endOfText = tokenizer.tokenToId(END_OF_TEXT).getAsInt();
    for (Path file : files()) {
      tokens.put(file, encode(documents.get(file), tokenizer, endOfText));
    }
    return tokenizer;
  }

  /** Tokens of the files, each once. */
  int[] tokens() {
    return tokens.values().stream().flatMapToInt(Arrays::stream).toArray();
  }

  /**
   * The stages' blocks without those held out; the ends of a stage's files make blocks together.
   *
   * @throws IllegalArgumentException naming the files of a stage without a whole block
   */
  LanguageModelData train(int blockSize) {
    List<int[]> streams = new ArrayList<>();
    for (List<Path> stage : stages) {
      Stream<int[]> blocks = stage.stream().map(f -> blocks(tokens.get(f), blockSize, false));
      Stream<int[]> ends = stage.stream().map(f -> end(tokens.get(f), blockSize));
      int[] stream = Stream.concat(blocks, ends).flatMapToInt(Arrays::stream).toArray();
      if (stream.length < blockSize) {
        throw new IllegalArgumentException(
            String.format(
                "--text: expected at least one block of %s tokens (--n-positions), found %s in %s",
                blockSize, stream.length, stage));
      }
      streams.add(stream);
    }
    return new LanguageModelData(streams, blockSize);
  }

  /** Blocks that no stage trains on; null if there are none. */
  LanguageModelData heldOut(int blockSize) {
    int[] blocks =
        tokens.values().stream()
            .flatMapToInt(t -> Arrays.stream(blocks(t, blockSize, true)))
            .toArray();
    return blocks.length == 0 ? null : new LanguageModelData(blocks, blockSize);
  }

  /** A file's blocks to train on or those held out, the same in every stage that names the file. */
  private static int[] blocks(int[] tokens, int blockSize, boolean heldOut) {
    return IntStream.range(0, tokens.length / blockSize)
        .filter(b -> (b % HOLD_OUT == HOLD_OUT - 1) == heldOut)
        .flatMap(b -> Arrays.stream(tokens, b * blockSize, (b + 1) * blockSize))
        .toArray();
  }

  private static int[] end(int[] tokens, int blockSize) {
    return Arrays.copyOfRange(tokens, tokens.length / blockSize * blockSize, tokens.length);
  }

  private static int[] encode(List<String> documents, Gpt2Tokenizer tokenizer, int endOfText) {
    return documents.stream()
        .flatMapToInt(
            d -> IntStream.concat(Arrays.stream(tokenizer.encode(d)), IntStream.of(endOfText)))
        .toArray();
  }

  /** One stage for each time that the option is given: picocli would join their files. */
  private static final class StageConsumer implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
      List<Path> files = new ArrayList<>();
      while (!args.isEmpty() && !args.peek().startsWith("-")) {
        files.add(Path.of(args.pop()));
      }
      if (files.isEmpty()) {
        throw new ParameterException(
            command.commandLine(), "Missing required parameter for option '--text' (FILE)");
      }
      List<List<Path>> stages = option.getValue();
      stages = stages == null ? new ArrayList<>() : stages;
      stages.add(files);
      option.setValue(stages);
    }
  }
}
