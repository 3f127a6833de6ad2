package org.gpt2j.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.ForeignFile;
import org.gpt2j.io.Interruption;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A safetensors file, opened for reading: 8 bytes little-endian header length N, N bytes of JSON,
 * then the data of all tensors (https://github.com/huggingface/safetensors, "Format").
 *
 * <p>The header is read and validated when the file is opened; data is memory-mapped tensor by
 * tensor, so files of any size work. Instances may be used by several threads.
 *
 * <p>What was mapped stays readable after {@link #close()}, and may be written to: nothing reaches
 * the file. The file may be deleted or replaced by another one of its name (as {@link
 * org.gpt2j.io.AtomicFile} does). It must not be changed in place: what was not written to may then
 * show the new content, and reading beyond the new end of a truncated file stops the JVM with a bus
 * error.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** Bytes mapped at once by a reader of floats: a multiple of every element size. */
  private static final int CHUNK = 1 << 28;

  /** libnd4j's MAX_RANK, which ND4J itself does not check. */
  private static final int MAX_RANK = 32;

  /** A copy of fewer bytes costs no more than a mapping of their own does. */
  private static final int SMALLEST_MAPPED = 1 << 16;

  private final Path path;
  private final FileChannel channel;
  private final boolean copyOnWrite;
  private final SafetensorsHeader header;
  private final long dataStart;

  private SafetensorsFile(
      Path path,
      FileChannel channel,
      boolean copyOnWrite,
      SafetensorsHeader header,
      long dataStart) {
    this.path = path;
    this.channel = channel;
    this.copyOnWrite = copyOnWrite;
    this.header = header;
    this.dataStart = dataStart;
  }

  /**
   * Opens a file and validates its header.
   *
   * @throws SafetensorsException if the file does not exist or is not a valid safetensors file
   * @throws java.io.InterruptedIOException if the thread is interrupted
   */
  public static SafetensorsFile open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new SafetensorsException(path + ": expected a safetensors file, found a directory");
    }
    FileChannel channel = null;
    SafetensorsFile file = null;
    boolean writable = true;
    try {
      try {
        // Nothing is written: Java makes copy-on-write mappings of a writable channel only.
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      } catch (FileSystemException e) {
        writable = false;
        channel = FileChannel.open(path, StandardOpenOption.READ);
      }
      file = read(path, channel, writable);
      return file;
    } catch (NoSuchFileException e) {
      throw new SafetensorsException(path + ": no such file", e);
    } catch (SafetensorsException e) {
      throw e;
    } catch (IOException e) {
      Interruption.rethrow(path + ": cannot be read", e);
      throw new SafetensorsException(path + ": cannot be read: " + e, e);
    } finally {
      if (file == null) {
        closeQuietly(channel);
      }
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The exception under way says what is wrong with the file.
    }
  }

  private static SafetensorsFile read(Path path, FileChannel channel, boolean copyOnWrite)
      throws IOException {
    long size = channel.size();
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(8, size)).order(ByteOrder.LITTLE_ENDIAN);
    readFully(path, channel, head, 0);
    try {
      if (size < 8) {
        throw new SafetensorsException(
            "%s: the file has %s bytes, too few for the 8 bytes of the header length"
                .formatted(path, size));
      }
      long n = head.getLong(0);
      if (n < 0 || n > SafetensorsHeader.MAX_LENGTH) {
        throw new SafetensorsException(
            "%s: the header is too large: %s bytes, at most %s are allowed"
                .formatted(path, Long.toUnsignedString(n), SafetensorsHeader.MAX_LENGTH));
      }
      if (n > size - 8) {
        throw new SafetensorsException(
            "%s: invalid header length: %s bytes, but only %s follow".formatted(path, n, size - 8));
      }
      ByteBuffer json = ByteBuffer.allocate((int) n);
      readFully(path, channel, json, 8);
      SafetensorsHeader header = SafetensorsHeader.parse(path.toString(), json, size - 8 - n);
      return new SafetensorsFile(path, channel, copyOnWrite, header, 8 + n);
    } catch (SafetensorsException e) {
      // Only now: 0x80 0x02 also is how a valid file with a header of 640 bytes begins.
      if (isPickled(head)) {
        throw new SafetensorsException(
            ("%s is a pickled PyTorch file, not safetensors; convert it in Python with"
                    + " `from safetensors.torch import save_file;"
                    + " save_file(torch.load(\"%s\", map_location=\"cpu\", weights_only=True),"
                    + " \"model.safetensors\")`")
                .formatted(path, path.getFileName()),
            e);
      }
      throw notSafetensors(path, channel, e);
    }
  }

  /** Names what the file is instead, where its first bytes tell; else the exception itself. */
  private static SafetensorsException notSafetensors(
      Path path, FileChannel channel, SafetensorsException e) throws IOException {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(ForeignFile.HEAD, channel.size()));
    readFully(path, channel, head, 0);
    return ForeignFile.describe(head.array())
        .map(
            found ->
                new SafetensorsException(path + ": expected a safetensors file, found " + found, e))
        .orElse(e);
  }

  /** torch.save writes a zip archive, before version 1.6 a bare pickle of protocol 2 or later. */
  private static boolean isPickled(ByteBuffer head) {
    if (head.limit() < 2) {
      return false;
    }
    int first = head.get(0) & 0xff;
    int second = head.get(1);
    return first == 'P' && second == 'K' || first == 0x80 && second >= 2 && second <= 5;
  }

  private static void readFully(Path path, FileChannel channel, ByteBuffer to, long position)
      throws IOException {
    while (to.hasRemaining()) {
      int n = channel.read(to, position + to.position());
      if (n < 0) {
        throw new SafetensorsException(path + ": the file shrank while it was read");
      }
    }
    to.flip();
  }

  /** The file that was opened. */
  public Path path() {
    return path;
  }

  /** The file's {@code __metadata__}, in file order; empty when there is none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The names of all tensors in the order of their data in the file. */
  public List<String> names() {
    return List.copyOf(header.tensors().keySet());
  }

  /** Whether the file holds a tensor of that name. */
  public boolean contains(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * What the header says of a tensor.
   *
   * @throws SafetensorsException if the file has no such tensor
   */
  public TensorInfo info(String name) throws SafetensorsException {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new SafetensorsException(path + ": no tensor `" + name + "`");
    }
    return info;
  }

  /**
   * The bytes of a tensor as a read-only little-endian view of the mapped file. The view stays
   * valid after {@link #close()}.
   *
   * @throws SafetensorsException if there is no such tensor or it is 2 GiB or larger
   * @throws java.io.InterruptedIOException if the thread is interrupted, which closes the file
   */
  public ByteBuffer bytes(String name) throws IOException {
    TensorInfo info = info(name);
    if (info.byteLength() > Integer.MAX_VALUE) {
      throw tooLarge(info);
    }
    return map(FileChannel.MapMode.READ_ONLY, info, 0, (int) info.byteLength());
  }

  /**
   * The elements of a tensor in c order, converted to float. F8 (E4M3, E5M2 and their FNUZ forms),
   * F16 and BF16 convert exactly, wider types are rounded to the nearest float, BOOL becomes 0 or
   * 1.
   *
   * @throws SafetensorsException if there is no such tensor, its dtype has no such conversion (F4,
   *     F6, F8_E8M0, C64) or it has more than 2^31-1 elements
   * @throws java.io.InterruptedIOException if the thread is interrupted, which closes the file
   */
  public float[] floats(String name) throws IOException {
    TensorInfo info = info(name);
    if (info.elementCount() > Integer.MAX_VALUE - 8) {
      throw tooLarge(info);
    }
    float[] floats = new float[(int) info.elementCount()];
    readFloats(name, FloatBuffer.wrap(floats));
    return floats;
  }

  /**
   * Puts the elements of a tensor, converted as in {@link #floats}, into {@code target} from its
   * position on.
   *
   * @throws SafetensorsException as {@link #floats}
   * @throws java.io.InterruptedIOException if the thread is interrupted, which closes the file
   * @throws IllegalArgumentException if fewer places remain in the target than there are elements
   */
  public void readFloats(String name, FloatBuffer target) throws IOException {
    TensorInfo info = info(name);
    if (!FloatConversion.canWiden(info.dtype())) {
      throw new SafetensorsException(
          "%s: tensor `%s` of dtype %s cannot be converted to float"
              .formatted(path, name, info.dtype()));
    }
    if (target.remaining() < info.elementCount()) {
      throw new IllegalArgumentException(
          "target: tensor `%s` has %s elements, but only %s places remain"
              .formatted(name, info.elementCount(), target.remaining()));
    }
    for (long at = 0; at < info.byteLength(); at += CHUNK) {
      int length = (int) Math.min(CHUNK, info.byteLength() - at);
      FloatConversion.widen(
          info.dtype(), map(FileChannel.MapMode.READ_ONLY, info, at, length), target);
    }
  }

  /**
   * A tensor as a FLOAT array in c order with a buffer of its own, converted as in {@link #floats}.
   *
   * <p>F32 tensors of 64 KiB or more are not copied where ND4J computes on the CPU and this process
   * may write to the file (it does not): such an array lies in the mapped file, whose pages are
   * read when they are first used, shared with other processes, and copied when they are first
   * written to. The mapping goes when the array does. Windows lets nobody replace a mapped file,
   * not even by a new state of the same model: there everything is copied.
   *
   * @throws SafetensorsException as {@link #floats}, or if the array would be 2 GiB or larger or
   *     have more than 32 axes
   * @throws java.io.InterruptedIOException if the thread is interrupted, which closes the file
   */
  public INDArray array(String name) throws IOException {
    TensorInfo info = info(name);
    if (info.elementCount() > Integer.MAX_VALUE / Float.BYTES) {
      throw tooLarge(info);
    }
    if (info.shape().length > MAX_RANK) {
      throw new SafetensorsException(
          "%s: tensor `%s` has %s axes, at most %s are supported"
              .formatted(path, name, info.shape().length, MAX_RANK));
    }
    if (info.elementCount() == 0) {
      return Nd4j.create(DataType.FLOAT, info.shape());
    }
    if (canBeMapped(info)) {
      return MappedFloats.array(
          map(FileChannel.MapMode.PRIVATE, info, 0, (int) info.byteLength()), info.shape());
    }
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, info.shape(), 'c');
    readFloats(name, array.data().asNioFloat());
    // Tells a GPU backend, which keeps a second copy, that the host's copy is the newer one.
    Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    return array;
  }

  private boolean canBeMapped(TensorInfo info) {
    return copyOnWrite
        && info.dtype() == DType.F32
        && info.byteLength() >= SMALLEST_MAPPED
        && (dataStart + info.begin()) % Float.BYTES == 0
        && !System.getProperty("os.name").startsWith("Windows")
        && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        && Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
  }

  private SafetensorsException tooLarge(TensorInfo info) {
    return new SafetensorsException(
        "%s: tensor `%s` of %s elements is too large to be read as a whole"
            .formatted(path, info.name(), info.elementCount()));
  }

  private ByteBuffer map(FileChannel.MapMode mode, TensorInfo info, long offset, int length)
      throws IOException {
    if (!channel.isOpen()) {
      throw new IllegalStateException(path + " is closed");
    }
    try {
      return channel
          .map(mode, dataStart + info.begin() + offset, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      Interruption.rethrow(path + ": cannot be read", e);
      throw new SafetensorsException(
          "%s: tensor `%s` cannot be mapped: %s".formatted(path, info.name(), e), e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
