package org.gpt2j.nn;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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

  /** JavaCPP's system property: the directory that native libraries are unpacked into. */
  public static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";

  private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

  private static final FutureTask<Loaded> LOADING = new FutureTask<>(Backend::load);

  private static final AtomicBoolean STARTED = new AtomicBoolean();

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

  /**
   * Starts to load ND4J and its natives on a thread of its own, for who has something else to do
   * that needs no array. {@link #kernels} waits until that is done; until then nothing else of ND4J
   * may be used.
   */
  public static void preload() {
    initialize();
    if (STARTED.compareAndSet(false, true)) {
      Thread thread = new Thread(LOADING, "gpt2j-natives");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * How long loading ND4J and its natives took.
   *
   * @throws NativeCodeException if they cannot be loaded
   */
  public static Duration loadingTime() {
    return loaded().time();
  }

  /** What was found. */
  private record Loaded(
      boolean cpu, boolean fast, Kernels portable, Kernels kernels, Duration time) {
    String describe() {
      String shown = fast ? CpuKernels.describe() : "portable ND4J kernels";
      return cpu
          ? String.format(
              Locale.ROOT,
              "CPU, BLAS %s, %s, %d threads",
              BlasLibrary.name(),
              shown,
              Parallel.threads())
          : "CUDA, devices: " + devices() + ", " + shown;
    }

    private static String devices() {
      NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
      StringBuilder devices = new StringBuilder();
      for (int d = 0; d < ops.getAvailableDevices(); d++) {
        devices.append(d == 0 ? "" : ", ").append(ops.getDeviceName(d));
        devices.append(" (compute capability ").append(ops.getDeviceMajor(d));
        devices.append('.').append(ops.getDeviceMinor(d)).append(')');
      }
      return devices.isEmpty() ? "none" : devices.toString();
    }
  }

  private static Loaded load() {
    try {
      Loaded loaded = find();
      log(loaded);
      return loaded;
    } catch (LinkageError | RuntimeException e) {
      throw new NativeCodeException(NativeLibraries.explain(e), e);
    }
  }

  private static Loaded find() {
    long start = System.nanoTime();
    boolean cpu = Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
    boolean fast = isFast(cpu);
    Kernels portable = new Nd4jKernels();
    Kernels kernels = fast ? new CpuKernels() : portable;
    return new Loaded(cpu, fast, portable, kernels, Duration.ofNanos(System.nanoTime() - start));
  }

  /** Says in one line what was found, and what is otherwise than the user wants it. */
  private static void log(Loaded loaded) {
    LOG.info(loaded.describe());
    String elsewhere = NativeLibraries.elsewhere();
    if (elsewhere != null) {
      LOG.warn(elsewhere);
    }
    if (loaded.cpu() && BlasLibrary.lacksMkl()) {
      LOG.warn(
          "MKL is asked for but cannot be loaded (are its natives for this platform on the class"
              + " path, and was ND4J used before?): {} computes instead",
          BlasLibrary.name());
    }
  }

  private static boolean isFast(boolean cpu) {
    String wish = System.getProperty(KERNELS_PROPERTY, cpu ? "cpu" : "nd4j");
    if (wish.equals("cpu") && !cpu) {
      LOG.warn("{}=cpu needs nd4j-native: portable kernels instead", KERNELS_PROPERTY);
    }
    return wish.equals("cpu") && cpu;
  }

  /**
   * Waits until ND4J is loaded, also on a thread that is interrupted: JavaCPP would take that for a
   * damaged cache, and no class of ND4J could be used any more.
   */
  private static Loaded loaded() {
    preload();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return LOADING.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NativeCodeException failure) {
        throw new NativeCodeException(failure.getMessage(), failure.getCause());
      }
      throw (Error) e.getCause(); // such as a full heap
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Kernels for arrays of this type: the fast ones take FLOAT only. Loads ND4J on first use.
   *
   * @throws NativeCodeException if it cannot be loaded
   */
  public static Kernels kernels(DataType type) {
    return type == DataType.FLOAT ? loaded().kernels() : loaded().portable();
  }

  /**
   * Sets the number of threads of our kernels and of ND4J.
   *
   * @throws NativeCodeException if ND4J cannot be loaded
   */
  public static void setThreads(int threads) {
    Parallel.setThreads(threads);
    if (loaded().fast()) {
      return; // what they call has one thread
    }
    if (loaded().cpu()) {
      BlasLibrary.setThreads(threads);
    }
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
  }

  /**
   * One line: backend, devices, BLAS, threads, kernels, Vector API.
   *
   * @throws NativeCodeException if ND4J cannot be loaded
   */
  public static String describe() {
    return loaded().describe();
  }
}
