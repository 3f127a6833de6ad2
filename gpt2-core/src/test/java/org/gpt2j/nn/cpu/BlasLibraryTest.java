package org.gpt2j.nn.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.nn.Backend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class BlasLibraryTest {
  private static final String MKL_CLASS = "org/bytedeco/mkl/global/mkl_rt.class";

  private final String before = System.getProperty(BlasLibrary.LOAD_PROPERTY);

  @TempDir Path dir;

  /** Whether the tests run with -Pmkl. */
  private static boolean withMkl() {
    return BlasLibraryTest.class.getClassLoader().getResource(MKL_CLASS) != null;
  }

  @AfterEach
  void restoreProperty() {
    if (before == null) {
      System.clearProperty(BlasLibrary.LOAD_PROPERTY);
    } else {
      System.setProperty(BlasLibrary.LOAD_PROPERTY, before);
    }
  }

  /** A class path on which MKL seems to be. */
  private Path withoutNatives() throws IOException {
    Path file = dir.resolve(MKL_CLASS);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[0]);
    return dir;
  }

  private static String preferred(ClassLoader loader, String property) {
    if (property == null) {
      System.clearProperty(BlasLibrary.LOAD_PROPERTY);
    } else {
      System.setProperty(BlasLibrary.LOAD_PROPERTY, property);
    }
    BlasLibrary.preferMkl(loader);
    return System.getProperty(BlasLibrary.LOAD_PROPERTY);
  }

  @Test
  void mklIsPreferredWhereItIsAndTheUserSaysNothing() throws IOException {
    try (URLClassLoader with = new URLClassLoader(new URL[] {withoutNatives().toUri().toURL()});
        URLClassLoader without = new URLClassLoader(new URL[0], null)) {
      assertThat(preferred(with, null)).isEqualTo("mkl");
      assertThat(preferred(with, "openblas")).isEqualTo("openblas");
      assertThat(preferred(with, "")).isEmpty();
      assertThat(preferred(without, null)).isNull();
    }
  }

  @Test
  void saysWhatIsLoaded() {
    String name = withMkl() ? "MKL" : "OpenBLAS";
    String oneDnn =
        !System.getProperty("os.arch").equals("amd64")
            ? "no oneDNN (its natives cannot be loaded)"
            : withMkl() ? "oneDNN 2.5.2" : "products by oneDNN 2.5.2";
    assertThat(Backend.describe())
        .startsWith("CPU, BLAS " + name + ", " + oneDnn + ", fused Java kernels, ")
        .matches(".* \\d+ threads");
    assertThat(BlasLibrary.lacksMkl()).isFalse();
  }

  /** What a process of its own logs that loads ND4J in the background and then computes. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Backend.preload();
      Backend.kernels(DataType.FLOAT);
      System.out.println(Backend.describe());
    }
  }

  private static List<String> run(String classPath, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, Program.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  @Test
  void openBlasComputesWhereMklCannotBeLoadedAndThatIsSaidOnce() throws Exception {
    assumeThat(withMkl()).as("MKL is here").isFalse();
    String classPath = System.getProperty("java.class.path");
    List<String> lines = run(classPath + File.pathSeparator + withoutNatives());
    assertThat(lines.get(lines.size() - 1)).startsWith("CPU, BLAS OpenBLAS, ");
    assertThat(lines).filteredOn(l -> l.contains("INFO") && l.contains("CPU, BLAS")).hasSize(1);
    assertThat(lines)
        .filteredOn(l -> l.contains("WARN org.gpt2j"))
        .singleElement()
        .asString()
        .contains("MKL is asked for but cannot be loaded", "OpenBLAS computes instead");
    assertThat(run(classPath)).noneMatch(l -> l.contains("MKL"));
  }
}
