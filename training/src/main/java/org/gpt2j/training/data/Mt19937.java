package org.gpt2j.training.data;

/**
 * The Mersenne Twister MT19937 with the seeding and the draws of numpy's legacy {@code
 * RandomState}, so that rows picked with pandas' {@code DataFrame.sample(..., random_state=seed)}
 * can be picked again, bit for bit.
 *
 * <p>Sources: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998; numpy {@code
 * random/src/mt19937/mt19937.c} ({@code mt19937_seed}, {@code mt19937_gen}), {@code
 * random/src/distributions/distributions.c} ({@code random_interval}) and {@code random/mtrand.pyx}
 * ({@code permutation}, {@code shuffle}). An integer seed takes numpy's {@code mt19937_seed}
 * (init_genrand); init_by_array serves only sequences of seeds and is not needed.
 */
public final class Mt19937 {
  private static final int STATE_LENGTH = 624;
  private static final int SHIFT = 397;
  private static final int MATRIX_A = 0x9908b0df;
  private static final int UPPER_BIT = 0x80000000;
  private static final int LOWER_BITS = 0x7fffffff;
  private static final long MAX_SEED = 0xffffffffL;

  private final int[] state = new int[STATE_LENGTH];
  private int position = STATE_LENGTH;

  /**
   * Seeds as {@code numpy.random.RandomState(seed)} does.
   *
   * @param seed 0 to 4294967295
   * @throws IllegalArgumentException if the seed is outside that range
   */
  public Mt19937(long seed) {
    checkSeed(seed);
    state[0] = (int) seed;
    for (int i = 1; i < STATE_LENGTH; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /**
   * @throws IllegalArgumentException if the constructor would refuse the seed
   */
  static void checkSeed(long seed) {
    if (seed < 0 || seed > MAX_SEED) {
      throw new IllegalArgumentException(
          "seed must be between 0 and " + MAX_SEED + ", found " + seed);
    }
  }

  /** The next 32 random bits (an unsigned number in numpy). */
  public int nextInt() {
    if (position == STATE_LENGTH) {
      twist();
    }
    int y = state[position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /**
   * A number from 0 to {@code max}, both included: numpy's {@code random_interval}, which masks 32
   * bits to the smallest power of two above {@code max} and draws again while the value is too
   * large.
   *
   * @throws IllegalArgumentException if {@code max} is negative
   */
  public int nextInterval(int max) {
    if (max < 0) {
      throw new IllegalArgumentException("max must not be negative, found " + max);
    }
    if (max == 0) {
      return 0; // numpy draws nothing here
    }
    int mask = -1 >>> Integer.numberOfLeadingZeros(max);
    int value = nextInt() & mask;
    while (value > max) {
      value = nextInt() & mask;
    }
    return value;
  }

  /**
   * The numbers 0 to {@code n - 1} in random order, as {@code RandomState.permutation(n)}. Its
   * first {@code k} entries are the rows of {@code DataFrame.sample(n=k)}, all of them those of
   * {@code DataFrame.sample(frac=1)}.
   *
   * @throws IllegalArgumentException if {@code n} is negative
   */
  public int[] permutation(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("n must not be negative, found " + n);
    }
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = nextInterval(i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private void twist() {
    for (int i = 0; i < STATE_LENGTH; i++) {
      int y = (state[i] & UPPER_BIT) | (state[(i + 1) % STATE_LENGTH] & LOWER_BITS);
      state[i] = state[(i + SHIFT) % STATE_LENGTH] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX_A);
    }
    position = 0;
  }
}
