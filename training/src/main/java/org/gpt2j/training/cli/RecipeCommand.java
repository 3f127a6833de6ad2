package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.ClassificationMetrics;
import org.gpt2j.training.DirectoryLock;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.baseline.Baseline;
import org.gpt2j.training.baseline.ConstantBaseline;
import org.gpt2j.training.baseline.NGramBaseline;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabeledText;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code recipe}: trains with several seeds, and compares with simple classifiers. */
@Command(
    name = "recipe",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Train with several seeds, each on a split of its own, and compare on the test messages"
            + " with two simple classifiers that learn from the same training messages.")
public final class RecipeCommand implements Callable<Integer> {
  private static final String RESULTS = "recipe_results";
  private static final String TEST_RESULTS = "test_results.json";
  private static final String DESCRIPTION = "recipe_run.json";

  @ArgGroup(validate = false, heading = "Model%n")
  private final ModelOptions model = new ModelOptions();

  @ArgGroup(validate = false, heading = "Data%n")
  private final DataOptions data = new DataOptions();

  @Option(
      names = {"--output", "--output-dir"},
      paramLabel = "DIR",
      defaultValue = "recipe",
      description = "Where each run and the results go (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Trainings; each adds 1 to --seed and to --split-seed (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--resume",
      description = "Keep the runs that are done, and go on with the one that was stopped.")
  private boolean resume;

  @Mixin private final FineTuneOptions fineTune = new FineTuneOptions();

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Mixin private final TrainingOptions training = new TrainingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (runs < 1) {
      throw new IllegalArgumentException("--runs: expected a number above 0, found " + runs);
    }
    ObjectNode json = training.toJson();
    ObjectNode description = json.deepCopy();
    model.takeFrom(json);
    description.setAll(model.given());
    description.setAll(fineTune.toJson());
    json.put("output_dir", output.toString());
    TrainingArguments first = training.arguments(json);
    requireOneLabel(model.problemType());
    fineTune.check(model.problemType());
    Main.setThreads(threads);
    OutputDirectory.check(output, model.otherWeights());
    DirectoryLock lock = DirectoryLock.lock(output, this);
    try {
      return train(first, json, description, out);
    } finally {
      lock.close();
    }
  }

  /** All runs, and the table of them. */
  private int train(
      TrainingArguments first, ObjectNode json, ObjectNode description, PrintWriter out)
      throws IOException {
    RecipeTable table = new RecipeTable();
    for (int run = 0; run < runs; run++) {
      long seed = first.seed() + run;
      Path dir = output.resolve("seed-" + seed);
      out.printf("run %s of %s: seed %s, written to %s%n", run + 1, runs, seed, dir);
      DataSplit split = data.load(model.problemType(), run, out);
      if (split.test().isEmpty()) {
        throw new IllegalArgumentException(
            "--test-file: expected messages to compare on, found none");
      }
      description.put("split", hash(split));
      if (!resume || !isDone(dir, description)) {
        TrainingArguments args =
            training.arguments(json.deepCopy().put("seed", seed).put("output_dir", dir.toString()));
        FineTuneModel tuned = model.load(split.labels(), seed, Main.hub(spec));
        String title = "Fine-tuning: " + model.baseName() + ", seed " + seed;
        int status = fineTune.run(tuned, split, args, resume && begun(dir) ? "" : null, title, out);
        if (status != 0) {
          return status;
        }
        JsonFile.write(dir.resolve(DESCRIPTION), description);
      }
      Map<String, Double> metrics = read(dir);
      table.add("fine-tuned " + model.baseName(), metrics);
      table.add(
          "linear, n-grams", baseline(NGramBaseline.train(split.train(), split.labels()), split));
      int classes = split.labels().size();
      table.add(
          "always " + split.labels().get(0), baseline(new ConstantBaseline(classes, 0), split));
    }
    out.println();
    out.print(table.markdown());
    JsonFile.write(output.resolve(RESULTS + ".json"), table.toJson());
    out.println("written: " + output.resolve(RESULTS + ".json"));
    out.flush();
    return 0;
  }

  /** The simple classifiers, and the scores that all are compared by, are of one label a text. */
  private static void requireOneLabel(ProblemType problemType) {
    if (problemType != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IllegalArgumentException(
          "--problem-type: recipe compares classifiers of one label a text, expected "
              + ProblemType.SINGLE_LABEL_CLASSIFICATION
              + ", found "
              + problemType);
    }
  }

  /** Whether a run of the same options on the same messages has come to its end there. */
  private static boolean isDone(Path dir, ObjectNode description) throws IOException {
    Path file = dir.resolve(DESCRIPTION);
    if (Files.notExists(file)) {
      return false;
    }
    if (!JsonFile.text(JsonFile.read(file)).equals(JsonFile.text(description))) {
      throw new IOException(
          "--resume: expected the options and messages of the run in "
              + file
              + ", found others; take another --output");
    }
    return true;
  }

  private static int hash(DataSplit split) {
    return List.of(split.train(), split.validation(), split.test()).hashCode();
  }

  private static boolean begun(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      return false;
    }
    try (var checkpoints = Files.newDirectoryStream(dir, "checkpoint-*")) {
      return checkpoints.iterator().hasNext();
    }
  }

  private static Map<String, Double> read(Path dir) throws IOException {
    Path file = dir.resolve(TEST_RESULTS);
    ObjectNode json = JsonFile.read(file);
    Map<String, Double> metrics = new TreeMap<>();
    json.properties().forEach(e -> metrics.put(e.getKey(), e.getValue().doubleValue()));
    for (String key : RecipeTable.KEYS) {
      if (!json.path(key).isNumber()) {
        throw new IOException(file + ": " + key + ": expected a number, found " + json.get(key));
      }
    }
    return metrics;
  }

  private static Map<String, Double> baseline(Baseline baseline, DataSplit split) {
    List<String> labels = split.labels();
    ClassificationMetrics metrics = new ClassificationMetrics(labels.size());
    for (LabeledText message : split.test()) {
      metrics.add(labels.indexOf(message.label()), baseline.predict(message.text()));
    }
    return metrics.scores("test_");
  }
}
