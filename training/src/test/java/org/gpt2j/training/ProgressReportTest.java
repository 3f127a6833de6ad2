package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressReportTest {
  private static final int STEPS = 4;

  private final StringWriter out = new StringWriter();
  private final TrainerState state = new TrainerState(TrainingArguments.defaults(), STEPS, 2);

  private void train(ProgressReport report) {
    report.onTrainBegin(state);
    for (int i = 0; i < STEPS; i++) {
      state.step();
      report.onStepEnd(state, 100);
    }
    report.onLog(state, state.log(Map.of("loss", 0.25, "learning_rate", 1e-5)));
    report.onTrainEnd(state);
  }

  private ProgressReport report(boolean bar) {
    return new ProgressReport(new PrintWriter(out), bar);
  }

  @Test
  void withoutATerminalALineForEachRow() {
    train(report(false));
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
    train(report(true));
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
    ProgressReport report = report(bar);
    report.onTrainBegin(state);
    report.onLog(state, Map.of("eval_loss", 0.5));
    assertThat(out.toString())
        .contains("step 0/4  0 tokens/s  0:00 left  eval_loss 0.5000")
        .doesNotContainIgnoringCase("infinity")
        .doesNotContain("NaN");
  }

  @Test
  void numbersThatAreNoneAreShownAsSuch() {
    ProgressReport report = report(false);
    report.onTrainBegin(state);
    report.onLog(state, Map.of("loss", Double.NaN));
    assertThat(out.toString()).contains("loss NaN");
  }
}
