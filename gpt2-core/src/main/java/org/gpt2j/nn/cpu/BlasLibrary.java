package org.gpt2j.nn.cpu;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack.MklDomainSetNumThreads;
import org.bytedeco.openblas.presets.openblas_nolapack.MklSetNumThreadsLocal;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The BLAS that ND4J loads: MKL where it is on the class path, else OpenBLAS. And its number of
 * threads: JavaCPP's blas_set_num_threads looks for four symbols and makes as many function
 * pointers at every call, which takes longer than many a product; here both are done once.
 */
public final class BlasLibrary {
  /** JavaCPP's system property that names the library to load as the BLAS. */
  static final String LOAD_PROPERTY = "org.bytedeco.openblas.load";

  private static final String MKL = "mkl";

  /** A class of org.bytedeco:mkl. */
  private static final String MKL_CLASS = "org/bytedeco/mkl/global/mkl_rt.class";

  /** MKL's number for the threads of its BLAS. */
  private static final int MKL_DOMAIN_BLAS = 1;

  private BlasLibrary() {}

  /**
   * Asks JavaCPP for MKL where org.bytedeco:mkl is on the class path and the user has not set
   * {@code org.bytedeco.openblas.load}; has an effect before the first use of ND4J only.
   */
  public static void preferMkl() {
    preferMkl(BlasLibrary.class.getClassLoader());
  }

  static void preferMkl(ClassLoader loader) {
    if (System.getProperty(LOAD_PROPERTY) == null && loader.getResource(MKL_CLASS) != null) {
      System.setProperty(LOAD_PROPERTY, MKL);
    }
  }

  /** The name of what is loaded. */
  public static String name() {
    return Loaded.NAME;
  }

  static boolean isMkl() {
    return name().equalsIgnoreCase(MKL);
  }

  /** Whether MKL was asked for and something else was loaded. */
  public static boolean lacksMkl() {
    return MKL.equalsIgnoreCase(System.getProperty(LOAD_PROPERTY)) && !isMkl();
  }

  /** Sets the number of threads of the whole process. */
  public static void setThreads(int n) {
    if (Loaded.OPENBLAS != null) {
      Loaded.OPENBLAS.call(n);
    } else if (Loaded.MKL_DOMAIN != null) {
      // A thread's own number goes first in MKL, and ND4J gave one to the thread that loaded it.
      Loaded.MKL_LOCAL.call(0);
      Loaded.MKL_DOMAIN.call(n, MKL_DOMAIN_BLAS);
    } else {
      openblas.blas_set_num_threads(n);
    }
  }

  /** Initialised once ND4J has loaded the library. */
  private static final class Loaded {
    static final String NAME;
    static final SetNumThreads OPENBLAS;
    static final MklSetNumThreadsLocal MKL_LOCAL;
    static final MklDomainSetNumThreads MKL_DOMAIN;

    static {
      String vendor = Nd4j.factory().blas().getBlasVendor().toString();
      Pointer ofOpenBlas = Loader.addressof("openblas_set_num_threads");
      Pointer local = Loader.addressof("MKL_Set_Num_Threads_Local");
      Pointer domain = Loader.addressof("MKL_Domain_Set_Num_Threads");
      boolean mkl = ofOpenBlas == null && local != null && domain != null;
      NAME = ofOpenBlas != null ? "OpenBLAS" : mkl ? "MKL" : vendor;
      OPENBLAS = ofOpenBlas == null ? null : new SetNumThreads() {};
      MKL_LOCAL = mkl ? new MklSetNumThreadsLocal() {} : null;
      MKL_DOMAIN = mkl ? new MklDomainSetNumThreads() {} : null;
      if (ofOpenBlas != null) {
        OPENBLAS.put(ofOpenBlas);
      } else if (mkl) {
        MKL_LOCAL.put(local);
        MKL_DOMAIN.put(domain);
      }
    }
  }
}
