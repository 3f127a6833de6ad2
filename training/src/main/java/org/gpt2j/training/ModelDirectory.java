package org.gpt2j.training;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gpt2j.hub.Hub;
import org.gpt2j.io.Printable;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.lora.PretrainedAdapter;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.model.ProblemType;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.CalibrationFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a directory or a name is, decided here for every command, the server and the Java API: a
 * whole model, or an adapter and its base. What an adapter's directory lacks of config.json and
 * tokenizer is the base's, as AutoPeft of peft has it. Where the directory itself holds no model
 * but one of its subfolders an adapter, as peft saves one with a name, that is taken; of an adapter
 * and a whole model in one directory the adapter, as transformers does.
 */
public final class ModelDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);
  private static final String CLASSIFIER = "GPT2ForSequenceClassification";
  private static final int MOST_NAMED = 10;

  private final Path given;
  private final Path directory;
  private final PretrainedAdapter adapter;
  private final String baseName;
  private final Path base;

  private ModelDirectory(
      Path given, Path directory, PretrainedAdapter adapter, String baseName, Path base) {
    this.given = given;
    this.directory = directory;
    this.adapter = adapter;
    this.baseName = baseName;
    this.base = base;
  }

  /** Whether a directory itself holds the weights of a model or an adapter; it may be missing. */
  public static boolean isIn(Path dir) {
    return Gpt2PreTrainedModel.hasWeights(dir) || Files.exists(dir.resolve(LoraModel.WEIGHTS_FILE));
  }

  /**
   * Finds out what a directory is.
   *
   * @param base of an adapter, as {@link BaseModel#resolve(String, Hub)} takes it; null for the one
   *     that the adapter names
   * @param hub where a base comes from that the cache lacks; null to download nothing
   * @throws IOException naming the file, if there is no directory, it has several adapters, or an
   *     adapter's config, header or base cannot be used
   * @throws IllegalArgumentException if there is a base for a whole model
   */
  public static ModelDirectory open(Path dir, String base, Hub hub) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new IOException(dir + ": expected a model's directory, found none");
    }
    return open(dir, dir.toString(), base, hub);
  }

  /**
   * Finds out what a name is.
   *
   * @param name a directory, or as {@link BaseModel#resolve(String, Hub)} takes it; null for the
   *     bundled base
   * @param base of an adapter, as {@link BaseModel#resolve(String, Hub)} takes it; null for the one
   *     that the adapter names
   * @param hub where what is named comes from if the cache lacks it; null to download nothing
   * @throws IOException naming the file, if there is no such model, it has several adapters, or an
   *     adapter's config, header or base cannot be used
   * @throws IllegalArgumentException if there is a base for a whole model, or the name is none
   */
  public static ModelDirectory open(String name, String base, Hub hub) throws IOException {
    return open(BaseModel.resolve(name, hub), name == null ? BaseModel.BUNDLED : name, base, hub);
  }

  private static ModelDirectory open(Path dir, String name, String base, Hub hub)
      throws IOException {
    Path directory = locate(dir);
    boolean whole = Gpt2PreTrainedModel.hasWeights(directory);
    boolean both = whole && PretrainedAdapter.isWhole(directory);
    if (both) {
      LOG.warn(
          "{}: has the weights of a whole model and those of an adapter: the adapter is taken, as by"
              + " transformers, and {} left aside",
          directory,
          Gpt2PreTrainedModel.WEIGHTS_FILE);
    }
    if (both || !whole && PretrainedAdapter.isIn(directory)) {
      return withBase(PretrainedAdapter.open(directory), dir, base, hub);
    }
    Path config = directory.resolve(Gpt2Config.FILE_NAME);
    if (Files.notExists(config)) {
      throw new IOException(config + ": no such file");
    }
    if (base != null) {
      throw new IllegalArgumentException(
          "base: expected an adapter that it is the base of, found the whole model " + name);
    }
    return new ModelDirectory(dir, directory, null, null, null);
  }

  /**
   * Opens the adapter in a directory.
   *
   * @param dir the adapter's, or one with an adapter in one of its subfolders
   * @throws IOException naming the file, if there is no adapter, there are several, or its config
   *     or header cannot be used
   */
  public static PretrainedAdapter adapterIn(Path dir) throws IOException {
    return PretrainedAdapter.open(Files.isDirectory(dir) ? locate(dir) : dir);
  }

  /**
   * Finds the base of an adapter.
   *
   * @param given the directory that was opened by {@link #adapterIn}
   * @param base as {@link BaseModel#resolve(String, Hub)} takes it; null for the one that the
   *     adapter names
   * @param hub where the base comes from if the cache lacks it; null to download nothing
   * @throws IOException if the adapter names no base, or it is not here
   */
  public static ModelDirectory withBase(PretrainedAdapter adapter, Path given, String base, Hub hub)
      throws IOException {
    Path directory = adapter.directory();
    String named = BaseModel.nameOf(adapter.config());
    if (base != null) {
      return based(given, adapter, base, BaseModel.resolve(base, hub));
    }
    if (named == null) {
      throw new IOException(
          directory + ": the adapter names no base (base_model_name_or_path), and none was given");
    }
    Path found;
    try {
      found = BaseModel.resolve(named, hub);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          directory
              + ": the adapter's base (base_model_name_or_path) is not here: "
              + e.getMessage()
              + "; another can be given (--base)",
          e);
    }
    return based(given, adapter, named, found);
  }

  private static ModelDirectory based(Path given, PretrainedAdapter adapter, String name, Path base)
      throws IOException {
    if (!Gpt2PreTrainedModel.hasWeights(base) && PretrainedAdapter.isIn(base)) {
      throw new IOException(
          "%s: expected a whole model, the base of the adapter in %s, found another adapter"
              .formatted(base, adapter.directory()));
    }
    return new ModelDirectory(given, adapter.directory(), adapter, name, base);
  }

  /** The directory itself, or its one subfolder with an adapter. */
  private static Path locate(Path dir) throws IOException {
    if (Gpt2PreTrainedModel.hasWeights(dir) || PretrainedAdapter.isIn(dir)) {
      return dir;
    }
    List<Path> adapters;
    try (Stream<Path> all = Files.list(dir)) {
      adapters = all.filter(p -> Files.isDirectory(p) && PretrainedAdapter.isIn(p)).toList();
    }
    if (adapters.isEmpty()) {
      return dir;
    }
    if (adapters.size() > 1) {
      List<String> names =
          adapters.stream()
              .map(p -> Printable.line(p.getFileName().toString()))
              .sorted()
              .limit(MOST_NAMED)
              .toList();
      throw new IOException(
          "%s: expected a model or one adapter in it, found %s: %s%s"
              .formatted(
                  dir,
                  adapters.size(),
                  String.join(", ", names),
                  names.size() < adapters.size() ? ", ..." : ""));
    }
    LOG.info("{} holds no model itself: the adapter in {} is taken", dir, adapters.get(0));
    return adapters.get(0);
  }

  /** Where the model or the adapter lies: what was given, or a subfolder of it. */
  public Path directory() {
    return directory;
  }

  /** The adapter; empty for a whole model. */
  public Optional<PretrainedAdapter> adapter() {
    return Optional.ofNullable(adapter);
  }

  /** The adapter's base as it was given, or as the adapter names it; null for a whole model. */
  public String baseName() {
    return baseName;
  }

  /** Where the adapter's base lies; null for a whole model. */
  public Path baseDirectory() {
    return base;
  }

  /**
   * A file that goes with the model: the adapter's, else the base's.
   *
   * @param name such as generation_config.json
   */
  public Optional<Path> file(String name) {
    return places().stream().map(dir -> dir.resolve(name)).filter(Files::exists).findFirst();
  }

  private List<Path> places() {
    List<Path> all = new ArrayList<>(List.of(directory, given));
    if (base != null) {
      all.add(base);
    }
    return all;
  }

  /**
   * The tokenizer: the adapter's, else the base's.
   *
   * @throws IOException naming the file, if there is none or it cannot be used
   */
  public Gpt2Tokenizer tokenizer() throws IOException {
    List<Path> places = places();
    Path place =
        places.stream()
            .filter(
                d ->
                    Stream.of("tokenizer.json", "vocab.json")
                        .map(d::resolve)
                        .anyMatch(Files::exists))
            .findFirst()
            .orElse(places.get(places.size() - 1));
    return Gpt2Tokenizer.fromPretrained(place);
  }

  /**
   * Loads the classifier, an adapter merged into its base. As many classes as the adapter's head
   * has rows; their names are those of the adapter's config.json, else the base's if there are as
   * many, else LABEL_0 and so on.
   *
   * @throws IOException naming the file, if one cannot be read or does not fit
   */
  public Gpt2ForSequenceClassification classifier() throws IOException {
    if (adapter == null) {
      return Gpt2ForSequenceClassification.fromPretrained(directory);
    }
    Gpt2Config config = classifierConfig();
    return adapted(
        () ->
            Gpt2ForSequenceClassification.fromPretrained(base, adapter.forClassifier(c -> config)));
  }

  /**
   * What makes probabilities of this classifier's logits; the identity where no calibration.json
   * lies beside its weights. A base's is not an adapter's.
   *
   * @param config of what {@link #classifier} gave
   * @param headSha256 {@link CalibrationFile#hash} of its head, before weights are rounded
   * @throws IOException naming the file, if it cannot be used or was made for another head
   */
  Calibration calibration(Gpt2Config config, String headSha256) throws IOException {
    int classes = config.numLabels();
    Optional<Calibration> read = CalibrationFile.read(directory, classes, headSha256);
    ProblemType type = ProblemType.ofPipeline(config);
    if (read.isPresent() && type != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IOException(
          "%s: expected a classifier of one label a text for it, found %s"
              .formatted(directory.resolve(CalibrationFile.NAME), type));
    }
    return read.orElse(Calibration.identity(classes));
  }

  /**
   * Loads the causal language model, an adapter merged into its base.
   *
   * @throws IOException naming the file, if one cannot be read or does not fit
   */
  public Gpt2LMHeadModel languageModel() throws IOException {
    if (adapter == null) {
      return Gpt2LMHeadModel.fromPretrained(directory);
    }
    return adapted(() -> Gpt2LMHeadModel.fromPretrained(base, adapter.forLanguageModel(c -> c)));
  }

  private interface Loading<M> {
    M load() throws IOException;
  }

  /** Says so where the base is not the one that the adapter was made for. */
  private <M extends Gpt2PreTrainedModel> M adapted(Loading<M> loading) throws IOException {
    String other = otherBase();
    M model;
    try {
      model = loading.load();
      LoraModel.fromPretrained(model, adapter, false).mergeAndUnload();
    } catch (IOException e) {
      // What has a cause is wrong with whatever base: a file that cannot be read, an option.
      boolean fits = other == null || e.getCause() != null;
      throw fits ? e : new IOException(other + ": " + e.getMessage(), e);
    }
    if (other != null) {
      LOG.warn("{}; the shapes agree", other);
    }
    return model;
  }

  /** Names the base that the adapter was made for and the one given; null where it is the same. */
  private String otherBase() {
    String named = BaseModel.nameOf(adapter.config());
    if (named == null || named.equals(baseName) || isBase(named)) {
      return null;
    }
    return "%s: the adapter was made for the base `%s`, found the base `%s`"
        .formatted(directory, Printable.line(named), Printable.line(baseName));
  }

  private boolean isBase(String named) {
    try {
      return !named.equals(BaseModel.BUNDLED) && Files.isSameFile(BaseModel.resolve(named), base);
    } catch (IOException | IllegalArgumentException e) {
      return false; // it is not on this machine
    }
  }

  /** The directory of config.json beside the adapter; empty where there is none. */
  private Optional<Path> configPlace() {
    return Stream.of(directory, given)
        .filter(dir -> Files.exists(dir.resolve(Gpt2Config.FILE_NAME)))
        .findFirst();
  }

  private Gpt2Config classifierConfig() throws IOException {
    Path place = configPlace().orElse(base);
    Gpt2Config config = Gpt2Config.fromPretrained(place);
    if (adapter.numLabels().isEmpty()) {
      if (!config.architectures().contains(CLASSIFIER)) {
        throw new IOException(
            "%s: task_type: %s without a saved head of a classifier (score), and the base `%s` has none"
                .formatted(
                    directory.resolve("adapter_config.json"),
                    adapter.config().taskType(),
                    Printable.line(baseName)));
      }
      return config;
    }
    int classes = adapter.numLabels().getAsInt();
    if (config.numLabels() == classes) {
      return config;
    }
    if (place != base) {
      throw new IOException(
          "%s: id2label: expected %s labels, as many as score in %s has rows, found %s"
              .formatted(
                  place.resolve(Gpt2Config.FILE_NAME),
                  classes,
                  LoraModel.WEIGHTS_FILE,
                  config.numLabels()));
    }
    return config.toBuilder()
        .labels(IntStream.range(0, classes).mapToObj(i -> "LABEL_" + i).toList())
        .build();
  }
}
