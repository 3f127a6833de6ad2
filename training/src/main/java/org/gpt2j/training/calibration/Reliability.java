package org.gpt2j.training.calibration;

import java.util.ArrayList;
import java.util.List;

/**
 * How far probabilities agree with frequencies: texts are put into ten bins of equal width by their
 * probability, and each bin's mean probability is held against the part of its texts of which it
 * came true (Naeini et al. 2015, Guo et al. 2017). Of two classes the probability is that of class
 * 1; of more it is that of the class that was said.
 */
public final class Reliability {
  /** Number of bins. */
  public static final int BINS = 10;

  private final double[] sums = new double[BINS];
  private final int[] hits = new int[BINS];
  private final int[] counts = new int[BINS];
  private int total;

  /**
   * A bin with texts in it.
   *
   * @param probability their mean probability
   * @param frequency part of them of which it came true
   * @param count number of them
   */
  public record Bin(double probability, double frequency, int count) {}

  /**
   * Counts texts.
   *
   * @param logits [N, classes], whose softmax are the probabilities
   * @param labels class indices [N]
   */
  public static Reliability of(float[][] logits, int[] labels) {
    Reliability reliability = new Reliability();
    for (int i = 0; i < labels.length; i++) {
      reliability.add(logits[i], labels[i]);
    }
    return reliability;
  }

  /**
   * Counts a text.
   *
   * @param logits [classes], whose softmax are the probabilities
   * @param label its class
   */
  public void add(float[] logits, int label) {
    int said = logits.length == 2 ? 1 : Calibration.argmax(logits);
    double p = Calibration.probabilities(logits)[said];
    int bin = Math.min(BINS - 1, (int) (p * BINS));
    sums[bin] += p;
    hits[bin] += label == said ? 1 : 0;
    counts[bin]++;
    total++;
  }

  /** The bins that hold a text, from low to high. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      if (counts[b] > 0) {
        bins.add(new Bin(sums[b] / counts[b], (double) hits[b] / counts[b], counts[b]));
      }
    }
    return bins;
  }

  /** Expected calibration error: the mean over all texts of their bin's difference; 0 of none. */
  public double expectedCalibrationError() {
    double error = 0;
    for (Bin bin : bins()) {
      error += bin.count() * Math.abs(bin.probability() - bin.frequency());
    }
    return total == 0 ? 0 : error / total;
  }
}
