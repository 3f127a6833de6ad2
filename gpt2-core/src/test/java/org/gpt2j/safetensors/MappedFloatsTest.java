package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.gpt2j.nn.Parameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays that lie in the file. */
class MappedFloatsTest {
  private static final int ROWS = 300;
  private static final int COLUMNS = 200;

  @TempDir Path directory;

  private Path save(String name, double first) throws IOException {
    INDArray array =
        Nd4j.linspace(DataType.FLOAT, first, 1, ROWS * COLUMNS).reshape('c', ROWS, COLUMNS);
    Path path = directory.resolve(name);
    SafetensorsWriter.write(path, Map.of("x", Tensor.of(array)), Map.of());
    return path;
  }

  private static INDArray load(Path path) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return file.array("x");
    }
  }

  private static void assertCounts(INDArray array, float first) {
    float[] values = array.data().asFloat();
    assertThat(values).hasSize(ROWS * COLUMNS);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isEqualTo(first + i);
    }
  }

  /** Kilobytes of the array's mapping that are copies of the process's own; -1 if not in a file. */
  private static long copiedKilobytes(INDArray array, Path path) throws IOException {
    long address = array.data().address();
    Iterator<String> lines = Files.readAllLines(Path.of("/proc/self/smaps")).iterator();
    boolean found = false;
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-");
        found =
            address >= Long.parseUnsignedLong(range[0], 16)
                && address < Long.parseUnsignedLong(range[1], 16)
                && line.contains(path.toRealPath().toString());
      } else if (found && line.startsWith("Private_Dirty:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return -1;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void pagesAreCopiedWhenTheyAreWrittenTo() throws IOException {
    Path path = save("model.safetensors", 1);
    INDArray array = load(path);
    assertCounts(array, 1);
    assertThat(copiedKilobytes(array, path)).isZero();
    array.putScalar(ROWS / 2, 0, -1f);
    assertThat(copiedKilobytes(array, path)).isBetween(4L, 64L); // one page
    array.assign(0);
    assertThat(copiedKilobytes(array, path)).isGreaterThan(4L * ROWS * COLUMNS / 1024 - 64);
  }

  @Test
  void isAnArrayLikeAnyOther() throws IOException {
    INDArray array = load(save("model.safetensors", 1));
    assertThat(array.isView()).isFalse();
    assertThat(array.shape()).containsExactly(ROWS, COLUMNS);
    assertThat(new Parameter("x", array).value()).isSameAs(array);
    assertThat(array.getRow(7).getFloat(3)).isEqualTo(1 + 7 * COLUMNS + 3);
    assertThat(array.dup().subi(array).maxNumber().floatValue()).isZero();
    INDArray ones = Nd4j.ones(DataType.FLOAT, COLUMNS, 1);
    assertThat(array.mmul(ones).getFloat(0)).isEqualTo(COLUMNS * (COLUMNS + 1) / 2f);
  }

  @Test
  void whatIsWrittenReachesNeitherTheFileNorOtherReaders() throws IOException {
    Path path = save("model.safetensors", 1);
    byte[] before = Files.readAllBytes(path);
    INDArray first = load(path);
    first.addi(1);
    INDArray second = load(path);
    assertCounts(first, 2);
    assertCounts(second, 1);
    assertThat(path).hasBinaryContent(before);
  }

  @Test
  void staysWhenTheFileIsReplacedOrDeleted() throws IOException {
    Path path = save("model.safetensors", 1);
    INDArray first = load(path);
    save("model.safetensors", 5);
    INDArray second = load(path);
    Files.delete(path);
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    assertCounts(first, 1);
    assertCounts(second, 5);
  }

  /** Over itself, as a model is saved into the directory that it was loaded from. */
  @Test
  void isSavedOverItsOwnFile() throws IOException {
    Path path = save("model.safetensors", 1);
    INDArray array = load(path);
    array.addi(2);
    SafetensorsWriter.write(path, Map.of("x", Tensor.of(array)), Map.of());
    assertCounts(load(path), 3);
    assertCounts(array, 3);
  }

  /** Offsets that are no multiple of four are allowed by the format, and not for floats. */
  @Test
  void unalignedDataIsCopied() throws IOException {
    int n = ROWS * COLUMNS;
    for (int shift : List.of(0, 1, 2, 3)) {
      String header =
          ("{\"a\":{\"dtype\":\"U8\",\"shape\":[%1$d],\"data_offsets\":[0,%1$d]},"
                  + "\"x\":{\"dtype\":\"F32\",\"shape\":[%2$d],\"data_offsets\":[%1$d,%3$d]}}")
              .formatted(shift, n, shift + 4 * n);
      header += " ".repeat(-header.length() & 7);
      byte[] content =
          SafetensorsFixtures.blob(header.getBytes(StandardCharsets.UTF_8), shift + 4 * n);
      ByteBuffer data = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        data.putFloat(8 + header.length() + shift + 4 * i, 1 + i);
      }
      Path path = Files.write(directory.resolve(shift + ".safetensors"), content);
      INDArray array = load(path);
      assertCounts(array, 1);
      assertThat(array.data().address() % Float.BYTES).isZero();
    }
  }
}
