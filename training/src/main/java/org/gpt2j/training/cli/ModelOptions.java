package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gpt2j.hub.Hub;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.lora.PretrainedAdapter;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.model.ProblemType;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.ModelDirectory;
import picocli.CommandLine.Option;

/** What is fine-tuned: the base, the adapter, what of a message is read. */
final class ModelOptions {
  /** What is trained. */
  enum Mode {
    LORA,
    FULL
  }

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description =
          "Base model: a directory, or a name on the hub, taken from the Hugging Face cache or"
              + " downloaded into it (default: that of --init-adapter, else bundled).")
  private String base;

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

  private PretrainedAdapter init;

  @Option(
      names = "--problem-type",
      paramLabel = "NAME",
      description =
          "What labels are: single_label_classification (default, one a text),"
              + " multi_label_classification (any number, with | between them; an empty cell is none)"
              + " or regression (a number).")
  private String problemType;

  private LoraOptions loraOptions;
  private ProblemType type;
  private Double modelDropout;
  private Integer length;

  /** What the options say, to compare. */
  ObjectNode given() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    putOwn(json);
    return json.put("base", baseName()).put("mode", mode.toString());
  }

  /**
   * Takes the keys that are the model's out of an argument file's, under the options given, and
   * reads what adapter training starts from.
   */
  void takeFrom(ObjectNode json) throws IOException {
    putOwn(json);
    loraOptions = LoraOptions.takeFrom(json);
    if (mode == Mode.FULL && initAdapter != null) {
      throw new IllegalArgumentException("--init-adapter goes with --mode lora, found full");
    }
    if (mode == Mode.FULL) {
      loraOptions.refuseAny("--mode full, which has no adapter");
    }
    init = initAdapter == null ? null : ModelDirectory.adapterIn(initAdapter);
    type = takeProblemType(json);
    modelDropout = take(json, "dropout", JsonNode::isNumber, JsonNode::doubleValue);
    length = take(json, "max_length", JsonNode::isInt, JsonNode::intValue);
    if (length != null && length < 1) {
      throw new IllegalArgumentException("max_length: expected at least 1, found " + length);
    }
  }

  private static ProblemType takeProblemType(ObjectNode json) {
    JsonNode node = json.remove("problem_type");
    return node == null || node.isNull() ? null : ProblemType.fromName(node.asText());
  }

  /** What labels are; one of several classes unless said otherwise. */
  ProblemType problemType() {
    return type == null ? ProblemType.SINGLE_LABEL_CLASSIFICATION : type;
  }

  /** A file that an output directory must not hold, lest a reader take it for ours. */
  String otherWeights() {
    return mode == Mode.LORA ? Gpt2PreTrainedModel.WEIGHTS_FILE : LoraModel.WEIGHTS_FILE;
  }

  /** The base as given, else as the adapter names it that training starts from. */
  String baseName() {
    if (base != null) {
      return base;
    }
    String named = init == null ? null : BaseModel.nameOf(init.config());
    return named == null ? BaseModel.BUNDLED : named;
  }

  /**
   * Loads the base and puts a new head and new adapters into it.
   *
   * @param labels names of the classes
   * @param seed of what is new
   * @param hub where the base comes from if the cache lacks it
   */
  FineTuneModel load(List<String> labels, long seed, Hub hub) throws IOException {
    if (init != null) {
      return loadInitAdapter(labels, hub);
    }
    Path baseDir = BaseModel.resolve(base, hub);
    if (!Gpt2PreTrainedModel.hasWeights(baseDir) && PretrainedAdapter.isIn(baseDir)) {
      throw new IOException(
          baseDir
              + ": expected a whole model as --base, found an adapter; --init-adapter goes on with"
              + " one");
    }
    Gpt2Tokenizer tokenizer = withPadToken(Gpt2Tokenizer.fromPretrained(baseDir), baseDir);
    Gpt2Config config = config(Gpt2Config.fromPretrained(baseDir), labels, tokenizer);
    Gpt2ForSequenceClassification model =
        Gpt2ForSequenceClassification.fromPretrained(baseDir, config, seed);
    LoraConfig lora = mode == Mode.FULL ? null : loraOptions.config(baseName());
    return fineTuned(model, lora == null ? null : LoraModel.apply(model, lora, seed), tokenizer);
  }

  /** The adapter on its base, with its own tokenizer and embeddings where it has them. */
  private FineTuneModel loadInitAdapter(List<String> labels, Hub hub) throws IOException {
    LoraConfig.Builder adjusted = loraOptions.adjust(init.config()).toBuilder();
    PretrainedAdapter adapter = init.withConfig(BaseModel.name(adjusted, baseName()).build());
    ModelDirectory directory = ModelDirectory.withBase(adapter, initAdapter, baseName(), hub);
    Gpt2Tokenizer tokenizer = withPadToken(directory.tokenizer(), directory.baseDirectory());
    Gpt2ForSequenceClassification model =
        Gpt2ForSequenceClassification.fromPretrained(
            directory.baseDirectory(),
            adapter.forClassifier(own -> config(own, labels, tokenizer)));
    return fineTuned(model, LoraModel.fromPretrained(model, adapter, true), tokenizer);
  }

  private FineTuneModel fineTuned(
      Gpt2ForSequenceClassification model, LoraModel lora, Gpt2Tokenizer tokenizer) {
    int cut = Math.min(length == null ? 120 : length, model.config().nPositions());
    return new FineTuneModel(model, lora, tokenizer.withModelMaxLength(cut), cut);
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
    TrainingOptions.put(json, "problem_type", problemType);
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

  /** A base of another problem is no reason to train for that, and none to pass over it. */
  private Gpt2Config withProblemType(Gpt2Config base) {
    if (type != null) {
      return base.toBuilder().problemType(type.toString()).build();
    }
    if (base.problemType() != null && ProblemType.ofLoss(base) != problemType()) {
      throw new IllegalArgumentException(
          "--problem-type: expected one, as problem_type of the base "
              + baseName()
              + " is "
              + base.problemType()
              + ", found none");
    }
    return base;
  }

  private Gpt2Config config(Gpt2Config base, List<String> labels, Gpt2Tokenizer tokenizer) {
    var builder =
        withProblemType(base).toBuilder()
            .labels(labels)
            .architectures(List.of("GPT2ForSequenceClassification"))
            .padTokenId(tokenizer.padTokenId().getAsInt());
    if (modelDropout != null) {
      builder.dropout(modelDropout);
    }
    return builder.build();
  }

  private static Gpt2Tokenizer withPadToken(Gpt2Tokenizer tokenizer, Path baseDir)
      throws IOException {
    if (tokenizer.padTokenId().isPresent()) {
      return tokenizer;
    }
    if (tokenizer.eosTokenId().isEmpty()) {
      throw new IOException(baseDir + ": expected a tokenizer with a pad or eos token, found none");
    }
    return tokenizer.withEosAsPadToken();
  }
}
