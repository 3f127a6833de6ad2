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

  /**
   * The bound that {@link #keep(long, long, int)} takes for a drop probability p in [0, 1): dropout
   * keeps the elements whose upper 31 bits of {@link #bits32} are not below it.
   */
  public static int threshold(double p) {
    return (int) (p * 0x1p31);
  }

  /** Whether dropout with this key keeps the index-th element. */
  public static boolean keep(long key, long index, int threshold) {
    return bits32(lanes(key, index), (int) index) >>> 1 >= threshold;
  }

  /**
   * The two 32-bit keys of {@link #bits32} for the indices that share their upper 32 bits with this
   * one.
   */
  public static long lanes(long key, long index) {
    return bits(key, index >>> 32);
  }

  /**
   * 32 random bits: a bijection of the counter (the index's lower 32 bits) for any keys. It is the
   * three-round hash triple32 (Wellons, github.com/skeeto/hash-prospector: the least avalanche
   * bias), with one key added to the counter and the other in the first round, so that two streams
   * whose counters overlap differ. Dropout draws tens of millions of these a step: 32-bit
   * operations only, which C2 turns into vector instructions on any machine.
   */
  public static int bits32(long lanes, int counter) {
    int x = counter + (int) lanes;
    x = (x ^ (x >>> 17)) * 0xED5AD4BB + (int) (lanes >>> 32);
    x = (x ^ (x >>> 11)) * 0xAC4C1B51;
    x = (x ^ (x >>> 15)) * 0x31848BAB;
    return x ^ (x >>> 14);
  }
}
