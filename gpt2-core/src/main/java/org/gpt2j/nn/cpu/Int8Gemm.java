package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.bytedeco.javacpp.FloatPointer;
import org.gpt2j.nn.Int8Matrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * c [m,n] = a [m,k] b + beta c with b in 8 bits: a third way for each size. Very few rows of a are
 * rounded to integers, too, as memory's speed is all that counts then; some are multiplied as in
 * {@link SmallGemm}, strips of b being widened in the cache; many by the BLAS, parts of b being
 * widened for it. Work is split into panels of b's columns and, where those are few, into blocks of
 * its rows, whose sums are added in their order.
 */
final class Int8Gemm {
  /** Rows up to which integers are the fastest. */
  private static final int INTEGER_ROWS = 8;

  /** Rows from which the BLAS is. */
  private static final int BLAS_ROWS = 64;

  private static final int BLOCKS = 4;
  private static final int MANY_PANELS = 8;

  /** Rows of b in the cache: as many as are a multiple of four and of a tile's strip. */
  private static final int STRIP = 2 * SmallGemmTile.STRIP;

  private static final int WIDTH = Int8Matrix.MAX_WIDTH;
  private static final int PART_COLUMNS = WIDTH / 2;
  private static final int PART_ROWS = 256;

  private static final ThreadLocal<Int8Gemm> INSTANCE = ThreadLocal.withInitial(Int8Gemm::new);

  private final Int8Widening widening = new Int8Widening(WIDTH);
  private final float[][] strip = new float[STRIP][WIDTH];
  private final float[] row = new float[WIDTH];
  private final float[] scales = new float[WIDTH];
  private float[] coefficients = new float[0];

  /** Sums of the blocks of a product that this thread called for. */
  private float[][] shared = new float[0][];

  /** Sums of a block that no other thread has to see. */
  private float[][] own = new float[0][];

  private FloatPointer part = new FloatPointer(0);

  private Int8Gemm() {}

  static void multiply(INDArray a, Int8Matrix b, float beta, INDArray c) {
    int m = (int) a.size(0);
    if (a.size(1) != b.rows() || c.size(0) != m || c.size(1) != b.columns()) {
      throw new IllegalArgumentException(
          String.format(
              "int8Gemm: a [%d,%d] times b [%d,%d] does not give c [%d,%d]",
              m, a.size(1), b.rows(), b.columns(), c.size(0), c.size(1)));
    }
    if (m >= BLAS_ROWS) {
      multiplyMany(m, Floats.pointer(a), b, beta, Floats.pointer(c));
    } else {
      multiplyFew(m, Floats.buffer(a), b, beta, Floats.buffer(c));
    }
  }

  private static void multiplyFew(int m, FloatBuffer a, Int8Matrix b, float beta, FloatBuffer c) {
    int panels = b.panels();
    int depth = panels < MANY_PANELS ? (b.rows() + BLOCKS - 1) / BLOCKS : b.rows();
    int size = (depth + STRIP - 1) / STRIP * STRIP;
    int blocks = (b.rows() + size - 1) / size;
    Int8Gemm caller = INSTANCE.get();
    if (blocks > 1) {
      caller.shared = SmallGemm.atLeast(caller.shared, panels * blocks * m, WIDTH);
    }
    float[][] shared = caller.shared;
    AtomicIntegerArray done = new AtomicIntegerArray(panels);
    Parallel.forEach(
        panels * blocks,
        task -> {
          Int8Gemm thread = INSTANCE.get();
          int panel = task / blocks;
          int from = task % blocks * size;
          int to = Math.min(b.rows(), from + size);
          float[][] sums = blocks > 1 ? shared : thread.ownSums(m);
          int first = blocks > 1 ? task * m : 0;
          if (m <= INTEGER_ROWS) {
            Int8Rows.block(m, a, b, panel, from, to, sums, first);
          } else {
            thread.block(m, a, b, panel, from, to, sums, first);
          }
          if (done.incrementAndGet(panel) == blocks) {
            int start = blocks > 1 ? panel * blocks * m : 0;
            thread.finish(m, b, panel, blocks, sums, start, beta, c);
          }
        });
  }

