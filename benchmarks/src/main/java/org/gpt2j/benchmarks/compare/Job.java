package org.gpt2j.benchmarks.compare;

/** Work that is timed item by item, such as the steps of a training. */
interface Job {
  int items();

  void run(int item);

  /**
   * Numbers that the other side must get from the same work, so that no side measures something
   * else. To be called before the first {@link #run}.
   */
  double[] check();
}
