package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.gpt2j.training.callbacks.ProgressCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In this package because only it makes states. */
class ProgressCallbackTest {
  private static final int STEPS = 4;

  private final StringWriter out = new StringWriter();
  private final TrainingArguments args = TrainingArguments.defaults();
  private final TrainerState state = new TrainerState(args);
  private final TrainerControl control = new TrainerControl();

  ProgressCallbackTest() {
    state.plan(STEPS, 2);
  }

  private void train(ProgressCallback callback) {
    callback.onTrainBegin(args, state, control);
    while (state.globalStep() < STEPS) {
      step();
      callback.onStepEnd(args, state, control);
    }
    log(callback, state.log(Map.of("loss", 0.25, "learning_rate", 1e-5)));
  }

  private void step() {
    state.step((state.globalStep() + 1) / 2.0, 100, 1);
  }

  private void log(ProgressCallback callback, Map<String, Double> row) {
    callback.onLog(args, state, control, row);
  }

  private ProgressCallback callback(boolean bar) {
    return new ProgressCallback(new PrintWriter(out), bar);
  }

  @Test
  void withoutATerminalALineForEachRow() {
    train(callback(false));
    assertThat(out.toString()).doesNotContain("\r[").doesNotStartWith("\r");
    assertThat(out.toString().lines())
        .singleElement()
        .asString()
        .matches(
            "step 4/4  \\d+ tokens/s  \\d+:\\d\\d left  epoch 2\\.0000  learning_rate 1\\.00e-05"
                + "  loss 0\\.2500");
  }

  @Test
  void onATerminalABarThatEndsFull() {
    train(callback(true));
    assertThat(out.toString())
        .startsWith("\r[")
        .contains("\r[" + "=".repeat(30) + "] step 4/4  ")
        .contains("\rstep 4/4  ")
        .contains("loss 0.2500")
        .endsWith(System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowBeforeTheFirstStepNeedsNoRate(boolean bar) {
    ProgressCallback callback = callback(bar);
    callback.onTrainBegin(args, state, control);
    log(callback, Map.of("eval_loss", 0.5));
    assertThat(out.toString())
        .containsPattern("step 0/4  0 tokens/s  0:00 left  eval_loss 0\\.5000")
        .doesNotContainIgnoringCase("infinity")
        .doesNotContain("NaN");
  }

  /** What was done before the break took none of this process's time. */
  @Test
  void aResumedTrainingCountsItsOwnTokensOnly() {
    step();
    step();
    step();
    ProgressCallback callback = callback(false);
    callback.onTrainBegin(args, state, control);
    log(callback, Map.of("eval_loss", 0.5));
    assertThat(out.toString()).startsWith("step 3/4  0 tokens/s  ");
  }

  @Test
  void numbersThatAreNoneAreShownAsSuch() {
    ProgressCallback callback = callback(false);
    callback.onTrainBegin(args, state, control);
    log(callback, Map.of("loss", Double.NaN));
    assertThat(out.toString()).contains("loss NaN");
  }
}
