package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gpt2j.io.Directories;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.RandomWeights;
import org.gpt2j.safetensors.DType;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.LanguageModelData;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainingArguments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pretrain}: makes a vocabulary and a small causal language model from plain text. */
@Command(
    name = "pretrain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Train a vocabulary and a small GPT-2 from plain text; a blank line ends a document, in a file"
            + " without blank lines each line is one.")
public final class PretrainCommand implements Callable<Integer> {
  private static final double FINE_TUNING_DROPOUT = 0.1;

  @Mixin private final PretrainingText text = new PretrainingText();

  @Option(
      names = {"--output", "--output-dir"},
      paramLabel = "DIR",
      required = true,
      description = "Where the model goes, in Hugging Face format.")
  private Path output;

  @Option(names = "--vocab-size", defaultValue = "8192", description = "(default: 8192)")
  private int vocabSize;

  @Option(names = "--n-layer", defaultValue = "6", description = "(default: 6)")
  private int nLayer;

  @Option(names = "--n-embd", defaultValue = "256", description = "(default: 256)")
  private int nEmbd;

  @Option(names = "--n-head", defaultValue = "8", description = "(default: 8)")
  private int nHead;

  @Option(
      names = "--n-positions",
      defaultValue = "256",
      description = "Longest sequence, and length of a training block (default: 256).")
  private int nPositions;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description = "Type of the stored weights: F32 (default), F16 or BF16.")
  private DType dtype;

  @Mixin private final ResumeOption resume = new ResumeOption();

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Mixin private final TrainingOptions training = new TrainingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode json = withDefaults(training.toJson());
    json.put("output_dir", output.toString());
    TrainingArguments args = training.arguments(json);
    Main.setThreads(threads);
    if (nPositions < 2) {
      throw new IllegalArgumentException(
          "--n-positions: expected at least 2, a token and the one to predict, found "
              + nPositions);
    }
    Gpt2Config shape = shape();
    OutputDirectory.check(output, LoraModel.WEIGHTS_FILE);
    text.read();
    out.printf(Locale.ROOT, "%,d documents%n", text.documentCount());
    Gpt2Tokenizer tokenizer = text.tokenize(vocabSize, nPositions);
    int[] tokens = text.tokens();
    LanguageModelData train = text.train(nPositions);
    out.printf(
        Locale.ROOT,
        "%,d tokens, vocabulary of %,d, unigram entropy %.4f nats%n",
        tokens.length,
        tokenizer.vocabSize(),
        unigramEntropy(tokens, tokenizer.vocabSize()));
    int endOfText = tokenizer.tokenToId(PretrainingText.END_OF_TEXT).getAsInt();
    Gpt2Config config =
        shape.toBuilder()
            .vocabSize(tokenizer.vocabSize())
            .bosTokenId(endOfText)
            .eosTokenId(endOfText)
            .build();
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(config, new RandomWeights(config, args.seed()));
    Trainer trainer =
        Trainer.builder(model)
            .tokenizer(tokenizer)
            .args(args)
            .trainDataset(train)
            .evalDataset(text.heldOut(nPositions))
            .callbacks(TrainingOptions.callbacks(args, out))
            .build();
    return InterruptHook.train(
        trainer, resume.from(), out, () -> finish(trainer, model, tokenizer, out));
  }

  private void finish(
      Trainer trainer, Gpt2LMHeadModel model, Gpt2Tokenizer tokenizer, PrintWriter out)
      throws IOException {
    Directories.replaceFiles(
        output,
        dir -> {
          model.savePretrained(dir, dtype);
          // Trained without dropout, to be fine-tuned with GPT-2's.
          Gpt2Config saved = Gpt2Config.fromPretrained(dir);
          saved.toBuilder().dropout(FINE_TUNING_DROPOUT).build().savePretrained(dir);
          tokenizer.savePretrained(dir);
        });
    trainer.saveState();
    FineTuneOptions.drawCharts(trainer, "Pretraining: " + output.getFileName(), out);
    out.println("written: " + output);
    out.flush();
  }

  /** The model as asked for, with the vocabulary still to come; refuses what is impossible. */
  private Gpt2Config shape() {
    return Gpt2Config.gpt2().toBuilder()
        .vocabSize(vocabSize)
        .nLayer(nLayer)
        .nEmbd(nEmbd)
        .nHead(nHead)
        .nPositions(nPositions)
        .dropout(0)
        .build();
  }

  /** A language model from nothing wants other values than the recipe of fine-tuning. */
  private static ObjectNode withDefaults(ObjectNode given) {
    ObjectNode json = given.objectNode();
    json.put("num_train_epochs", 1);
    json.put("learning_rate", 1e-3);
    json.put("weight_decay", 0.1);
    json.put("adam_beta2", 0.95);
    if (given.path("warmup_steps").asDouble(1) != 0) { // 0 is none at all
      json.put("warmup_ratio", 0.05);
    }
    json.put("eval_steps", 200);
    json.setAll(given);
    return json;
  }

  /** Entropy of the tokens' frequencies: what a model that ignores the context can reach. */
  static double unigramEntropy(int[] tokens, int vocabSize) {
    long[] counts = new long[vocabSize];
    for (int t : tokens) {
      counts[t]++;
    }
    double entropy = 0;
    for (long c : counts) {
      if (c > 0) {
        double p = (double) c / tokens.length;
        entropy -= p * Math.log(p);
      }
    }
    return entropy;
  }
}
