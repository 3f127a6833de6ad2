package org.gpt2j.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileWriterTest {
  @TempDir private Path dir;

  /** Starts at a fixed time and goes on by a quarter of a second each time it is asked. */
  private static final class Clock implements DoubleSupplier {
    private double seconds = 1_700_000_000;

    @Override
    public double getAsDouble() {
      double now = seconds;
      seconds += 0.25;
      return now;
    }
  }

  /** The calls of fixtures/events/make_events.py. */
  private static void writeAll(EventFileWriter writer) throws IOException {
    writer.addSessionStart(0);
    writer.addText("args", "{\n  \"seed\": 42,\n" + "  \"übung\": \"ß\",\n".repeat(9) + "}", 0);
    writer.addScalar("train/loss", 0.6931471805599453, 10);
    writer.addScalar("train/learning_rate", 1e-5, 10);
    writer.addScalar("train/epoch", 0, 0);
    writer.addScalar("eval/loss", Double.NaN, 127);
    writer.addScalar("eval/accuracy", 1, 128);
    writer.addScalar("eval/größe", Double.NEGATIVE_INFINITY, 300);
    writer.addScalar("train/loss", 1e39, 1L << 40);
    writer.addScalar("train/" + "x".repeat(200), -3.5, 1_000_000);
    writer.addSessionStart(101);
  }

  @Test
  void writesTheBytesOfTorchsSummaryWriter() throws IOException {
    String torch = "tensorboard.summary.writer.event_file_writer";
    Path file;
    try (EventFileWriter writer = new EventFileWriter(dir, new Clock(), torch)) {
      file = writer.file();
      writeAll(writer);
    }
    try (InputStream golden = getClass().getResourceAsStream("/fixtures/events/torch.tfevents")) {
      assertThat(file).hasBinaryContent(golden.readAllBytes());
    }
  }

  @Test
  void isReadBackWithItsChecksums() throws IOException {
    try (EventFileWriter writer = new EventFileWriter(dir)) {
      writeAll(writer);
    }
    assertThat(EventFileReader.lines(dir))
        .hasSize(12)
        .startsWith(
            "0 brain.Event:2 of org.gpt2j.training.report.EventFileWriter",
            "0 START",
            "0 args/text_summary {\n  \"seed\": 42,\n" + "  \"übung\": \"ß\",\n".repeat(9) + "}",
            "10 train/loss 0.6931472")
        .contains(
            "127 eval/loss NaN", "300 eval/größe -Infinity", "1099511627776 train/loss Infinity")
        .endsWith("101 START");
  }

  @Test
  void theNameAndTheEventsTellTheTime() throws IOException {
    double before = System.currentTimeMillis() / 1000.0;
    try (EventFileWriter writer = new EventFileWriter(dir.resolve("made/too"))) {
      writer.addScalar("a", 1, 1);
    }
    double after = System.currentTimeMillis() / 1000.0;
    Path file = EventFileReader.files(dir.resolve("made/too")).get(0);
    assertThat(file.getFileName().toString())
        .matches(
            "events\\.out\\.tfevents\\.\\d{10}\\..+\\."
                + ProcessHandle.current().pid()
                + "\\.\\d+");
    assertThat(EventFileReader.read(file))
        .allSatisfy(e -> assertThat(e.wallTime()).isBetween(before - 0.002, after + 0.002));
    long seconds = Long.parseLong(file.getFileName().toString().split("\\.")[3]);
    assertThat((double) seconds).isCloseTo(before, within(after - before + 1));
  }

  @Test
  void whatIsFlushedIsInTheFileBeforeItIsClosed() throws IOException {
    try (EventFileWriter writer = new EventFileWriter(dir)) {
      assertThat(EventFileReader.lines(dir)).hasSize(1);
      writer.addScalar("a", 1, 1);
      writer.flush();
      assertThat(EventFileReader.lines(dir)).hasSize(2).endsWith("1 a 1.0");
    }
  }

  @Test
  void twoWritersOfOneSecondHaveTwoFiles() throws IOException {
    try (EventFileWriter one = new EventFileWriter(dir, new Clock(), "x");
        EventFileWriter two = new EventFileWriter(dir, new Clock(), "x")) {
      assertThat(one.file()).isNotEqualTo(two.file());
    }
    assertThat(EventFileReader.files(dir)).hasSize(2);
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.writeString(dir.resolve("runs"), "x");
    assertThatIOException()
        .isThrownBy(() -> new EventFileWriter(file))
        .withMessage(file + ": expected a directory to save into, found a file");
  }

  @Test
  void afterCloseTheFileIsNamed() throws IOException {
    EventFileWriter writer = new EventFileWriter(dir);
    writer.close();
    writer.addScalar("a", 1, 1);
    assertThatIOException()
        .isThrownBy(writer::flush)
        .withMessageStartingWith(writer.file() + ": cannot be written: ");
  }
}
