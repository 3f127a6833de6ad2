package org.gpt2j.training.report;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.zip.CRC32C;
import org.gpt2j.io.AtomicFile;

/**
 * Writes a file of events that TensorBoard shows, with the bytes of torch 2.13's SummaryWriter.
 *
 * <p>A file is a row of records (TFRecord: tensorflow/core/lib/io/record_writer.h): the length as
 * u64, a masked CRC32C of the length, the data, a masked CRC32C of the data, all little-endian. The
 * data of a record is an Event, a protocol buffer (tensorboard/compat/proto: event.proto,
 * summary.proto, tensor.proto); the first one holds the version of the format.
 */
public final class EventFileWriter implements Closeable {
  // Event
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int SOURCE_METADATA = 10;

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path file;
  private final OutputStream out;
  private final DoubleSupplier wallTime;

  /**
   * Makes a file in a directory, which is made if it is missing. Runs into the same directory make
   * one picture.
   *
   * @throws IOException naming the directory or file that cannot be made
   */
  public EventFileWriter(Path loggingDir) throws IOException {
    this(loggingDir, EventFileWriter::now, "org.gpt2j.training.report.EventFileWriter");
  }

  /**
   * @param wallTime tells the seconds since 1970
   * @param writer what the file names as its writer
   */
  EventFileWriter(Path loggingDir, DoubleSupplier wallTime, String writer) throws IOException {
    AtomicFile.createDirectories(loggingDir);
    double start = wallTime.getAsDouble();
    this.file = loggingDir.resolve(fileName((long) start));
    this.wallTime = wallTime;
    try {
      this.out =
          new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
    } catch (IOException e) {
      throw new IOException(file + ": the event file cannot be made: " + e, e);
    }
    ProtobufMessage source = new ProtobufMessage().putText(1, writer);
    write(
        new ProtobufMessage()
            .putDouble(WALL_TIME, start)
            .putText(FILE_VERSION, "brain.Event:2")
            .putMessage(SOURCE_METADATA, source));
    flush();
  }

  private static double now() {
    Instant now = Instant.now();
    return now.getEpochSecond() + now.getNano() / 1e9;
  }

  /** TensorBoard reads the files of a directory in the order of their names. */
  private static String fileName(long seconds) {
    return String.format(
        Locale.ROOT,
        "events.out.tfevents.%010d.%s.%d.%d",
        seconds,
        host(),
        ProcessHandle.current().pid(),
        COUNT.getAndIncrement());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /** The file that is written. */
  public Path file() {
    return file;
  }

  /**
   * Tells TensorBoard that a run starts, which hides what runs before it in the same directory
   * wrote for this step and later ones. For that the first run must have told its start, too.
   *
   * @param step the first step that the run logs: 0, or for a resumed run the one after that of the
   *     checkpoint
   */
  public void addSessionStart(long step) throws IOException {
    write(event(step).putMessage(SESSION_LOG, new ProtobufMessage().putInteger(1, 1)));
  }

  /**
   * Adds a point of a curve.
   *
   * @param tag the curve's name; what stands before the first slash groups curves
   * @param value stored as a float; NaN and infinities are shown as such
   */
  public void addScalar(String tag, double value, long step) throws IOException {
    addSummary(new ProtobufMessage().putText(1, tag).putFloat(2, (float) value), step);
  }

  /**
   * Adds a text in Markdown, which TensorBoard shows on its page for texts; its tag there is {@code
   * tag + "/text_summary"}, as torch names it.
   */
  public void addText(String tag, String text, long step) throws IOException {
    ProtobufMessage plugin = new ProtobufMessage().putText(1, "text");
    // A tensor of type string (7) and shape [1].
    ProtobufMessage shape =
        new ProtobufMessage().putMessage(2, new ProtobufMessage().putInteger(1, 1));
    ProtobufMessage tensor =
        new ProtobufMessage().putInteger(1, 7).putMessage(2, shape).putText(8, text);
    addSummary(
        new ProtobufMessage()
            .putText(1, tag + "/text_summary")
            .putMessage(8, tensor)
            .putMessage(9, new ProtobufMessage().putMessage(1, plugin)),
        step);
  }

  private void addSummary(ProtobufMessage value, long step) throws IOException {
    write(event(step).putMessage(SUMMARY, new ProtobufMessage().putMessage(1, value)));
  }

  private ProtobufMessage event(long step) {
    ProtobufMessage event = new ProtobufMessage().putDouble(WALL_TIME, wallTime.getAsDouble());
    return step == 0 ? event : event.putInteger(STEP, step);
  }

  private void write(ProtobufMessage event) throws IOException {
    byte[] data = event.toByteArray();
    ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(data.length).putInt(maskedCrc(head.array(), Long.BYTES));
    ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    tail.putInt(maskedCrc(data, data.length));
    try {
      out.write(head.array());
      out.write(data);
      out.write(tail.array());
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  /** The mask of tensorflow/core/lib/hash/crc32c.h: data may hold checksums itself. */
  private static int maskedCrc(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** Hands what was added to the system: it stays if this process is killed. */
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  private IOException cannotBeWritten(IOException cause) {
    return new IOException(file + ": cannot be written: " + cause, cause);
  }
}
