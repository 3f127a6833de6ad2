package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsWriterTest {
  private static final Map<String, String> FORMAT_PT = Map.of("format", "pt");

  @TempDir Path directory;

  private Path target() {
    return directory.resolve("out.safetensors");
  }

  /** 0 to 23; Nd4j.linspace would give 13.999999. */
  private static INDArray upTo24() {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Nd4j.createFromArray(values);
  }

  /** Rewrites a file of the reference implementation from its tensors in random order. */
  @ParameterizedTest
  @ValueSource(strings = {"all_dtypes", "odd_names", "shapes", "rounding", "widening"})
  void writesWhatPythonWrites(String name) throws Exception {
    Path golden = SafetensorsFixtures.path(name + ".safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(golden)) {
      List<String> names = new ArrayList<>(file.names());
      Collections.shuffle(names, new Random(1));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String tensor : names) {
        TensorInfo info = file.info(tensor);
        tensors.put(tensor, Tensor.of(info.dtype(), info.shape(), file.bytes(tensor)));
      }
      SafetensorsWriter.write(target(), tensors, file.metadata());
    }
    assertThat(target()).hasSameBinaryContentAs(golden);
  }

  @Test
  void writesArraysAsPythonDoes() throws Exception {
    ByteBuffer minus7 = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, -7);
    SafetensorsWriter.write(
        target(),
        Map.of(
            "scalar", Tensor.of(Nd4j.scalar(2.5f)),
            "scalar.int", Tensor.of(DType.I32, new long[0], minus7),
            "empty", Tensor.of(Nd4j.create(DataType.FLOAT, 0)),
            "empty.2d", Tensor.of(Nd4j.create(DataType.FLOAT, 0, 5)),
            "empty.tail", Tensor.of(Nd4j.create(DataType.FLOAT, 3, 0)),
            "ones", Tensor.of(Nd4j.ones(DataType.FLOAT, 1, 1, 1, 1)),
            "matrix", Tensor.of(upTo24().reshape(4, 6).getRow(0).reshape(2, 3)),
            "cube", Tensor.of(upTo24().reshape(2, 3, 4))),
        FORMAT_PT);
    assertThat(target()).hasSameBinaryContentAs(SafetensorsFixtures.path("shapes.safetensors"));
  }

  @Test
  void narrowsArraysAsTorchDoes() throws Exception {
    Path golden = SafetensorsFixtures.path("rounding.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(golden)) {
      INDArray x = file.array("x");
      SafetensorsWriter.write(
          target(),
          Map.of(
              "x", Tensor.of(x),
              "f16", Tensor.of(x, DType.F16),
              "bf16", Tensor.of(x, DType.BF16)),
          Map.of());
    }
    assertThat(target()).hasSameBinaryContentAs(golden);
  }

  @Test
  void writesViewsInCOrder() throws Exception {
    INDArray a = upTo24().reshape(2, 3, 4);
    Map<String, INDArray> views =
        Map.of(
            "transposed", a.permute(2, 0, 1),
            "slice", a.slice(1),
            "middle", a.slice(1, 1),
            "column", a.reshape(6, 4).getColumn(2),
            "f order", a.dup('f'));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    views.forEach((name, view) -> tensors.put(name, Tensor.of(view)));
    SafetensorsWriter.write(target(), tensors, Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(target())) {
      assertThat(file.floats("column")).containsExactly(2, 6, 10, 14, 18, 22);
      assertThat(file.floats("slice")).startsWith(12, 13).hasSize(12);
      for (String name : views.keySet()) {
        assertThat(file.info(name).shape()).containsExactly(views.get(name).shape());
        assertThat(file.array(name)).isEqualTo(views.get(name));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16"})
  void writesArraysLargerThanOneChunk(String dtype) throws Exception {
    int count = (1 << 20) + 3;
    INDArray array = Nd4j.create(DataType.FLOAT, count);
    array.putScalar(0, 1).putScalar(count / 2, 2).putScalar(count - 1, 3);
    SafetensorsWriter.write(
        target(), Map.of("x", Tensor.of(array, DType.valueOf(dtype))), Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(target())) {
      assertThat(file.array("x")).isEqualTo(array);
    }
  }

  @Test
  void writesAnEmptyFile() throws Exception {
    SafetensorsWriter.write(target(), Map.of(), Map.of());
    assertThat(Files.readAllBytes(target()))
        .containsExactly(8, 0, 0, 0, 0, 0, 0, 0, '{', '}', ' ', ' ', ' ', ' ', ' ', ' ');
    SafetensorsWriter.write(target(), Map.of(), FORMAT_PT);
    try (SafetensorsFile file = SafetensorsFile.open(target())) {
      assertThat(file.metadata()).isEqualTo(FORMAT_PT);
      assertThat(file.names()).isEmpty();
    }
  }

  @Test
  void metadataKeepsItsOrder() throws Exception {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String key : new String[] {"z", "a", "m"}) {
      metadata.put(key, key + "\u0001");
    }
    SafetensorsWriter.write(target(), Map.of(), metadata);
    try (SafetensorsFile file = SafetensorsFile.open(target())) {
      assertThat(file.metadata().entrySet()).containsExactlyElementsOf(metadata.entrySet());
    }
  }

  /** A trainer saves over the file it has mapped. */
  @Test
  void anOpenFileKeepsItsOldContent() throws Exception {
    SafetensorsWriter.write(target(), Map.of("x", Tensor.of(Nd4j.scalar(1f))), Map.of());
    try (SafetensorsFile old = SafetensorsFile.open(target())) {
      SafetensorsWriter.write(target(), Map.of("x", Tensor.of(Nd4j.scalar(2f))), Map.of());
      assertThat(old.floats("x")).containsExactly(1f);
    }
    try (SafetensorsFile file = SafetensorsFile.open(target())) {
      assertThat(file.floats("x")).containsExactly(2f);
    }
  }

  @Test
  void failureKeepsTheOldFileAndLeavesNoOther() throws Exception {
    SafetensorsWriter.write(target(), Map.of("x", Tensor.of(Nd4j.scalar(1f))), Map.of());
    byte[] before = Files.readAllBytes(target());
    INDArray closed = Nd4j.ones(DataType.FLOAT, 3);
    Map<String, Tensor> tensors = Map.of("a", Tensor.of(Nd4j.scalar(2f)), "b", Tensor.of(closed));
    closed.close();
    assertThatThrownBy(() -> SafetensorsWriter.write(target(), tensors, Map.of()))
        .isInstanceOf(RuntimeException.class);
    assertThat(Files.readAllBytes(target())).isEqualTo(before);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(target());
    }
  }

  @Test
  void refusesBadTargets() throws Exception {
    Path missing = directory.resolve("missing").resolve("out.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.write(missing, Map.of(), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            missing
                + ": cannot be written, the directory "
                + missing.getParent()
                + " does not exist");
    assertThatThrownBy(() -> SafetensorsWriter.write(directory, Map.of(), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessage(directory + ": expected a file to write, found a directory");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesBadNames() {
    Tensor one = Tensor.of(Nd4j.scalar(1f));
    assertThatThrownBy(
            () -> SafetensorsWriter.write(target(), Map.of("__metadata__", one), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensors: the name __metadata__ is reserved");
    assertThatThrownBy(() -> SafetensorsWriter.write(target(), Map.of("a\ud800", one), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate");
    assertThatThrownBy(() -> SafetensorsWriter.write(target(), Map.of(), Map.of("a", "\udc00")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate");
    assertThat(target()).doesNotExist();
  }

  @Test
  void refusesAHeaderAboveTheCap() {
    Map<String, String> metadata = Map.of("a", "x".repeat(SafetensorsHeader.MAX_LENGTH));
    assertThatThrownBy(() -> SafetensorsWriter.write(target(), Map.of(), metadata))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 100000000 are allowed");
  }

  @Test
  void refusesBadTensors() {
    INDArray ints = Nd4j.create(DataType.INT32, 2);
    assertThatThrownBy(() -> Tensor.of(ints))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("array: expected data type FLOAT, found INT");
    INDArray floats = Nd4j.create(DataType.FLOAT, 2);
    assertThatThrownBy(() -> Tensor.of(floats, DType.F64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dtype: expected F32, F16 or BF16, found F64");
    ByteBuffer bytes = ByteBuffer.allocate(8);
    assertThatThrownBy(() -> Tensor.of(DType.F32, new long[] {3}, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bytes: expected 96 bits for F32, found 8 bytes");
    assertThatThrownBy(() -> Tensor.of(DType.F32, new long[] {-1, -2}, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape: expected sizes of at least 0, found -1");
    assertThatThrownBy(
            () -> Tensor.of(DType.F32, new long[] {Long.MAX_VALUE, Long.MAX_VALUE}, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("shape: ");
  }
}
