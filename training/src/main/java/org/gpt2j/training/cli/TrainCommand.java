package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.ClassificationData;
import org.gpt2j.training.ModelSaver;
import org.gpt2j.training.ProgressReport;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabeledText;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: fine-tunes a classifier and writes it. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune GPT-2 into a classifier of spam and ham, or of your classes.")
public final class TrainCommand implements Callable<Integer> {
  /** What is trained. */
  enum Mode {
    LORA,
    FULL
  }

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description =
          "Base model: a directory or a name in the Hugging Face cache (default: bundled).")
  private String base;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "lora_model",
      description = "Where the trained model goes (default: ${DEFAULT-VALUE}).")
  private Path output;

  @ArgGroup(validate = false, heading = "Data%n")
  private final DataOptions data = new DataOptions();

  @Option(
      names = "--mode",
      defaultValue = "LORA",
      description = "lora (default) or full: train every weight.")
  private Mode mode;

  @Option(
      names = "--init-adapter",
      paramLabel = "DIR",
      description = "Start from the weights and the options of an adapter.")
  private Path initAdapter;

  @Option(names = "--lora-r", paramLabel = "N", description = "Rank (default: 8).")
  private Integer loraR;

  @Option(
      names = "--lora-alpha",
      paramLabel = "X",
      description = "Scaling is alpha/r (default: 32).")
  private Double loraAlpha;

  @Option(
      names = "--lora-dropout",
      paramLabel = "P",
      description = "Dropout on the adapters' inputs (default: 0.1).")
  private Double loraDropout;

  @Option(
      names = "--target-modules",
      paramLabel = "NAMES",
      description =
          "Names with commas between them, all-linear, or a regular expression (default:"
              + " c_attn,c_proj).")
  private String targetModules;

  @Option(names = "--bias", paramLabel = "WHICH", description = "none (default), all or lora_only.")
  private String bias;

  @Option(names = "--use-rslora", description = "Scale by alpha/sqrt(r).")
  private Boolean useRslora;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "The model's own dropout (default: as its config says; 0 turns it off).")
  private Double dropout;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of a message that are read (default: 120).")
  private Integer maxLength;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Mixin private final TrainingOptions training = new TrainingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode json = training.toJson();
    putOwn(json);
    LoraOptions loraOptions = LoraOptions.takeFrom(json);
    Double modelDropout = take(json, "dropout", JsonNode::isNumber, JsonNode::doubleValue);
    Integer length = take(json, "max_length", JsonNode::isInt, JsonNode::intValue);
    if (length != null && length < 1) {
      throw new IllegalArgumentException("max_length: expected at least 1, found " + length);
    }
    TrainingArguments args = TrainingArguments.fromJson(json);
    Main.setThreads(threads);
    OutputDirectory.check(
        output, mode == Mode.LORA ? Gpt2PreTrainedModel.WEIGHTS_FILE : LoraModel.WEIGHTS_FILE);

    Path baseDir = BaseModel.resolve(base);
    String baseName = base == null ? BaseModel.BUNDLED : base;
    out.println("base model: " + baseName);
    LoraConfig loraConfig = loraConfig(loraOptions, baseName);
    Gpt2Tokenizer tokenizer = tokenizer(baseDir);
    DataSplit split = data.load(out);
    Gpt2Config config = config(baseDir, split.labels(), tokenizer, modelDropout);
    int cut = Math.min(length == null ? 120 : length, config.nPositions());
    tokenizer = tokenizer.withModelMaxLength(cut);

    Gpt2ForSequenceClassification model =
        Gpt2ForSequenceClassification.fromPretrained(baseDir, config, args.seed());
    LoraModel lora = loraConfig == null ? null : lora(model, loraConfig, args.seed());
    out.println(trainableLine(model, lora));
    ModelSaver saver = saver(model, lora, config, tokenizer);
    Trainer trainer =
        new Trainer(
            model,
            args,
            data(split.train(), tokenizer, cut, config),
            split.validation().isEmpty() ? null : data(split.validation(), tokenizer, cut, config),
            saver,
            output,
            List.of(new ProgressReport(out, Terminal.isInteractive())));
    TrainerState state = trainer.train();

    ModelSaver withState =
        dir -> {
          saver.save(dir);
          state.save(dir);
        };
    withState.replace(output);
    if (state.bestGlobalStep() != null && args.loadBestModelAtEnd()) {
      out.printf(
          Locale.ROOT,
          "best eval_loss %.4f at step %d%n",
          state.bestMetric(),
          state.bestGlobalStep());
    }
    if (!split.test().isEmpty()) {
      Map<String, Double> metrics =
          trainer.evaluate(data(split.test(), tokenizer, cut, config), "test_");
      metrics.forEach((k, v) -> out.printf(Locale.ROOT, "%-24s %.4f%n", k, v));
    }
    out.println("written: " + output);
    out.flush();
    return 0;
  }

  /** The command's own options over those of an argument file. */
  private void putOwn(ObjectNode json) {
    TrainingOptions.put(json, "lora_r", loraR);
    TrainingOptions.put(json, "lora_alpha", loraAlpha);
    TrainingOptions.put(json, "lora_dropout", loraDropout);
    TrainingOptions.put(json, "target_modules", targetModules);
    TrainingOptions.put(json, "bias", bias);
    TrainingOptions.put(json, "use_rslora", useRslora);
    TrainingOptions.put(json, "dropout", dropout);
    TrainingOptions.put(json, "max_length", maxLength);
  }

  private static <T> T take(
      ObjectNode json, String key, Predicate<JsonNode> test, Function<JsonNode, T> value) {
    JsonNode node = json.remove(key);
    if (node == null) {
      return null;
    }
    if (!test.test(node)) {
      throw new IllegalArgumentException(key + ": expected a number, found " + node);
    }
    return value.apply(node);
  }

  private static Gpt2Config config(
      Path baseDir, List<String> labels, Gpt2Tokenizer tokenizer, Double dropout)
      throws IOException {
    var builder =
        Gpt2Config.fromPretrained(baseDir).toBuilder()
            .labels(labels)
            .architectures(List.of("GPT2ForSequenceClassification"))
            .padTokenId(tokenizer.padTokenId().getAsInt());
    if (dropout != null) {
      builder.dropout(dropout);
    }
    return builder.build();
  }

  private static Gpt2Tokenizer tokenizer(Path baseDir) throws IOException {
    Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(baseDir);
    if (tokenizer.padTokenId().isPresent()) {
      return tokenizer;
    }
    if (tokenizer.eosTokenId().isEmpty()) {
      throw new IOException(baseDir + ": expected a tokenizer with a pad or eos token, found none");
    }
    return tokenizer.withEosAsPadToken();
  }

  /** What to adapt, null where every weight is trained. */
  private LoraConfig loraConfig(LoraOptions options, String baseName) throws IOException {
    if (mode == Mode.FULL && initAdapter != null) {
      throw new IllegalArgumentException("--init-adapter goes with --mode lora, found full");
    }
    if (mode == Mode.FULL) {
      options.refuseAny("--mode full, which has no adapter");
      return null;
    }
    if (initAdapter == null) {
      return options.config(baseName);
    }
    LoraConfig stored = options.adjust(LoraModel.readConfig(initAdapter));
    return stored.toBuilder().baseModelNameOrPath(baseName).build();
  }

  private LoraModel lora(Gpt2ForSequenceClassification model, LoraConfig config, long seed)
      throws IOException {
    return initAdapter == null
        ? LoraModel.apply(model, config, seed)
        : LoraModel.fromPretrained(model, initAdapter, config, true);
  }

  private static String trainableLine(Gpt2ForSequenceClassification model, LoraModel lora) {
    if (lora != null) {
      return lora.trainableParameters();
    }
    long n = model.parameters().stream().mapToLong(p -> p.value().length()).sum();
    return String.format(Locale.ROOT, "trainable params: %,d (all)", n);
  }

  private static ClassificationData data(
      List<LabeledText> messages, Gpt2Tokenizer tokenizer, int maxLength, Gpt2Config config) {
    return ClassificationData.of(messages, tokenizer, maxLength, config.label2id());
  }

  /** Everything that `classify` needs, save the base of an adapter. */
  private static ModelSaver saver(
      Gpt2ForSequenceClassification model,
      LoraModel lora,
      Gpt2Config config,
      Gpt2Tokenizer tokenizer) {
    return dir -> {
      Files.createDirectories(dir);
      if (lora == null) {
        model.savePretrained(dir);
      } else {
        lora.savePretrained(dir);
        config.savePretrained(dir);
      }
      tokenizer.savePretrained(dir);
    };
  }
}
