package org.gpt2j.nn;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights [K,N] as floats, off the heap, in the order in which a product of few rows reads them:
 * columns lie in panels of {@link #PANEL}, save the last, and a panel of width w is a matrix [K,w],
 * row after row.
 */
public final class PackedMatrix {
  /** Columns of a panel: as many as oneDNN's kernels for AVX-512 keep sums of in registers. */
  public static final int PANEL = 48;

  private final int rows;
  private final int columns;
  private final FloatPointer memory;

  private PackedMatrix(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    memory = new FloatPointer((long) Math.multiplyExact(rows, columns));
  }

  /** Copies a matrix [K,N] of floats. */
  public static PackedMatrix of(INDArray w) {
    PackedMatrix matrix = new PackedMatrix(Math.toIntExact(w.size(0)), Math.toIntExact(w.size(1)));
    FloatBuffer source = w.castTo(DataType.FLOAT).data().asNioFloat();
    IntStream.range(0, matrix.panels()).parallel().forEach(p -> matrix.pack(source, p));
    return matrix;
  }

  private void pack(FloatBuffer source, int panel) {
    int width = width(panel);
    float[] values = new float[rows * width];
    for (int k = 0; k < rows; k++) {
      source.get(k * columns + first(panel), values, k * width, width);
    }
    panel(panel).put(values);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
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

  /** A panel [K,width]. */
  public FloatPointer panel(int panel) {
    return memory.getPointer((long) first(panel) * rows);
  }

  /** The matrix [K,N] in a floating type. */
  public INDArray unpack(DataType type) {
    float[] all = new float[rows * columns];
    for (int p = 0; p < panels(); p++) {
      float[] values = new float[rows * width(p)];
      panel(p).get(values);
      for (int k = 0; k < rows; k++) {
        System.arraycopy(values, k * width(p), all, k * columns + first(p), width(p));
      }
    }
    return Nd4j.createFromArray(all).reshape('c', rows, columns).castTo(type);
  }
}
