package org.gpt2j.nn;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.gpt2j.nn.cpu.BlasLibrary;
import org.gpt2j.nn.cpu.CpuKernels;
import org.gpt2j.nn.cpu.Parallel;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What computes: the ND4J backend that is on the class path, and the kernels that suit it. The fast
 * kernels call the BLAS from their own threads, side by side, and take away the threads that it
 * would start by itself, in the whole process.
 */
public final class Backend {
  /** System property: `nd4j` forces the portable kernels, `cpu` the fast ones. */
  public static final String KERNELS_PROPERTY = "gpt2j.kernels";

  private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

  static {
    // JavaCPP caps off-heap memory at the Java heap's size; weights live off the heap, so lift it
    // where the user has not set it. Read once, before ND4J's first allocation.
    for (String limit : new String[] {"maxbytes", "maxphysicalbytes"}) {
      String property = "org.bytedeco.javacpp." + limit;
      if (System.getProperty(property) == null) {
        System.setProperty(property, "0");
      }
    }
    BlasLibrary.preferMkl();
  }

  private Backend() {}

  /**
   * Lifts the cap on off-heap memory, has MKL loaded where it is on the class path (loading this
   * class does both) and checks {@link #KERNELS_PROPERTY}; to be called before the first array is
   * made.
   */
  public static void initialize() {
    String kernels = System.getProperty(KERNELS_PROPERTY);
    if (kernels != null && !List.of("cpu", "nd4j").contains(kernels)) {
      throw new IllegalArgumentException(
          "-D" + KERNELS_PROPERTY + ": expected cpu or nd4j, found " + kernels);
    }
  }

  private static final AtomicBoolean PRELOADED = new AtomicBoolean();

  /**
   * Starts to load ND4J and its natives on a thread of its own, for who has something else to do
   * that needs no array. {@link #kernels} waits until that is done; until then nothing else of ND4J
   * may be used.
   */
  public static void preload() {
    initialize();
    if (PRELOADED.compareAndSet(false, true)) {
      Thread thread = new Thread(() -> kernels(DataType.FLOAT), "gpt2j-natives");
      thread.setDaemon(true);
      // what goes wrong here goes wrong again for who asks for the kernels
      thread.setUncaughtExceptionHandler((t, e) -> {});
      thread.start();
    }
  }

  /** How long loading ND4J and its natives took. */
  public static Duration loadingTime() {
    return Duration.ofNanos(Holder.LOADING_NANOS);
  }

  /** Initialised on first use: says in one line what was found. */
  private static final class Holder {
    private static final long START = System.nanoTime();
    static final boolean CPU =
        Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
    static final boolean FAST = fast();
    static final Kernels PORTABLE = new Nd4jKernels();
    static final Kernels KERNELS = FAST ? new CpuKernels() : PORTABLE;

    static {
      LOG.info(describe());
      if (CPU && BlasLibrary.lacksMkl()) {
        LOG.warn(
            "MKL is asked for but cannot be loaded (are its natives for this platform on the class"
                + " path, and was ND4J used before?): {} computes instead",
            BlasLibrary.name());
      }
    }

    static final long LOADING_NANOS = System.nanoTime() - START;

    private static boolean fast() {
      initialize();
      String wish = System.getProperty(KERNELS_PROPERTY, CPU ? "cpu" : "nd4j");
      if (wish.equals("cpu") && !CPU) {
        LOG.warn("{}=cpu needs nd4j-native: portable kernels instead", KERNELS_PROPERTY);
      }
      return wish.equals("cpu") && CPU;
    }
  }

  /** Kernels for arrays of this type: the fast ones take FLOAT only. Loads ND4J on first use. */
  public static Kernels kernels(DataType type) {
    return type == DataType.FLOAT ? Holder.KERNELS : Holder.PORTABLE;
  }

  /** Sets the number of threads of our kernels and of ND4J. */
  public static void setThreads(int threads) {
    Parallel.setThreads(threads);
    if (Holder.FAST) {
      return; // what they call has one thread
    }
    if (Holder.CPU) {
      BlasLibrary.setThreads(threads);
    }
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
  }

  /** One line: backend, devices, BLAS, threads, kernels, Vector API. */
  public static String describe() {
    if (Holder.CPU) {
      String kernels = Holder.FAST ? CpuKernels.describe() : "portable ND4J kernels";
      return String.format(
          "CPU, BLAS %s, %s, %d threads", BlasLibrary.name(), kernels, Parallel.threads());
    }
    NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
    StringBuilder devices = new StringBuilder();
    for (int d = 0; d < ops.getAvailableDevices(); d++) {
      devices.append(d == 0 ? "" : ", ").append(ops.getDeviceName(d));
      devices.append(" (compute capability ").append(ops.getDeviceMajor(d));
      devices.append('.').append(ops.getDeviceMinor(d)).append(')');
    }
    return "CUDA, devices: " + (devices.isEmpty() ? "none" : devices) + ", portable ND4J kernels";
  }
}
