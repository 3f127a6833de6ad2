package org.gpt2j.nn.cpu;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The matrix products of oneDNN, where its natives are on the class path (x86-64): it needs no copy
 * of the weights for few rows, is a little faster than OpenBLAS for many, and knows 8-bit integers.
 * Only this class knows its API. Each call computes on the calling thread alone.
 */
final class OneDnn {
  /** System property: `false` switches oneDNN off. */
  static final String PROPERTY = "gpt2j.onednn";

  private static final byte PLAIN = 'N';
  private static final byte TRANSPOSED = 'T';
  private static final byte ONE_OFFSET = 'F';

  private OneDnn() {}

  /** Initialised on first use; asks ND4J first, so that both share one copy of OpenMP. */
  private static final class Loaded {
    static final NativeOps OPENMP;
    static final IntPointer ZERO;
    static final String HINDRANCE;
    static final String VERSION;

    static {
      NativeOps openMp = null;
      IntPointer zero = null;
      String version = null;
      String hindrance = null;
      if ("false".equals(System.getProperty(PROPERTY))) {
        hindrance = "-D" + PROPERTY + "=false";
      } else {
        try {
          openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
          dnnl_version_t v = dnnl.dnnl_version();
          version = v.major() + "." + v.minor() + "." + v.patch();
          zero = new IntPointer(1).put(0);
        } catch (LinkageError e) {
          hindrance = "its natives cannot be loaded";
        }
      }
      OPENMP = openMp;
      ZERO = zero;
      VERSION = version;
      HINDRANCE = hindrance;
    }
  }

  static boolean available() {
    return Loaded.HINDRANCE == null;
  }

  /** Its version, or why it is not there. */
  static String describe() {
    return available() ? "oneDNN " + Loaded.VERSION : "no oneDNN (" + Loaded.HINDRANCE + ")";
  }

  /** c [m,n] = alpha op(a) op(b) + beta c on row-major memory with the given row lengths. */
  static void gemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc) {
    useThisThreadOnly();
    check(
        "dnnl_sgemm",
        dnnl.dnnl_sgemm(
            transA ? TRANSPOSED : PLAIN,
            transB ? TRANSPOSED : PLAIN,
            m,
            n,
            k,
            alpha,
            a,
            lda,
            b,
            ldb,
            beta,
            c,
            ldc));
  }

  /**
   * c [m,n] = a [m,k] b [k,n] in 32-bit integers; a has unsigned bytes, b signed ones. Exact where
   * no two neighbouring products add up to more than 16 bits: processors without VNNI saturate
   * them.
   */
  static void gemm(
      int m, int n, int k, BytePointer a, int lda, BytePointer b, int ldb, IntPointer c, int ldc) {
    useThisThreadOnly();
    check(
        "dnnl_gemm_u8s8s32",
        dnnl.dnnl_gemm_u8s8s32(
            PLAIN,
            PLAIN,
            ONE_OFFSET,
            m,
            n,
            k,
            1f,
            a,
            lda,
            (byte) 0,
            b,
            ldb,
            (byte) 0,
            0f,
            c,
            ldc,
            Loaded.ZERO));
  }

  /** OpenMP keeps this number for each thread; ND4J's own operations do not go by it. */
  private static void useThisThreadOnly() {
    Loaded.OPENMP.setOmpNumThreads(1);
  }

  private static void check(String function, int status) {
    if (status != 0) {
      throw new IllegalStateException(function + " of oneDNN failed with status " + status);
    }
  }
}
