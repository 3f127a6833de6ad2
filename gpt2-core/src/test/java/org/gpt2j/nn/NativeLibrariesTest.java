package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class NativeLibrariesTest {
  private static final Path CACHE = Path.of("/cache");
  private static final long ENOUGH = 10_000_000_000L;
  private static final String WAY_OUT =
      ": -Dorg.bytedeco.javacpp.cachedir=DIR puts them into another directory";

  @TempDir Path dir;

  private static UnsatisfiedLinkError missing(String library, Throwable cause) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError("no " + library + " in java.library.path: /usr/lib");
    error.initCause(cause);
    return error;
  }

  @Test
  void aDirectoryWhoseFilesMayNotBeExecuted() {
    for (String why :
        List.of(
            "failed to map segment from shared object",
            "failed to map segment from shared object: Operation not permitted",
            "Error loading shared library: Operation not permitted")) {
      UnsatisfiedLinkError cause = new UnsatisfiedLinkError("/cache/x.so: /cache/x.so: " + why);
      assertThat(NativeLibraries.explain(missing("x", cause), CACHE, ENOUGH))
          .isEqualTo(
              "/cache: the native libraries of ND4J may not be executed in this directory (is it"
                  + " mounted noexec?)"
                  + WAY_OUT);
    }
  }

  @Test
  void aFullDiskIsNamedWithWhatIsNeeded() {
    UnsatisfiedLinkError cause =
        new UnsatisfiedLinkError(
            "/cache/libjnind4jcpu.so: libnd4jcpu.so: cannot open shared object file");
    String expected =
        "/cache: no space for the native libraries of ND4J: they need 475 MB in all, and 12 MB are"
            + " free"
            + WAY_OUT;
    assertThat(NativeLibraries.explain(missing("jnind4jcpu", cause), CACHE, 12_345_678))
        .isEqualTo(expected);
    assertThat(
            NativeLibraries.explain(
                missing("jnind4jcpu", new IOException("No space left on device")),
                CACHE,
                12_345_678))
        .isEqualTo(expected);
  }

  @Test
  void whatElseHindersIsQuoted() {
    assertThat(
            NativeLibraries.explain(
                missing("x", new IOException("/cache/x.so (Permission denied)")), CACHE, ENOUGH))
        .isEqualTo(
            "/cache: the native libraries of ND4J cannot be unpacked into this directory"
                + " (/cache/x.so (Permission denied))"
                + WAY_OUT);
    assertThat(
            NativeLibraries.explain(
                missing("x", new UnsatisfiedLinkError("libc.so: version `GLIBC_2.28' not found")),
                CACHE,
                ENOUGH))
        .isEqualTo(
            "/cache: the native libraries of ND4J cannot be loaded from this directory (libc.so:"
                + " version `GLIBC_2.28' not found)"
                + WAY_OUT);
    assertThat(
            NativeLibraries.explain(
                new ExceptionInInitializerError(new IllegalStateException("no backend"))))
        .isEqualTo("ND4J cannot be loaded: no backend");
  }

  /** A process of its own that asks for kernels twice, on an interrupted thread if it is told. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      if (args[0].equals("interrupted")) {
        Thread.currentThread().interrupt();
      }
      for (int i = 0; i < 2; i++) {
        try {
          Backend.kernels(DataType.FLOAT);
          System.out.println("loaded, interrupted: " + Thread.currentThread().isInterrupted());
        } catch (NativeCodeException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static List<String> run(String argument, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    command.add(argument);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  @Test
  void eachCallOfAProcessWithoutACacheSaysTheSame() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    List<String> lines =
        run(
            "",
            "-Dorg.bytedeco.javacpp.cachedir=" + file,
            "-Duser.home=" + file,
            "-Duser.name=me",
            "-Djava.io.tmpdir=" + file);
    String expected =
        "the native libraries of ND4J cannot be unpacked: expected a directory that can be written"
            + " to, found none among %s, %s/.javacpp/cache, %s/.javacpp-me/cache; "
                .formatted(file, file, file)
            + "-Dorg.bytedeco.javacpp.cachedir=DIR puts them into another directory";
    assertThat(lines.subList(lines.size() - 2, lines.size())).containsExactly(expected, expected);
  }

  @Test
  void anUnusableWishIsWarnedOf() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    assertThat(run("", "-Dorg.bytedeco.javacpp.cachedir=" + file))
        .filteredOn(line -> line.contains("WARN org.gpt2j"))
        .singleElement()
        .asString()
        .contains(
            "-Dorg.bytedeco.javacpp.cachedir: expected a directory that can be written to, found "
                + file
                + ": the native libraries are unpacked into ");
  }

  @Test
  void anInterruptedThreadLoadsThemAndStaysInterrupted() throws Exception {
    List<String> lines = run("interrupted");
    assertThat(lines.subList(lines.size() - 2, lines.size()))
        .containsOnly("loaded, interrupted: true");
  }
}
