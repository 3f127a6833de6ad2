package org.gpt2j.nn;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights [K,N] in 8 bits, off the heap, for inference: W[k][j] = scale[j] q[k][j], where q is an
 * integer from -127 to 127 and scale[j] the largest absolute value of column j over 127 (symmetric
 * quantisation per output channel).
 *
 * <p>Columns lie in panels of one width, save the last; in a panel of width w, the int at (k / 4) w
 * + j holds four rows of column j: q + 128 of row k in its byte k % 4, from the lowest on. Rows
 * that fill up the last four are zeros.
 */
public final class Int8Matrix {
  /** Columns of a panel at most: 3 KiB of floats. */
  public static final int MAX_WIDTH = 768;

  /** The q + 128 of zero, in all four bytes. */
  private static final int ZEROS = 0x80808080;

  private final int rows;
  private final int columns;
  private final int panelWidth;
  private final float[] scales;
  private final IntPointer memory;
  private final IntBuffer words;

  private Int8Matrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    int panels = (columns + MAX_WIDTH - 1) / MAX_WIDTH;
    panelWidth = ((columns + panels - 1) / panels + 15) / 16 * 16;
    scales = new float[columns];
    memory = new IntPointer((long) quads() * columns);
    words = memory.asBuffer();
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
    float[] row = new float[width];
    float[] largest = new float[width];
    for (int k = 0; k < rows; k++) {
      source.get(k * columns + first, row);
      for (int j = 0; j < width; j++) {
        largest[j] = Math.max(largest[j], Math.abs(row[j]));
      }
    }
    for (int j = 0; j < width; j++) {
      scales[first + j] = largest[j] / 127;
    }
    int[] packed = zeros(width);
    for (int k = 0; k < rows; k++) {
      source.get(k * columns + first, row);
      for (int j = 0; j < width; j++) {
        packed[k / 4 * width + j] ^= round(row[j], largest[j]) << k % 4 * 8;
      }
    }
    words.put(start(panel), packed);
  }

  private void packColumns(FloatBuffer source, int panel) {
    int first = first(panel);
    int width = width(panel);
    float[] column = new float[rows];
    int[] packed = zeros(width);
    for (int j = 0; j < width; j++) {
      source.get((first + j) * rows, column);
      float largest = 0;
      for (float x : column) {
        largest = Math.max(largest, Math.abs(x));
      }
      scales[first + j] = largest / 127;
      for (int k = 0; k < rows; k++) {
        packed[k / 4 * width + j] ^= round(column[k], largest) << k % 4 * 8;
      }
    }
    words.put(start(panel), packed);
  }

  private int[] zeros(int width) {
    int[] packed = new int[quads() * width];
    Arrays.fill(packed, ZEROS);
    return packed;
  }

  /** The byte that turns 128 into q + 128 when xored with it. */
  private static int round(float x, float largest) {
    return largest == 0 ? 0 : (int) Math.rint(x * 127.0 / largest) & 0xff;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** The scale of each column. */
  public float[] scales() {
    return scales.clone();
  }

  /** Copies the scales of n columns from a first one on. */
  public void scales(int first, float[] to, int n) {
    System.arraycopy(scales, first, to, 0, n);
  }

  /** Ints that hold one column, each four of its rows. */
  public int quads() {
    return (rows + 3) / 4;
  }

  public int panels() {
    return (columns + panelWidth - 1) / panelWidth;
  }

  /** Columns of a panel. */
  public int width(int panel) {
    return Math.min(panelWidth, columns - first(panel));
  }

  /** A panel's first column. */
  public int first(int panel) {
    return panel * panelWidth;
  }

  /** Place of a panel's first int in {@link #words}. */
  public int start(int panel) {
    return first(panel) * quads();
  }

  /** The panels, one after the other: for absolute reads. */
  public IntBuffer words() {
    return words;
  }

  /** Bytes that the matrix takes. */
  public long bytes() {
    return memory.capacity() * Integer.BYTES + (long) columns * Float.BYTES;
  }

  /** Widens one column: K floats. */
  public void column(int j, float[] to) {
    int panel = j / panelWidth;
    int width = width(panel);
    int at = start(panel) + j % panelWidth;
    for (int k = 0; k < rows; k++) {
      int word = words.get(at + k / 4 * width);
      to[k] = ((word >>> k % 4 * 8 & 0xff) - 128) * scales[j];
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
