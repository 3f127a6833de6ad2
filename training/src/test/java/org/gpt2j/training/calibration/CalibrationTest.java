package org.gpt2j.training.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The golden file is make_calibration.py's. */
class CalibrationTest {
  private static final String HEAD = CalibrationFile.hash(new float[][] {{1, 2}, {3, 4}});

  private static float[][] logits(JsonNode rows) {
    float[][] logits = new float[rows.size()][];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = new float[rows.get(i).size()];
      for (int c = 0; c < logits[i].length; c++) {
        logits[i][c] = (float) rows.get(i).get(c).asDouble();
      }
    }
    return logits;
  }

  @Test
  void fitsAsPyTorchAndPlattDo() throws IOException {
    JsonNode cases = Fixture.load("calibration/calibration").json().get("cases");
    assertThat(cases).hasSize(4);
    for (JsonNode c : cases) {
      Calibration fitted =
          CalibrationFit.fit(logits(c.get("logits")), Fixture.ints(c.get("labels")));
      double temperature = c.get("temperature").asDouble();
      assertThat(fitted.temperature()).isCloseTo(temperature, within(1e-5 * temperature));
      assertThat(fitted.bias().get(0)).isZero();
      assertThat(fitted.bias().get(1)).isCloseTo(c.get("bias").asDouble(), within(1e-5));
      assertThat(fitted.threshold()).isEmpty();
      if (c.has("platt_slope")) {
        assertThat(1 / fitted.temperature())
            .isCloseTo(c.get("platt_slope").asDouble(), within(1e-5));
        assertThat(fitted.bias().get(1))
            .isCloseTo(c.get("platt_intercept").asDouble(), within(1e-5));
      }
    }
  }

  @Test
  void binsAreThoseOfScikitLearn() throws IOException {
    JsonNode c = Fixture.load("calibration/calibration").json().get("cases").get(0);
    float[][] logits = logits(c.get("logits"));
    int[] labels = Fixture.ints(c.get("labels"));
    Reliability reliability = new Reliability();
    for (int i = 0; i < labels.length; i++) {
      reliability.add(logits[i], labels[i]);
    }
    assertThat(reliability.bins()).hasSameSizeAs(c.get("bins"));
    for (int b = 0; b < c.get("bins").size(); b++) {
      Reliability.Bin bin = reliability.bins().get(b);
      JsonNode expected = c.get("bins").get(b);
      assertThat(bin.probability()).isCloseTo(expected.get(0).asDouble(), within(1e-12));
      assertThat(bin.frequency()).isCloseTo(expected.get(1).asDouble(), within(1e-12));
      assertThat(bin.count()).isEqualTo(expected.get(2).asInt());
    }
    assertThat(reliability.expectedCalibrationError())
        .isCloseTo(c.get("ece").asDouble(), within(1e-12));
  }

  @Test
  void theCurveIsThatOfScikitLearn() throws IOException {
    for (JsonNode c : Fixture.load("calibration/calibration").json().get("cases")) {
      if (!c.has("curve")) {
        continue;
      }
      float[][] logits = logits(c.get("logits"));
      double[] scores = new double[logits.length];
      Arrays.setAll(scores, i -> Calibration.probabilities(logits[i])[1]);
      PrecisionRecallCurve curve = PrecisionRecallCurve.of(scores, Fixture.ints(c.get("labels")));
      assertThat(curve.points()).hasSameSizeAs(c.get("curve"));
      for (int i = 0; i < curve.points().size(); i++) {
        PrecisionRecallCurve.Point point = curve.points().get(i);
        JsonNode expected = c.get("curve").get(i);
        assertThat(point.threshold()).isCloseTo(expected.get(0).asDouble(), within(1e-12));
        assertThat(point.precision()).isCloseTo(expected.get(1).asDouble(), within(1e-12));
        assertThat(point.recall()).isCloseTo(expected.get(2).asDouble(), within(1e-12));
      }
      assertThat(curve.averagePrecision())
          .isCloseTo(c.get("average_precision").asDouble(), within(1e-12));
    }
    assertThatThrownBy(() -> PrecisionRecallCurve.of(new double[] {.5}, new int[] {0}))
        .hasMessage("precision and recall: expected a text of label 1");
  }

  @Test
  void ofThreeClassesTheSaidOneCounts() {
    Reliability reliability = new Reliability();
    float[] sure = {0, 20, 0};
    reliability.add(sure, 1);
    reliability.add(sure, 2);
    assertThat(reliability.bins())
        .singleElement()
        .extracting(Reliability.Bin::frequency)
        .isEqualTo(.5);
    assertThat(reliability.expectedCalibrationError()).isCloseTo(.5, within(1e-6));
    assertThat(new Reliability().expectedCalibrationError()).isZero();
  }

  @Test
  void textsWithoutErrorGetFiniteNumbers() {
    float[][] logits = {{9, -9}, {8, -8}, {-9, 9}, {-7, 7}};
    Calibration fitted = CalibrationFit.fit(logits, new int[] {0, 0, 1, 1});
    // Laplace's rule for two of two: (2 + 1) / (2 + 2)
    assertThat(Calibration.probabilities(fitted.apply(new float[] {-8, 8}))[1])
        .isCloseTo(.75, within(.02));
  }

  @Test
  void whatSaysNothingOfTheLabelsIsRefused() {
    float[][] logits = {{2, -2}, {1, -1}, {-2, 2}, {-1, 1}};
    assertThatThrownBy(() -> CalibrationFit.fit(logits, new int[] {1, 1, 0, 0}))
        .hasMessageContaining("are the labels exchanged?");
    assertThatThrownBy(() -> CalibrationFit.fit(logits, new int[] {0, 0, 0, 0}))
        .hasMessageContaining("expected texts of every class, found none of class 1");
    assertThatThrownBy(() -> CalibrationFit.fit(new float[0][], new int[0]))
        .hasMessageContaining("found none of class 0");
  }

  @Test
  void theThresholdLeavesOutAllButSoMany() {
    double[] scores = {.1, .2, .3, .7, .9, .95, .6, .8};
    int[] labels = {0, 0, 0, 0, 0, 1, 1, 1};
    assertThat(Threshold.forFalsePositiveRate(scores, labels, 0)).isCloseTo(.925, within(1e-12));
    assertThat(Threshold.forFalsePositiveRate(scores, labels, .2)).isCloseTo(.75, within(1e-12));
    assertThat(Threshold.forFalsePositiveRate(scores, labels, .39)).isCloseTo(.75, within(1e-12));
    // Never below one half: what is rather ham is not blocked.
    assertThat(Threshold.forFalsePositiveRate(scores, labels, .9)).isEqualTo(.5);
    assertThat(Threshold.forFalsePositiveRate(new double[] {1, 1}, new int[] {0, 1}, 0))
        .isLessThan(1)
        .isGreaterThan(.999);
  }

  @Test
  void badThresholdsAreRefused() {
    double[] scores = {.5};
    assertThatThrownBy(() -> Threshold.forFalsePositiveRate(scores, new int[] {1}, .01))
        .hasMessage("threshold: expected texts of class 0, found none");
    assertThatThrownBy(() -> Threshold.forFalsePositiveRate(scores, new int[] {0}, 1))
        .hasMessage("max_false_positive_rate: expected a number of 0 to below 1, found 1.0");
    assertThatThrownBy(() -> Calibration.identity(2).withThreshold(1))
        .hasMessage("threshold: expected a probability between 0 and 1, found 1.0");
    assertThatThrownBy(() -> Calibration.identity(3).withThreshold(.5))
        .hasMessage("threshold: expected 2 classes for it, found 3");
    assertThatThrownBy(() -> new Calibration(0, List.of(0.0), OptionalDouble.empty()))
        .hasMessage("temperature: expected a number above 0, found 0.0");
    assertThatThrownBy(() -> new Calibration(1, List.of(Double.NaN), OptionalDouble.empty()))
        .hasMessage("bias: expected finite numbers, found NaN");
  }

  @Test
  void theThresholdDecides() {
    Calibration strict = Calibration.identity(2).withThreshold(.9);
    float[] rather = {0, 1}; // .73
    float[] sure = {0, 3}; // .95
    assertThat(Calibration.identity(2).decide(rather)).isEqualTo(1);
    assertThat(strict.decide(rather)).isZero();
    assertThat(strict.decide(sure)).isEqualTo(1);
    assertThat(strict.isIdentity()).isFalse();
    assertThat(Calibration.identity(2).isIdentity()).isTrue();
  }

  @Test
  void theFileKeepsEveryBit(@TempDir Path dir) throws IOException {
    assertThat(CalibrationFile.read(dir, 2, HEAD)).isEmpty();
    Calibration written =
        new Calibration(1 / 3.0, List.of(0.0, -Math.PI), OptionalDouble.of(.1 + .2));
    CalibrationFile.write(dir, written, HEAD, Map.of("examples", 3.0));
    assertThat(CalibrationFile.read(dir, 2, HEAD)).contains(written);
    CalibrationFile.write(dir, Calibration.identity(3), HEAD, Map.of());
    assertThat(CalibrationFile.read(dir, 3, HEAD)).contains(Calibration.identity(3));
  }

  @Test
  void anotherHeadsFileIsRefused(@TempDir Path dir) throws IOException {
    CalibrationFile.write(dir, Calibration.identity(2), HEAD, Map.of());
    String other = CalibrationFile.hash(new float[][] {{1, 2}, {3, 5}});
    assertThatThrownBy(() -> CalibrationFile.read(dir, 2, other))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            dir.resolve("calibration.json") + ": head_sha256: expected " + other)
        .hasMessageContaining("made for other weights");
    assertThatThrownBy(() -> CalibrationFile.read(dir, 3, HEAD))
        .hasMessageEndingWith("bias: expected 3 numbers, one a class, found 2");
  }

  @Test
  void aDamagedFileIsNamed(@TempDir Path dir) throws IOException {
    for (String json :
        List.of(
            "{}",
            "{\"temperature\": \"1\", \"bias\": [0, 0]}",
            "{\"temperature\": 1, \"bias\": [0, \"x\"]}",
            "{\"temperature\": 1, \"bias\": [0, 0], \"threshold\": 2}",
            "{\"temperature\": 1, \"bias\": [0, 0]}")) {
      Path file = Files.writeString(dir.resolve("calibration.json"), json);
      assertThatThrownBy(() -> CalibrationFile.read(dir, 2, HEAD))
          .as(json)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file.toString())
          .hasMessageContaining("expected");
    }
  }
}
