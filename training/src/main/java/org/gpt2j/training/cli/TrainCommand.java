package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.gpt2j.training.LabelEncoder;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.data.DataSplit;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: fine-tunes a classifier and writes it, with what was measured. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune GPT-2 into a classifier of spam and ham, or of your classes.")
public final class TrainCommand implements Callable<Integer> {
  private static final String DEFAULT_OUTPUT = "lora_model";

  @ArgGroup(validate = false, heading = "Model%n")
  private final ModelOptions model = new ModelOptions();

  @ArgGroup(validate = false, heading = "Data%n")
  private final DataOptions data = new DataOptions();

  @Option(
      names = {"--output", "--output-dir"},
      paramLabel = "DIR",
      description =
          "Where the trained model, its checkpoints and results go (default: lora_model).")
  private Path output;

  @Mixin private final ResumeOption resume = new ResumeOption();

  @Mixin private final FineTuneOptions fineTune = new FineTuneOptions();

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Mixin private final TrainingOptions training = new TrainingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode json = training.toJson();
    model.takeFrom(json);
    if (output != null || !json.has("output_dir")) {
      json.put("output_dir", output == null ? DEFAULT_OUTPUT : output.toString());
    }
    TrainingArguments args = training.arguments(json);
    fineTune.check(model.problemType());
    Main.setThreads(threads);
    OutputDirectory.check(args.outputDir(), model.otherWeights());
    out.println("base model: " + model.baseName());
    DataSplit split = data.load(model.problemType(), 0, out);
    List<String> labels = LabelEncoder.names(model.problemType(), split);
    FineTuneModel tuned = model.load(labels, args.seed(), Main.hub(spec));
    out.println(tuned.trainableLine());
    return fineTune.run(tuned, split, args, resume.from(), "Fine-tuning: " + model.baseName(), out);
  }
}
