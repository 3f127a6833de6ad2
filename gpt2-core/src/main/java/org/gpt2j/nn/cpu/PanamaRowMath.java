package org.gpt2j.nn.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.gpt2j.nn.CounterRandom;

/**
 * The Vector API where it beats what C2 makes of {@link DefaultRowMath}. The formulas are the same,
 * without fused multiply-adds, so that exponentials and masks have the same bits; sums differ in
 * their order. Reductions of a vector are done lane by lane: the API leaves their order open.
 */
final class PanamaRowMath extends DefaultRowMath {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  /** Floats that are added up in float before they go on in double precision. */
  private static final int SUM_BLOCK = 64 * LANES;

  PanamaRowMath() {
    if (FLOATS.vectorBitSize() < 128) {
      throw new UnsupportedOperationException("vectors have " + FLOATS.vectorBitSize() + " bits");
    }
  }

  @Override
  public String toString() {
    return "Vector API on " + FLOATS.vectorBitSize() + " bits";
  }

  @Override
  public float max(float[] x, int n) {
    int end = FLOATS.loopBound(n);
    if (end == 0) {
      return super.max(x, n);
    }
    FloatVector m0 = FloatVector.fromArray(FLOATS, x, 0);
    FloatVector m1 = m0;
    int i = LANES;
    for (; i + LANES < end; i += 2 * LANES) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, x, i));
      m1 = m1.max(FloatVector.fromArray(FLOATS, x, i + LANES));
    }
    if (i < end) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, x, i));
    }
    float max = m0.max(m1).reduceLanes(VectorOperators.MAX);
    for (i = end; i < n; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  @Override
  public double sum(float[] x, int n) {
    int end = FLOATS.loopBound(n);
    if (end == 0) {
      return super.sum(x, n);
    }
    double sum = 0;
    for (int from = 0; from < end; from += SUM_BLOCK) {
      int to = Math.min(end, from + SUM_BLOCK);
      // We don't know how many additions the CPU has in flight: four cover the usual ones.
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = from;
      for (; i + 3 * LANES < to; i += 4 * LANES) {
        s0 = s0.add(FloatVector.fromArray(FLOATS, x, i));
        s1 = s1.add(FloatVector.fromArray(FLOATS, x, i + LANES));
        s2 = s2.add(FloatVector.fromArray(FLOATS, x, i + 2 * LANES));
        s3 = s3.add(FloatVector.fromArray(FLOATS, x, i + 3 * LANES));
      }
      for (; i < to; i += LANES) {
        s0 = s0.add(FloatVector.fromArray(FLOATS, x, i));
      }
      sum += sumOfLanes(s0.add(s1).add(s2.add(s3)));
    }
    for (int i = end; i < n; i++) {
      sum += x[i];
    }
    return sum;
  }

  @Override
  public double dot(float[] x, float[] y, int n) {
    int end = FLOATS.loopBound(n);
    if (end == 0) {
      return super.dot(x, y, n);
    }
    double sum = 0;
    for (int from = 0; from < end; from += SUM_BLOCK) {
      int to = Math.min(end, from + SUM_BLOCK);
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = from;
      for (; i + 3 * LANES < to; i += 4 * LANES) {
        s0 = s0.add(product(x, y, i));
        s1 = s1.add(product(x, y, i + LANES));
        s2 = s2.add(product(x, y, i + 2 * LANES));
        s3 = s3.add(product(x, y, i + 3 * LANES));
      }
      for (; i < to; i += LANES) {
        s0 = s0.add(product(x, y, i));
      }
      sum += sumOfLanes(s0.add(s1).add(s2.add(s3)));
    }
    for (int i = end; i < n; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  private static FloatVector product(float[] x, float[] y, int at) {
    return FloatVector.fromArray(FLOATS, x, at).mul(FloatVector.fromArray(FLOATS, y, at));
  }

  private static double sumOfLanes(FloatVector v) {
    float[] lanes = new float[LANES];
    v.intoArray(lanes, 0);
    double even = 0;
    double odd = 0;
    for (int i = 0; i < LANES; i += 2) {
      even += lanes[i];
      odd += lanes[i + 1];
    }
    return even + odd;
  }

  @Override
  public void expMinus(float[] x, int n, float shift) {
    int end = FLOATS.loopBound(n);
    for (int i = 0; i < end; i += LANES) {
      exp(FloatVector.fromArray(FLOATS, x, i).sub(shift)).intoArray(x, i);
    }
    for (int i = end; i < n; i++) {
      x[i] = exp(x[i] - shift);
    }
  }

  /** {@link DefaultRowMath#exp(float)}, operation by operation. */
  private static FloatVector exp(FloatVector x) {
    FloatVector v = x.min(MAX_EXPONENT).max(MIN_EXPONENT);
    FloatVector rounded = v.mul(LOG2_E).add(ROUND);
    FloatVector k = rounded.sub(ROUND);
    FloatVector r = v.sub(k.mul(LN2_HIGH)).sub(k.mul(LN2_LOW));
    FloatVector p = r.mul(EXP_6).add(EXP_5);
    p = p.mul(r).add(EXP_4);
    p = p.mul(r).add(EXP_3);
    p = p.mul(r).add(EXP_2);
    p = p.mul(r).add(EXP_1);
    p = p.mul(r).mul(r).add(r).add(1f);
    IntVector power =
        rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(BITS_OF_ONE);
    return p.mul(power.reinterpretAsFloats());
  }

  @Override
  public void dropout(float[] x, int n, long lanes, int counter, int threshold, float factor) {
    int end = FLOATS.loopBound(n);
    IntVector counters = IntVector.fromArray(INTS, INDEX, 0).add(counter);
    int factorBits = Float.floatToRawIntBits(factor);
    for (int i = 0; i < end; i += LANES) {
      IntVector random = bits32(lanes, counters.add(i)).lanewise(VectorOperators.LSHR, 1);
      IntVector dropped = random.sub(threshold).lanewise(VectorOperators.ASHR, 31);
      FloatVector factors = dropped.not().and(factorBits).reinterpretAsFloats();
      FloatVector.fromArray(FLOATS, x, i).mul(factors).intoArray(x, i);
    }
    for (int i = end; i < n; i++) {
      boolean kept = CounterRandom.bits32(lanes, counter + i) >>> 1 >= threshold;
      x[i] *= kept ? factor : 0f;
    }
  }

  /** {@link CounterRandom#bits32}, operation by operation. */
  private static IntVector bits32(long lanes, IntVector counter) {
    IntVector x = counter.add((int) lanes);
    x = xorShift(x, 17).mul(0xED5AD4BB).add((int) (lanes >>> 32));
    x = xorShift(x, 11).mul(0xAC4C1B51);
    x = xorShift(x, 15).mul(0x31848BAB);
    return xorShift(x, 14);
  }

  private static IntVector xorShift(IntVector x, int shift) {
    return x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, shift));
  }
}
