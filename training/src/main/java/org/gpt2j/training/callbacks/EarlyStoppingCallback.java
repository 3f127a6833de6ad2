package org.gpt2j.training.callbacks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.gpt2j.training.IntervalStrategy;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a training whose metric_for_best_model has not become better for some evaluations, as
 * transformers' class of this name does.
 */
public final class EarlyStoppingCallback implements TrainerCallback {
  private static final Logger LOG = LoggerFactory.getLogger(EarlyStoppingCallback.class);
  private static final String COUNTER = "early_stopping_patience_counter";

  private final int patience;
  private final double threshold;
  private int counter;

  /** Without a threshold. */
  public EarlyStoppingCallback(int patience) {
    this(patience, 0);
  }

  /**
   * @param patience evaluations without a better metric after which training ends, at least 1
   * @param threshold by how much more than this a metric must be better
   */
  public EarlyStoppingCallback(int patience, double threshold) {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "early_stopping_patience: expected a number above 0, found " + patience);
    }
    if (!(threshold >= 0)) {
      throw new IllegalArgumentException(
          "early_stopping_threshold: expected a number of at least 0, found " + threshold);
    }
    this.patience = patience;
    this.threshold = threshold;
  }

  /**
   * @throws IllegalArgumentException if the arguments leave nothing to stop by
   */
  @Override
  public void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
    if (args.evalStrategy() == IntervalStrategy.NO) {
      throw new IllegalArgumentException(
          "eval_strategy: expected steps or epoch for early stopping, found no");
    }
    if (args.metricForBestModel() == null) {
      throw new IllegalArgumentException(
          "metric_for_best_model: expected a metric for early stopping, found none");
    }
    if (state.globalStep() == 0) {
      counter = 0;
    }
    stopIfDone(control);
    if (!args.loadBestModelAtEnd()) {
      LOG.warn("early stopping without load_best_model_at_end: the last weights will be kept");
    }
  }

  @Override
  public void onEvaluate(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> metrics) {
    String name = args.evalMetricForBestModel();
    Double value = metrics.get(name);
    if (value == null) {
      LOG.warn("early stopping is off: {} is not among {}", name, metrics.keySet());
      return;
    }
    // The state's best is still that of the evaluations before.
    Double best = state.bestMetric();
    boolean better =
        best == null
            || (args.greaterIsBetter() ? value > best : value < best)
                && Math.abs(value - best) > threshold;
    counter = better ? 0 : counter + 1;
    stopIfDone(control);
  }

  /** Also when a training is resumed that it had ended. */
  private void stopIfDone(TrainerControl control) {
    if (counter >= patience) {
      control.setShouldTrainingStop(true);
    }
  }

  @Override
  public ObjectNode state() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("args")
        .put("early_stopping_patience", patience)
        .put("early_stopping_threshold", threshold);
    json.putObject("attributes").put(COUNTER, counter);
    return json;
  }

  @Override
  public void restore(JsonNode state) {
    counter = state.path("attributes").path(COUNTER).intValue();
  }
}
