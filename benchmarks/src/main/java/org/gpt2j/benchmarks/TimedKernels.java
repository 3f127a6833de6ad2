package org.gpt2j.benchmarks;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;
import org.gpt2j.nn.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels that add up the time of each kind of call. */
final class TimedKernels {
  /** A product with a side no longer than this is one of an adapter or of the head. */
  private static final int SMALL = 16;

  private final Map<String, Long> nanos = new TreeMap<>();
  private final Kernels proxy;

  TimedKernels(Kernels kernels) {
    proxy =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (self, method, args) -> {
                  long start = System.nanoTime();
                  try {
                    return method.invoke(kernels, args);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  } finally {
                    nanos.merge(kind(method.getName(), args), System.nanoTime() - start, Long::sum);
                  }
                });
  }

  private static String kind(String name, Object[] args) {
    if (!name.equals("gemm")) {
      return name;
    }
    INDArray a = (INDArray) args[1];
    INDArray c = (INDArray) args[6];
    boolean small = Math.min(Math.min(c.size(0), c.size(1)), a.length() / c.size(0)) <= SMALL;
    return small ? "gemm, low rank" : "gemm, weights";
  }

  Kernels kernels() {
    return proxy;
  }

  /** Nanoseconds since {@link #clear} by kind of call. */
  Map<String, Long> nanos() {
    return nanos;
  }

  void clear() {
    nanos.clear();
  }
}