  private float[][] ownSums(int m) {
    own = SmallGemm.atLeast(own, m, WIDTH);
    return own;
  }

  /** c's panel = the sums of its blocks, each m rows of sums from start on, times the scales. */
  private void finish(
      int m,
      Int8Matrix b,
      int panel,
      int blocks,
      float[][] sums,
      int start,
      float beta,
      FloatBuffer c) {
    int n = b.width(panel);
    b.scales(b.first(panel), scales, n);
    for (int i = 0; i < m; i++) {
      float[] sum = sums[start + i];
      for (int block = 1; block < blocks; block++) {
        SmallGemm.add(sums[start + block * m + i], sum, n);
      }
      int at = i * b.columns() + b.first(panel);
      if (beta == 0) { // as in BLAS: it does not matter what c holds, even NaN
        Arrays.fill(row, 0, n, 0f);
      } else {
        c.get(at, row, 0, n);
      }
      for (int j = 0; j < n; j++) {
        row[j] = sum[j] * scales[j] + beta * row[j];
      }
      c.put(at, row, 0, n);
    }
  }

  /** Sums over rows from..to of b's q, without the scales. */
  private void block(
      int m, FloatBuffer a, Int8Matrix b, int panel, int from, int to, float[][] sums, int first) {
    int n = b.width(panel);
    coefficients = SmallGemmTile.coefficients(m, b.rows(), from, to, a, coefficients);
    for (int i = 0; i < m; i++) {
      Arrays.fill(sums[first + i], 0, n, 0f);
    }
    int at = 0;
    for (int r = from; r < to; r += STRIP) {
      widening.load(b, panel, r, Math.min(to, r + STRIP), 0, n, strip);
      for (int half = 0; half < STRIP && r + half < to; half += SmallGemmTile.STRIP) {
        for (int i = 0; i < m; i += SmallGemmTile.ROWS) {
          int rows = Math.min(SmallGemmTile.ROWS, m - i);
          SmallGemmTile.add(rows, sums, first + i, strip, half, coefficients, at, n);
          at += SmallGemmTile.COEFFICIENTS;
        }
      }
    }
    float[] x = new float[to - from];
    for (int i = 0; i < m; i++) {
      a.get(i * b.rows() + from, x);
      double sum = 0;
      for (float v : x) {
        sum += v;
      }
      Int8Widening.toIntegers(sums[first + i], (float) (Int8Widening.OFFSET * sum), n);
    }
  }

  private static void multiplyMany(
      int m, FloatPointer a, Int8Matrix b, float beta, FloatPointer c) {
    Parallel.forEach(2 * b.panels(), p -> INSTANCE.get().part(m, p, a, b, beta, c));
  }

  /** PART_COLUMNS columns of c, by the BLAS. */
  private void part(int m, int index, FloatPointer a, Int8Matrix b, float beta, FloatPointer c) {
    int panel = index / 2;
    int first = index % 2 * PART_COLUMNS;
    int n = Math.min(PART_COLUMNS, b.width(panel) - first);
    if (n <= 0) {
      return;
    }
    int k = b.rows();
    if (part.capacity() == 0) {
      part = new FloatPointer((long) PART_ROWS * PART_COLUMNS);
    }
    FloatBuffer floats = part.asBuffer();
    b.scales(b.first(panel) + first, scales, n);
    for (int from = 0; from < k; from += PART_ROWS) {
      int to = Math.min(k, from + PART_ROWS);
      for (int r = from; r < to; r += STRIP) {
        int end = Math.min(to, r + STRIP);
        widening.load(b, panel, r, end, first, n, strip);
        for (int i = r; i < end; i++) {
          Int8Widening.scale(strip[i - r], scales, n);
          floats.put((i - from) * n, strip[i - r], 0, n);
        }
      }
      Blas.gemm(
          false,
          false,
          m,
          n,
          to - from,
          1f,
          a.getPointer(from),
          k,
          part,
          n,
          from == 0 ? beta : 1f,
          c.getPointer((long) b.first(panel) + first),
          b.columns());
    }
  }
}
