package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.gpt2j.testing.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class SafetensorsFileTest {
  @TempDir Path directory;

  @Test
  void readsShapesFromPython() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"))) {
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.names())
          .containsExactly(
              "cube", "empty", "empty.2d", "empty.tail", "matrix", "ones", "scalar", "scalar.int");
      TensorInfo matrix = file.info("matrix");
      assertThat(matrix.dtype()).isEqualTo(DType.F32);
      assertThat(matrix.shape()).containsExactly(2, 3);
      assertThat(matrix.byteLength()).isEqualTo(24);
      assertThat(matrix.elementCount()).isEqualTo(6);
      assertThat(file.floats("matrix")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(file.info("scalar").shape()).isEmpty();
      assertThat(file.floats("scalar")).containsExactly(2.5f);
      assertThat(file.floats("scalar.int")).containsExactly(-7f);
      assertThat(file.info("empty.tail").shape()).containsExactly(3, 0);
      assertThat(file.floats("empty.tail")).isEmpty();
      assertThat(file.bytes("empty").remaining()).isZero();
      assertThat(file.contains("empty")).isTrue();
      assertThat(file.contains("nothing")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cube",
        "empty",
        "empty.2d",
        "empty.tail",
        "matrix",
        "ones",
        "scalar",
        "scalar.int"
      })
  void arraysHaveShapeTypeAndValues(String name) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"))) {
      INDArray array = file.array(name);
      assertThat(array.dataType()).isEqualTo(DataType.FLOAT);
      assertThat(array.ordering()).isEqualTo('c');
      assertThat(array.shape()).containsExactly(file.info(name).shape());
      float[] values = array.isEmpty() ? new float[0] : array.dup('c').data().asFloat();
      assertThat(values).containsExactly(file.floats(name));
    }
  }

  @Test
  void readsAllDtypesFromPython() throws Exception {
    try (SafetensorsFile file =
            SafetensorsFile.open(SafetensorsFixtures.path("all_dtypes.safetensors"));
        SafetensorsFile six =
            SafetensorsFile.open(SafetensorsFixtures.path("six_bit.safetensors"))) {
      assertThat(file.names()).hasSize(40);
      assertThat(file.info("b.uint64").dtype()).isEqualTo(DType.U64);
      assertThat(file.info("a.float8_e8m0fnu").dtype()).isEqualTo(DType.F8_E8M0);
      // Two elements to a byte: Python doubles the last axis.
      assertThat(file.info("b.float4_e2m1fn_x2").dtype()).isEqualTo(DType.F4);
      assertThat(file.info("b.float4_e2m1fn_x2").shape()).containsExactly(2, 6);
      assertThat(file.info("b.float4_e2m1fn_x2").byteLength()).isEqualTo(6);
      assertThat(file.info("b.float4_e2m1fn_x2").elementCount()).isEqualTo(12);
      assertThat(six.info("six.a").elementCount()).isEqualTo(4);
      assertThat(six.bytes("six.b")).isEqualTo(ByteBuffer.wrap(new byte[] {3, 4, 5, 6, 7, 8}));
    }
  }

  @Test
  void bytesAreReadOnlyAndLittleEndian() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"))) {
      ByteBuffer bytes = file.bytes("scalar");
      assertThat(bytes.isReadOnly()).isTrue();
      assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.getFloat()).isEqualTo(2.5f);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bool",
        "uint8",
        "int8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float64",
        "float16",
        "bfloat16"
      })
  void widensAsTorchDoes(String dtype) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("widening.safetensors"))) {
      float[] expected = file.floats(dtype + ".f32");
      assertThat(file.info(dtype).dtype()).isNotEqualTo(DType.F32);
      assertThat(file.floats(dtype)).containsExactly(expected);
      assertThat(file.array(dtype).data().asFloat()).containsExactly(expected);
    }
  }

  /** NaN is equal to NaN here, and -0 is not 0. */
  @ParameterizedTest
  @ValueSource(strings = {"float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"})
  void widensEveryValueOfEightBitsAsTorchDoes(String dtype) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("float8.safetensors"))) {
      float[] expected = file.floats(dtype + ".f32");
      assertThat(file.info(dtype).dtype().name()).startsWith("F8_");
      assertThat(expected).hasSize(256);
      assertThat(Arrays.equals(file.floats(dtype), expected)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.complex64", "a.float4_e2m1fn_x2", "a.float8_e8m0fnu"})
  void refusesToWidenWhatHasNoFloat(String name) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("all_dtypes.safetensors"))) {
      assertThatThrownBy(() -> file.floats(name))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContainingAll("all_dtypes.safetensors", name, "cannot be converted to float");
      assertThatThrownBy(() -> file.array(name)).isInstanceOf(SafetensorsException.class);
    }
  }

  @Test
  void readFloatsPutsFromThePositionOn() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"))) {
      FloatBuffer target = FloatBuffer.allocate(8).position(1);
      file.readFloats("matrix", target);
      assertThat(target.position()).isEqualTo(7);
      assertThat(target.array()).containsExactly(0, 0, 1, 2, 3, 4, 5, 0);
      assertThatThrownBy(() -> file.readFloats("matrix", target))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("target: tensor `matrix` has 6 elements, but only 1 places remain");
    }
  }

  @Test
  void namesTheMissingTensor() throws Exception {
    Path path = SafetensorsFixtures.path("shapes.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThatThrownBy(() -> file.floats("wte.weight"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessage(path + ": no tensor `wte.weight`");
    }
  }

  @Test
  void refusesToReadAfterClosing() throws Exception {
    SafetensorsFile file = SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"));
    ByteBuffer mapped = file.bytes("scalar");
    file.close();
    assertThat(mapped.getFloat(0)).isEqualTo(2.5f);
    assertThatThrownBy(() -> file.bytes("scalar"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void tensorInfoCannotBeChangedThroughItsShape() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(SafetensorsFixtures.path("shapes.safetensors"))) {
      file.info("matrix").shape()[0] = 99;
      assertThat(file.info("matrix").shape()).containsExactly(2, 3);
    }
  }

  @Test
  void refusesMissingFilesAndDirectories() {
    assertThatThrownBy(() -> SafetensorsFile.open(directory.resolve("no.safetensors")))
        .isInstanceOf(SafetensorsException.class)
        .hasMessage(directory.resolve("no.safetensors") + ": no such file");
    assertThatThrownBy(() -> SafetensorsFile.open(directory))
        .isInstanceOf(SafetensorsException.class)
        .hasMessage(directory + ": expected a safetensors file, found a directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "504b03040000080800000000",
        "80028a0a6cfc9c46f9206aa850192e",
        "80025d712e",
        "80049505"
      })
  void pickledFilesGetAdvice(String hex) throws Exception {
    byte[] content = HexFormat.of().parseHex(hex);
    Path file = Files.write(directory.resolve("pytorch_model.bin"), content);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith(file + " is a pickled PyTorch file")
        .hasMessageContainingAll("save_file(torch.load(\"pytorch_model.bin\"", "safetensors.torch");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1\\noid sha256:00\\nsize 5\\n | a Git LFS pointer:"
            + " `git lfs pull` fetches the file itself",
        "<!DOCTYPE html><html></html> | an HTML page",
        "<html> | an HTML page"
      })
  void anotherFileInItsPlaceIsNamed(String content, String found) throws Exception {
    Path file = directory.resolve("model.safetensors");
    Files.writeString(file, content.replace("\\n", "\n"));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith(file + ": expected a safetensors file, found " + found);
  }

  @Test
  void aHeaderOf640BytesIsNotTakenForAPickle() throws Exception {
    byte[] content = SafetensorsFixtures.blob("{}" + " ".repeat(638), 0);
    assertThat(Arrays.copyOf(content, 2)).containsExactly(0x80, 2);
    try (SafetensorsFile file = SafetensorsFixtures.open(directory, content)) {
      assertThat(file.names()).isEmpty();
    }
  }

  @Test
  void readsBeyondTwoGigabytes() throws Exception {
    long big = 5L << 30;
    String header =
        """
        {"big":{"dtype":"U8","shape":[%1$d],"data_offsets":[0,%1$d]},\
        "last":{"dtype":"F32","shape":[2],"data_offsets":[%1$d,%2$d]}}"""
            .formatted(big, big + 8);
    Path path =
        sparse(
            header,
            big,
            ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1.5f)
                .putFloat(-2f)
                .flip());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.floats("last")).containsExactly(1.5f, -2f);
      assertThat(file.array("last").toFloatVector()).containsExactly(1.5f, -2f);
      for (String what : new String[] {"bytes", "floats", "array"}) {
        assertThatThrownBy(() -> read(file, what))
            .as(what)
            .isInstanceOf(SafetensorsException.class)
            .hasMessageContainingAll("`big`", "too large to be read as a whole");
      }
    }
  }

  private static Object read(SafetensorsFile file, String what) throws IOException {
    return switch (what) {
      case "bytes" -> file.bytes("big");
      case "floats" -> file.floats("big");
      default -> file.array("big");
    };
  }

  @Test
  void readsFloatsAcrossMappedChunks() throws Exception {
    int count = (1 << 28) / 8 + 2; // one chunk of 256 MiB and two elements
    String header =
        "{\"x\":{\"dtype\":\"F64\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(count, 8L * count);
    ByteBuffer tail = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    tail.putDouble(1).putDouble(2).putDouble(3).flip();
    Path path = sparse(header, 8L * (count - 3), tail);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      float[] floats = file.floats("x");
      assertThat(Arrays.copyOfRange(floats, count - 4, count)).containsExactly(0, 1, 2, 3);
    }
  }

  /** A file with a hole before the tail, which takes no room on disk. */
  private Path sparse(String header, long tailAt, ByteBuffer tail) throws Exception {
    byte[] head = SafetensorsFixtures.blob(header.getBytes(StandardCharsets.UTF_8), 0);
    Path path = directory.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(head));
      channel.write(tail, head.length + tailAt);
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-gpt2/model.safetensors, 28, transformer.wte.weight, 50257x2",
    "gpt-nano-sort/model.safetensors, 41, transformer.wte.weight, 3x48",
    "adapters/seqcls-r8-cattn/adapter_model.safetensors, 25, base_model.model.transformer.h.0.attn.c_attn.lora_A.weight, 8x768",
    "adapters/seqcls-r8-cattn-cproj/adapter_model.safetensors, 73, base_model.model.score.weight, 2x768",
  })
  void opensFilesFromTheWild(String name, int tensors, String tensor, String shape)
      throws Exception {
    try (SafetensorsFile file = SafetensorsFile.open(SharedData.require(name))) {
      assertThat(file.names()).hasSize(tensors);
      INDArray array = file.array(tensor);
      assertThat(array.shape())
          .containsExactly(Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray());
      assertThat(array.dup().data().asFloat()).containsExactly(file.floats(tensor));
    }
  }
}
