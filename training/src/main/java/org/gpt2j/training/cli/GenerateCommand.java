package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.GeneratedText;
import org.gpt2j.training.TextGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code generate}: goes on with texts. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Go on with texts: the arguments, or one a line from standard input. A single one is printed"
            + " as it grows.")
public final class GenerateCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Where neither an option nor the model says how many. */
  private static final int DEFAULT_NEW_TOKENS = 50;

  @Option(
      names = "--model",
      paramLabel = "DIR|NAME",
      description =
          "A language model, such as gpt2 or what `pretrain` wrote, or an adapter of one (default: "
              + BaseModel.BUNDLED
              + ", the small one in the jar).")
  private String model;

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description = "Base model of the adapter (default: the one that the adapter names).")
  private String base;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description =
          "Most tokens to add (default: the model's generation_config.json, else 50); the model's"
              + " longest text (n_positions) ends it too.")
  private Integer maxNewTokens;

  @Option(
      names = "--do-sample",
      negatable = true,
      description =
          "Draw each token, or take the most probable one (default: the model's"
              + " generation_config.json, else the most probable one).")
  private Boolean doSample;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "With --do-sample: what the logits are divided by (default: the model's, else 1).")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "With --do-sample: draw from the K most probable tokens, 0 for all (default: the"
              + " model's, else 50).")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "With --do-sample: draw from the fewest tokens that have the probability P together"
              + " (default: the model's, else 1).")
  private Double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "With --do-sample: the same seed draws the same tokens (default: 42).")
  private Long seed;

  @Option(
      names = "--num-return-sequences",
      paramLabel = "N",
      description = "With --do-sample: how often to go on with each text (default: 1).")
  private Integer returnSequences;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description =
          "Above 1: makes tokens that are there already less probable (default: the model's"
              + " generation_config.json, else 1).")
  private Double repetitionPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text; may be given several times.")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--json",
      description = "Print one JSON object a result: prompt, text (what was added), token_ids.")
  private boolean json;

  @Mixin private WeightsOption weights;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Parameters(paramLabel = "PROMPT", description = "Texts to go on with.")
  private List<String> prompts;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Main.setThreads(threads);
    try (TextGenerator generator =
        TextGenerator.load(model, base, weights.type(), Main.hub(spec))) {
      GenerationConfig config = config(generator.generationConfig());
      if (prompts != null) {
        generate(generator, prompts, config);
        return 0;
      }
      List<String> texts = new ArrayList<>();
      TextLines lines = TextLines.open(spec.commandLine().getErr());
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isEmpty()) {
          texts.add(line);
        }
      }
      generate(generator, texts, config);
      return lines.exitCode();
    }
  }

  /** The model's own, and over it what the options say. */
  private GenerationConfig config(GenerationConfig own) {
    GenerationConfig.Builder builder = own.toBuilder();
    boolean draws = doSample == null ? own.doSample() : doSample;
    builder.doSample(draws);
    if (maxNewTokens != null) {
      builder.maxNewTokens(maxNewTokens);
    } else if (!own.limitsLength()) {
      builder.maxNewTokens(DEFAULT_NEW_TOKENS);
    }
    if (repetitionPenalty != null) {
      builder.repetitionPenalty(repetitionPenalty);
    }
    if (sampling("--temperature", temperature, draws)) {
      builder.temperature(temperature);
    }
    if (sampling("--top-k", topK, draws)) {
      builder.topK(topK);
    }
    if (sampling("--top-p", topP, draws)) {
      builder.topP(topP);
    }
    if (sampling("--seed", seed, draws)) {
      builder.seed(seed);
    }
    if (sampling("--num-return-sequences", returnSequences, draws) && returnSequences < 1) {
      throw new IllegalArgumentException(
          "--num-return-sequences: expected at least 1, found " + returnSequences);
    }
    return builder.build();
  }

  /** Whether an option of sampling is given, which is refused without sampling. */
  private static boolean sampling(String option, Object value, boolean draws) {
    if (value != null && !draws) {
      throw new IllegalArgumentException(
          option + ": expected --do-sample beside it, found greedy decoding");
    }
    return value != null;
  }

  private void generate(TextGenerator generator, List<String> texts, GenerationConfig config)
      throws IOException {
    int copies = returnSequences == null ? 1 : returnSequences;
    List<String> all =
        texts.stream().flatMap(text -> Collections.nCopies(copies, text).stream()).toList();
    PrintWriter out = spec.commandLine().getOut();
    boolean stream = all.size() == 1 && !json;
    StringBuilder printed = new StringBuilder();
    List<GeneratedText> results =
        generator.generate(
            all,
            config,
            stops,
            (i, piece) -> {
              if (stream) {
                print(printed.isEmpty() ? all.get(0) + piece : piece);
                printed.append(piece);
              }
            });
    for (GeneratedText result : results) {
      if (json) {
        out.println(MAPPER.writeValueAsString(toJson(result)));
      } else {
        out.println(printed.isEmpty() ? result.prompt() + result.text() : "");
      }
    }
    if (out.checkError()) {
      throw new IOException("standard output: cannot be written to");
    }
  }

  /** At once, so that a reader sees it; who reads no more ends the work. */
  private void print(String piece) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(piece);
    if (out.checkError()) {
      throw new UncheckedIOException(new IOException("standard output: cannot be written to"));
    }
  }

  private static ObjectNode toJson(GeneratedText result) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("prompt", result.prompt());
    node.put("text", result.text());
    ArrayNode ids = node.putArray("token_ids");
    for (int id : result.tokenIds()) {
      ids.add(id);
    }
    return node;
  }
}
