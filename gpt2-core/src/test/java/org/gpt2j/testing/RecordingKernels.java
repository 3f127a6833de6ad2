package org.gpt2j.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.nn.Kernels;

/** Writes down which kernels are called, and calls them. */
public final class RecordingKernels {
  private record Call(String op, Object[] arguments) {}

  private final List<Call> calls = new ArrayList<>();
  private final Kernels kernels;

  public RecordingKernels(Kernels delegate) {
    kernels =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (proxy, method, arguments) -> {
                  calls.add(new Call(method.getName(), arguments));
                  try {
                    return method.invoke(delegate, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  /** The kernels to compute with. */
  public Kernels kernels() {
    return kernels;
  }

  /** Forgets what was called. */
  public void clear() {
    calls.clear();
  }

  /** How often a method of {@link Kernels} was called. */
  public int count(String op) {
    return (int) calls.stream().filter(c -> c.op().equals(op)).count();
  }

  /** Calls of gemm with a transposed first matrix: the gradients of weights are made so. */
  public int weightGradientGemms() {
    return (int)
        calls.stream().filter(c -> c.op().equals("gemm") && c.arguments()[0].equals(true)).count();
  }
}
