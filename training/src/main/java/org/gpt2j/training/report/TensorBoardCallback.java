package org.gpt2j.training.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;

/**
 * Sends what a training logs to TensorBoard, as transformers' class of this name does
 * (integrations/integration_utils.py): {@code eval_loss} becomes the curve {@code eval/loss},
 * {@code loss} becomes {@code train/loss}, and the training arguments a text.
 *
 * <p>Each row is in the file before the training goes on. A resumed training shows its own rows in
 * place of those that the killed one logged after the checkpoint; a new one into the same directory
 * hides all older rows, so give each its own.
 */
public final class TensorBoardCallback implements TrainerCallback {
  private final Path loggingDir;
  private EventFileWriter writer;

  /**
   * @param loggingDir for the event files, made when the training begins; for {@code tensorboard
   *     --logdir}
   */
  public TensorBoardCallback(Path loggingDir) {
    this.loggingDir = loggingDir;
  }

  @Override
  public void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control)
      throws IOException {
    close();
    writer = new EventFileWriter(loggingDir);
    // The rows of the checkpoint's own step were logged before it was saved: they stay.
    writer.addSessionStart(state.globalStep() == 0 ? 0 : state.globalStep() + 1);
    writer.addText("args", JsonFile.text(args.toJson()), 0);
    writer.flush();
  }

  @Override
  public void onLog(
      TrainingArguments args, TrainerState state, TrainerControl control, Map<String, Double> logs)
      throws IOException {
    if (writer == null) {
      // An evaluation after the training, or without one.
      writer = new EventFileWriter(loggingDir);
    }
    for (Map.Entry<String, Double> value : logs.entrySet()) {
      if (!value.getKey().equals("step")) {
        writer.addScalar(tag(value.getKey()), value.getValue(), state.globalStep());
      }
    }
    writer.flush();
  }

  /** transformers' rewrite_logs. */
  private static String tag(String key) {
    for (String part : new String[] {"eval", "test"}) {
      if (key.startsWith(part + "_")) {
        return part + "/" + key.substring(part.length() + 1);
      }
    }
    return "train/" + key;
  }

  @Override
  public void onTrainEnd(TrainingArguments args, TrainerState state, TrainerControl control)
      throws IOException {
    close();
  }

  private void close() throws IOException {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }
}
