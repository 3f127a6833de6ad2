package org.gpt2j.nn;

/**
 * Counter-based random numbers (Salmon et al. 2011): each number is a function of a key and an
 * index, so the result does not depend on who computes it, or in which order.
 */
public final class CounterRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private CounterRandom() {}

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  public static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A key made of two, for one purpose within another. */
  public static long key(long key, long purpose) {
    return mix(key + GOLDEN * (purpose + 1));
  }

  /** 64 random bits: the index-th number of SplitMix64 seeded with the key. */
  public static long bits(long key, long index) {
    return mix(key + (index + 1) * GOLDEN);
  }

  /** Uniform in [0, 1) with 24 bits, exact in a float. */
  public static float uniform(long key, long index) {
    return (bits(key, index) >>> 40) * 0x1p-24f;
  }

  /** Standard normal (Box and Muller 1958), from the numbers 2*index and 2*index+1. */
  public static double gaussian(long key, long index) {
    double u = ((bits(key, 2 * index) >>> 11) + 1) * 0x1p-53; // (0, 1]
    double v = (bits(key, 2 * index + 1) >>> 11) * 0x1p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** The bound that {@link #keep(long, long, long)} takes for a drop probability p in [0, 1). */
  public static long threshold(double p) {
    return (long) (p * 0x1p53);
  }

  /** Whether dropout keeps the element: its 53-bit number is at least the threshold. */
  public static boolean keep(long key, long index, long threshold) {
    return (bits(key, index) >>> 11) >= threshold;
  }
}
