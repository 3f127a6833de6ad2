package org.gpt2j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.safetensors.SafetensorsFile;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A committed result of PyTorch: a JSON file, and arrays in a safetensors file beside it. */
public final class Fixture {
  private static final Path ROOT = Path.of("src/test/resources/fixtures");

  private final String name;
  private final JsonNode json;

  /** Wraps a node, for files that hold several cases. */
  public Fixture(String name, JsonNode json) {
    this.name = name;
    this.json = json;
  }

  /** Reads fixtures/NAME.json of the module under test. */
  public static Fixture load(String name) throws IOException {
    return new Fixture(name, new ObjectMapper().readTree(path(name + ".json").toFile()));
  }

  public static Path path(String relative) {
    return ROOT.resolve(relative);
  }

  public JsonNode json() {
    return json;
  }

  public Gpt2Config config() {
    return Gpt2Config.fromJson(json.get("config").toString());
  }

  public SeededWeights weights() {
    return new SeededWeights(json.get("seed").asLong(), json.get("gain").asDouble());
  }

  public List<int[]> sequences() {
    List<int[]> sequences = new ArrayList<>();
    json.get("sequences").forEach(s -> sequences.add(ints(s)));
    return sequences;
  }

  public static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  /** An array of rows of float32 values. */
  public static float[][] rows(JsonNode array) {
    float[][] rows = new float[array.size()][];
    for (int i = 0; i < rows.length; i++) {
      double[] row = doubles(array.get(i));
      rows[i] = new float[row.length];
      for (int c = 0; c < row.length; c++) {
        rows[i][c] = (float) row[c];
      }
    }
    return rows;
  }

  /** A nested array of numbers, flattened. */
  public static double[] doubles(JsonNode array) {
    List<Double> values = new ArrayList<>();
    collect(array, values);
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void collect(JsonNode node, List<Double> values) {
    if (node.isNumber()) {
      values.add(node.asDouble());
    } else {
      node.forEach(n -> collect(n, values));
    }
  }

  /** Opens fixtures/NAME.safetensors. */
  public SafetensorsFile tensors() throws IOException {
    return SafetensorsFile.open(path(name + ".safetensors"));
  }

  /** Asserts that the largest difference is at most the tolerance, and says where it is. */
  public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual.length).as(what + ": number of values").isEqualTo(expected.length);
    int worst = 0;
    double max = -1;
    for (int i = 0; i < actual.length; i++) {
      double d = Math.abs((double) actual[i] - expected[i]);
      if (!(d <= max)) {
        max = d;
        worst = i;
      }
    }
    if (!(max <= tolerance)) {
      throw new AssertionError(
          String.format(
              "%s: differs by %.3g at %d: expected %s, found %s, tolerance %.3g",
              what, max, worst, expected[worst], actual[worst], tolerance));
    }
  }

  public static void assertClose(
      String what, INDArray actual, double[] expected, double tolerance) {
    float[] floats = new float[expected.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) expected[i];
    }
    assertClose(what, floats(actual), floats, tolerance);
  }

  /** Asserts closeness relative to the largest magnitude of the expected tensor. */
  public static void assertRelative(
      String what, INDArray actual, float[] expected, double tolerance) {
    double largest = 0;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    assertThat(largest).as(what + " must not vanish").isPositive();
    assertClose(what, floats(actual), expected, tolerance * largest);
  }

  public static float[] floats(INDArray array) {
    return array.dup('c').data().asFloat();
  }
}
