package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.gpt2j.training.DirectoryLock;
import org.gpt2j.training.Trainer;

/** Turns Ctrl-C and SIGTERM into an interruption of the work, such as a training. */
final class InterruptHook {
  /** Exit status of a program that Ctrl-C ended. */
  static final int EXIT_CODE = 130;

  private InterruptHook() {}

  /** What is saved after a training. */
  @FunctionalInterface
  interface Finish {
    void run() throws IOException;
  }

  /** What can be told to end. */
  @FunctionalInterface
  interface Work {
    int run() throws IOException;
  }

  /**
   * Trains and saves, and keeps the output directory from other trainings until all is saved; if
   * the program is told to end, it does so when the step is finished, its checkpoint saved and the
   * way to go on from it printed. A training that is complete is saved.
   *
   * @param resume as {@code --resume} gives it: null to begin, empty for the output directory
   * @return 0, or the exit status if the training was interrupted
   */
  static int train(Trainer trainer, String resume, PrintWriter out, Finish finish)
      throws IOException {
    Path from =
        resume == null ? null : resume.isEmpty() ? trainer.args().outputDir() : Path.of(resume);
    return run(
        trainer::interrupt,
        () -> {
          DirectoryLock lock = DirectoryLock.lock(trainer.args().outputDir(), trainer);
          try {
            trainer.train(from);
            if (!trainer.isInterrupted()) {
              finish.run();
              return 0;
            }
            out.printf(
                "interrupted: checkpoint-%s is saved in %s; the same command with --resume goes on"
                    + " from it%n",
                trainer.state().globalStep(), trainer.args().outputDir());
            out.flush();
            return EXIT_CODE;
          } finally {
            lock.close();
          }
        });
  }

  /**
   * Works; if the program is told to end, it does so when the work has come to its end.
   *
   * @param interrupt tells the work, from another thread, to end soon
   * @param work gives the exit status
   */
  static int run(Runnable interrupt, Work work) throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> interruptAndWait(interrupt, ended));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.run();
    } finally {
      remove(hook);
      ended.countDown();
    }
  }

  private static void interruptAndWait(Runnable interrupt, CountDownLatch ended) {
    interrupt.run();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already, and the hook runs.
    }
  }
}
