package org.gpt2j.nn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights [K,N] in 8 bits, off the heap, for inference: W[k][j] = scale[j] q[k][j], where q is an
 * integer from -127 to 127 and scale[j] the largest absolute value of column j over 127 (symmetric
 * quantisation per output channel).
 *
 * <p>Columns lie in panels of {@link #PANEL}, save the last; a panel of width w is a matrix [K,w]
 * of bytes, row after row, so that a product reads it in one go.
 */
public final class Int8Matrix {
  /** Columns of a panel. */
  public static final int PANEL = 96;

  private final int rows;
  private final int columns;
  private final float[] scales;
  private final int[] sums;
  private final BytePointer memory;
  private final ByteBuffer bytes;

  private Int8Matrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    scales = new float[columns];
    sums = new int[columns];
    memory = new BytePointer(Math.multiplyExact(4 * quads(), columns));
    bytes = memory.asBuffer();
  }

  /** Rounds a matrix [K,N] of floats. */
  public static Int8Matrix of(INDArray w) {
    Int8Matrix matrix = new Int8Matrix(Math.toIntExact(w.size(0)), Math.toIntExact(w.size(1)));
    FloatBuffer source = floats(w);
    IntStream.range(0, matrix.panels()).parallel().forEach(p -> matrix.packRows(source, p));
    return matrix;
  }

  /** Rounds a matrix of floats [N,K], whose rows become columns, each with its own scale. */
  public static Int8Matrix ofTransposed(INDArray w) {
    Int8Matrix matrix = new Int8Matrix(Math.toIntExact(w.size(1)), Math.toIntExact(w.size(0)));
    FloatBuffer source = floats(w);
    IntStream.range(0, matrix.panels()).parallel().forEach(p -> matrix.packColumns(source, p));
    return matrix;
  }

  private static FloatBuffer floats(INDArray w) {
    return w.castTo(DataType.FLOAT).data().asNioFloat();
  }

  private void packRows(FloatBuffer source, int panel) {
    int first = first(panel);
    int width = width(panel);
    float[] values = new float[rows * width];
    float[] row = new float[width];
    for (int k = 0; k < rows; k++) {
      source.get(k * columns + first, row);
      System.arraycopy(row, 0, values, k * width, width);
    }
    pack(values, panel);
  }

  private void packColumns(FloatBuffer source, int panel) {
    int first = first(panel);
    int width = width(panel);
    float[] values = new float[rows * width];
    float[] column = new float[rows];
    for (int j = 0; j < width; j++) {
      source.get((first + j) * rows, column);
      for (int k = 0; k < rows; k++) {
        values[k * width + j] = column[k];
      }
    }
    pack(values, panel);
  }

  /** Rounds a panel [K,width]. */
  private void pack(float[] values, int panel) {
    int first = first(panel);
    int width = width(panel);
    float[] largest = new float[width];
    for (int at = 0; at < values.length; at += width) {
      for (int j = 0; j < width; j++) {
        largest[j] = Math.max(largest[j], Math.abs(values[at + j]));
      }
    }
    for (int j = 0; j < width; j++) {
      scales[first + j] = largest[j] / 127;
    }
    byte[] packed = new byte[4 * quads() * width];
    for (int k = 0; k < rows; k++) {
      int at = place(k) * width;
      for (int j = 0; j < width; j++) {
        float x = values[k * width + j];
        int q = largest[j] == 0 ? 0 : (int) Math.rint(x * 127.0 / largest[j]);
        packed[at + j] = (byte) q;
        sums[first + j] += q;
      }
    }
    bytes.put(start(panel), packed);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** Q: a quarter of the rows, rounded up. */
  public int quads() {
    return (rows + 3) / 4;
  }

  /** Where row k lies in each panel. */
  public int place(int k) {
    return 4 * (k % quads()) + k / quads();
  }

  /** The scale of each column. */
  public float[] scales() {
    return scales.clone();
  }

  /** Copies the scales of n columns from a first one on. */
  public void scales(int first, float[] to, int n) {
    System.arraycopy(scales, first, to, 0, n);
  }

  /** Copies the sums over q of n columns from a first one on. */
  public void sums(int first, int[] to, int n) {
    System.arraycopy(sums, first, to, 0, n);
  }

  public int panels() {
    return (columns + PANEL - 1) / PANEL;
  }

  /** Columns of a panel. */
  public int width(int panel) {
    return Math.min(PANEL, columns - first(panel));
  }

  /** A panel's first column. */
  public int first(int panel) {
    return panel * PANEL;
  }

  private int start(int panel) {
    return first(panel) * 4 * quads();
  }

  /** A panel's q [4Q,width]. */
  public BytePointer panel(int panel) {
    return memory.getPointer(start(panel));
  }

  /** Bytes that the matrix takes. */
  public long bytes() {
    return memory.capacity() + (long) columns * (Float.BYTES + Integer.BYTES);
  }

  /** Widens one column: K floats. */
  public void column(int j, float[] to) {
    int panel = j / PANEL;
    int width = width(panel);
    int at = start(panel) + j % PANEL;
    for (int k = 0; k < rows; k++) {
      to[k] = bytes.get(at + place(k) * width) * scales[j];
    }
  }

  /** The matrix [K,N] in a floating type. */
  public INDArray widen(DataType type) {
    float[] all = new float[Math.multiplyExact(rows, columns)];
    float[] column = new float[rows];
    for (int j = 0; j < columns; j++) {
      column(j, column);
      for (int k = 0; k < rows; k++) {
        all[k * columns + j] = column[k];
      }
    }
    return Nd4j.createFromArray(all).reshape('c', rows, columns).castTo(type);
  }
}
