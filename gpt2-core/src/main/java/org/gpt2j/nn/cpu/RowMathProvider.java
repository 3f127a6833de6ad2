package org.gpt2j.nn.cpu;

import java.lang.invoke.MethodHandles;
import java.util.Locale;
import java.util.Optional;

/**
 * Picks the {@link RowMath} of this process: the Vector API's where its module is readable and C2
 * compiles it, else plain Java. Only this class knows both. It never fails.
 */
final class RowMathProvider {
  /** System property: `false` switches the Vector API off. */
  static final String PROPERTY = "gpt2j.vector";

  /** The API may still change; 17 to 25 have all that we use. */
  private static final int NEWEST_JAVA = 25;

  private static final String MODULE = "jdk.incubator.vector";
  private static final String PANAMA = "org.gpt2j.nn.cpu.PanamaRowMath";

  private final RowMath rowMath;
  private final String description;

  private RowMathProvider(RowMath rowMath, String description) {
    this.rowMath = rowMath;
    this.description = description;
  }

  /** Initialised on first use, by whichever thread is first, without a lock to meet. */
  private static final class Holder {
    static final RowMathProvider CHOSEN = choose();
  }

  static RowMath get() {
    return Holder.CHOSEN.rowMath;
  }

  /** What was picked; if it is not the Vector API, why. */
  static String describe() {
    return Holder.CHOSEN.description;
  }

  private static RowMathProvider choose() {
    String hindrance = hindrance();
    if (hindrance == null) {
      try {
        RowMath panama =
            (RowMath)
                MethodHandles.lookup().findClass(PANAMA).getDeclaredConstructor().newInstance();
        return new RowMathProvider(panama, panama.toString());
      } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        hindrance = cause.toString();
      }
    }
    return new RowMathProvider(new DefaultRowMath(), "no Vector API (" + hindrance + ")");
  }

  /** Why the Vector API's class must not even be loaded, or null. */
  private static String hindrance() {
    if ("false".equals(System.getProperty(PROPERTY))) {
      return "-D" + PROPERTY + "=false";
    }
    Optional<Module> vector = ModuleLayer.boot().findModule(MODULE);
    if (vector.isEmpty()) {
      return "pass --add-modules " + MODULE + " to java to enable it";
    }
    RowMathProvider.class.getModule().addReads(vector.get());
    int java = Runtime.version().feature();
    if (java > NEWEST_JAVA) {
      return "not tested on Java " + java;
    }
    String vm = System.getProperty("java.vm.name", "").toLowerCase(Locale.ROOT);
    String mode = System.getProperty("java.vm.info", "");
    if (!vm.contains("hotspot") && !vm.contains("openjdk")) {
      return "needs the HotSpot JVM, found " + System.getProperty("java.vm.name");
    }
    if (System.getProperty("java.vendor.version", "").contains("GraalVM")) {
      return "GraalVM's compiler is not C2";
    }
    if (vm.contains("client") || mode.contains("emulated-client") || mode.contains("interpreted")) {
      return "the C2 compiler is disabled";
    }
    return null;
  }
}
