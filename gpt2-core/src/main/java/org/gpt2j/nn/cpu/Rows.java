package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.gpt2j.nn.Int8Matrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reductions and kernels over the rows of a matrix. */
final class Rows {
  /** Rows of a block of work; partial sums are made per block, so it must not vary. */
  static final int BLOCK = 16;

  private Rows() {}

  static float[] vector(INDArray x) {
    float[] a = new float[Math.toIntExact(x.length())];
    Floats.buffer(x).get(0, a);
    return a;
  }

  static void broadcastRow(INDArray row, INDArray y) {
    int rows = (int) y.size(0);
    int c = (int) y.size(1);
    float[] values = vector(row);
    FloatBuffer yb = Floats.buffer(y);
    Parallel.forRange(
        rows,
        BLOCK,
        (begin, end) -> {
          for (int t = begin; t < end; t++) {
            yb.put(t * c, values);
          }
        });
  }

  static void addBiasBackward(INDArray dy, INDArray dBias) {
    int rows = (int) dy.size(0);
    int c = (int) dy.size(1);
    FloatBuffer dyb = Floats.buffer(dy);
    float[][] partial = new float[blocks(rows)][];
    Parallel.forRange(
        rows,
        BLOCK,
        (begin, end) -> {
          float[] sum = new float[c];
          float[] row = new float[c];
          for (int t = begin; t < end; t++) {
            dyb.get(t * c, row);
            for (int i = 0; i < c; i++) {
              sum[i] += row[i];
            }
          }
          partial[begin / BLOCK] = sum;
        });
    addPartials(partial, dBias);
  }

  static int blocks(int rows) {
    return (rows + BLOCK - 1) / BLOCK;
  }

  /** target += the partial sums, in the order of their blocks. */
  static void addPartials(float[][] partial, INDArray target) {
    float[] sum = vector(target);
    for (float[] p : partial) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += p[i];
      }
    }
    Floats.buffer(target).put(0, sum);
  }

  static void embedding(int[] ids, int[] positions, INDArray wte, INDArray wpe, INDArray y) {
    FloatBuffer tokens = Floats.buffer(wte);
    embedding((id, row) -> tokens.get(id * row.length, row), ids, positions, wpe, y);
  }

  static void int8Embedding(int[] ids, int[] positions, Int8Matrix wte, INDArray wpe, INDArray y) {
    embedding(wte::column, ids, positions, wpe, y);
  }

  /** Copies the row of a token. */
  @FunctionalInterface
  private interface TokenTable {
    void get(int id, float[] row);
  }

  private static void embedding(
      TokenTable tokens, int[] ids, int[] positions, INDArray wpe, INDArray y) {
    int c = (int) y.size(1);
    FloatBuffer places = Floats.buffer(wpe);
    FloatBuffer yb = Floats.buffer(y);
    Parallel.forRange(
        ids.length,
        BLOCK,
        (begin, end) -> {
          float[] a = new float[c];
          float[] b = new float[c];
          for (int t = begin; t < end; t++) {
            tokens.get(ids[t], a);
            places.get(positions[t] * c, b);
            for (int i = 0; i < c; i++) {
              a[i] += b[i];
            }
            yb.put(t * c, a);
          }
        });
  }

  /** Serial: two tokens may share a row, and the order of the additions is fixed. */
  static void embeddingBackward(INDArray dy, int[] rows, INDArray dTable) {
    int c = (int) dy.size(1);
    FloatBuffer dyb = Floats.buffer(dy);
    FloatBuffer table = Floats.buffer(dTable);
    float[] a = new float[c];
    float[] b = new float[c];
    for (int t = 0; t < rows.length; t++) {
      dyb.get(t * c, a);
      table.get(rows[t] * c, b);
      for (int i = 0; i < c; i++) {
        b[i] += a[i];
      }
      table.put(rows[t] * c, b);
    }
  }

  static void gatherRows(INDArray x, int[] rows, INDArray y) {
    int c = (int) x.size(1);
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer yb = Floats.buffer(y);
    for (int i = 0; i < rows.length; i++) {
      yb.put(i * c, xb, rows[i] * c, c);
    }
  }
}
