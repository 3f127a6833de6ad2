package org.gpt2j.training.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.gpt2j.io.Digest;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.KeyTable;
import org.gpt2j.io.Printable;

/**
 * {@code calibration.json} beside a classifier's weights, a file of this project that transformers
 * and peft pass over: temperature, bias, threshold, how they were found ({@code fitted_on}), and
 * {@code head_sha256} of the head that they belong to, since a training that goes on makes them
 * wrong.
 */
public final class CalibrationFile {
  /** The file's name. */
  public static final String NAME = "calibration.json";

  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("temperature", "bias", "threshold", "head_sha256")
          .withoutEffect("fitted_on")
          .build();

  private CalibrationFile() {}

  /**
   * Reads it.
   *
   * @param dir of the model
   * @param classes that the model has
   * @param head {@link #hash} of the model's head
   * @return empty where there is no such file
   * @throws IOException naming the file, if it cannot be read, has other numbers of classes, or
   *     belongs to another head
   */
  public static Optional<Calibration> read(Path dir, int classes, String head) throws IOException {
    Path file = dir.resolve(NAME);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    ObjectNode json = JsonFile.read(file);
    try {
      KEYS.check(file, json);
      Calibration calibration =
          new Calibration(number(json, "temperature"), bias(json, classes), threshold(json));
      String found = json.path("head_sha256").asText();
      if (!found.equals(head)) {
        throw new IllegalArgumentException(
            "head_sha256: expected %s, the model's score.weight, found %s: it was made for other weights; delete it, or run `calibrate` again"
                .formatted(head, found.isEmpty() ? "none" : Printable.line(found)));
      }
      return Optional.of(calibration);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static double number(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          key + ": expected a number, found " + (value.isMissingNode() ? "none" : value));
    }
    return value.doubleValue();
  }

  private static List<Double> bias(JsonNode json, int classes) {
    JsonNode array = json.path("bias");
    List<Double> bias = new ArrayList<>();
    for (JsonNode b : array) {
      bias.add(b.isNumber() ? b.doubleValue() : Double.NaN);
    }
    if (!array.isArray() || bias.size() != classes) {
      throw new IllegalArgumentException(
          "bias: expected %s numbers, one a class, found %s".formatted(classes, bias.size()));
    }
    return bias;
  }

  private static OptionalDouble threshold(JsonNode json) {
    return json.hasNonNull("threshold")
        ? OptionalDouble.of(number(json, "threshold"))
        : OptionalDouble.empty();
  }

  /**
   * Writes it, in one piece.
   *
   * @param dir of the model
   * @param head {@link #hash} of the model's head
   * @param fittedOn what the numbers were found with, for people: names and numbers
   */
  public static void write(
      Path dir, Calibration calibration, String head, Map<String, Double> fittedOn)
      throws IOException {
    ObjectNode json = JsonFile.parse("{}");
    json.put("temperature", calibration.temperature());
    calibration.bias().forEach(json.putArray("bias")::add);
    calibration.threshold().ifPresent(t -> json.put("threshold", t));
    json.put("head_sha256", head);
    new TreeMap<>(fittedOn).forEach(json.putObject("fitted_on")::put);
    JsonFile.write(dir.resolve(NAME), json);
  }

  /**
   * SHA-256 of a head's weights.
   *
   * @param weights [classes][width]
   * @return hexadecimal, in small letters
   */
  public static String hash(float[][] weights) {
    MessageDigest digest = Digest.of("SHA-256");
    for (float[] row : weights) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * row.length);
      bytes.asFloatBuffer().put(row);
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
