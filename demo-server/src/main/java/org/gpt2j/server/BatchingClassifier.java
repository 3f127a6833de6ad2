package org.gpt2j.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.gpt2j.training.TextClassifier;

/**
 * Puts the texts of many clients together for the model, which one thread runs. Requests take turns
 * text by text, so that one of many texts does not keep the others waiting.
 */
final class BatchingClassifier implements AutoCloseable {
  /** Texts computed together at most. */
  private static final int BATCH_TEXTS = 64;

  /** Tokens after which a batch is full: matrix products have their full speed. */
  private static final int BATCH_TOKENS = 1024;

  /** One request. */
  private static final class Job {
    final List<EncodedText> texts;
    final Classification[] results;
    final CompletableFuture<List<Classification>> future = new CompletableFuture<>();
    int next;
    int done;

    Job(List<EncodedText> texts) {
      this.texts = texts;
      this.results = new Classification[texts.size()];
    }

    boolean isTaken() {
      return next == texts.size();
    }

    void complete(int index, Classification result) {
      results[index] = result;
      if (++done == results.length) {
        future.complete(Arrays.asList(results));
      }
    }
  }

  /** One text of a job, which the model runs. */
  private record Item(Job job, int index) {
    EncodedText text() {
      return job.texts.get(index);
    }
  }

  private final TextClassifier classifier;
  private final int maxQueue;
  private final long waitNanos;
  private final Metrics metrics;
  private final Thread worker = new Thread(this::run, "classifier");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Job> jobs = new ArrayDeque<>();
  private int queuedTexts;
  private int queuedTokens;
  private boolean closed;

  /**
   * @param maxQueue texts that may wait
   * @param waitMillis time that a text waits for others
   */
  BatchingClassifier(TextClassifier classifier, int maxQueue, int waitMillis, Metrics metrics) {
    this.classifier = classifier;
    this.maxQueue = maxQueue;
    this.waitNanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    this.metrics = metrics;
    metrics.queueLength(this::queueLength);
    worker.setDaemon(true);
    worker.start();
  }

  /**
   * Texts to classify, at least one; cancelling the future takes those back that still wait.
   *
   * @throws ApiException if so many texts wait that these do not fit; a request that comes to an
   *     empty queue always does
   */
  CompletableFuture<List<Classification>> submit(List<EncodedText> texts) throws ApiException {
    lock.lock();
    try {
      if (closed) {
        throw new ApiException(ErrorCode.SHUTTING_DOWN, "The server is about to end.");
      }
      if (queuedTexts > 0 && queuedTexts + texts.size() > maxQueue) {
        throw new ApiException(
            ErrorCode.QUEUE_FULL,
            "%s texts wait for the model, which is too many: try again later."
                .formatted(queuedTexts));
      }
      Job job = new Job(texts);
      jobs.add(job);
      texts.forEach(text -> count(text, 1));
      changed.signalAll();
      return job.future;
    } finally {
      lock.unlock();
    }
  }

  private void count(EncodedText text, int sign) {
    queuedTexts += sign;
    queuedTokens += sign * text.tokenIds().length;
  }

  /** Texts that wait. */
  int queueLength() {
    lock.lock();
    try {
      return queuedTexts;
    } finally {
      lock.unlock();
    }
  }

  /** The thread that runs the model, if it has ended, else null. */
  Thread ended() {
    return worker.isAlive() ? null : worker;
  }

  private void run() {
    while (true) {
      try {
        List<Item> batch = nextBatch();
        if (batch == null) {
          return;
        }
        compute(batch);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // closed, and the time to finish is over
        return;
      } catch (RuntimeException | Error e) { // memory is full: those who come later may have some
        failAll(e);
      }
    }
  }

  /** Empties the queue. */
  private void failAll(Throwable cause) {
    lock.lock();
    try {
      for (Job job : jobs) {
        job.future.completeExceptionally(cause);
      }
      jobs.clear();
      queuedTexts = 0;
      queuedTokens = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for texts; null when closed and all are taken. */
  private List<Item> nextBatch() throws InterruptedException {
    lock.lock();
    try {
      while (jobs.isEmpty()) {
        if (closed) {
          return null;
        }
        changed.await();
      }
      long left = waitNanos;
      while (left > 0 && queuedTexts < BATCH_TEXTS && queuedTokens < BATCH_TOKENS && !closed) {
        left = changed.awaitNanos(left);
      }
      return takeBatch();
    } finally {
      lock.unlock();
    }
  }

  private List<Item> takeBatch() {
    List<Item> batch = new ArrayList<>();
    int tokens = 0;
    while (!jobs.isEmpty() && batch.size() < BATCH_TEXTS) {
      Job job = jobs.remove();
      if (job.future.isDone()) { // cancelled, or failed with an earlier batch
        job.texts.subList(job.next, job.texts.size()).forEach(text -> count(text, -1));
        continue;
      }
      Item item = new Item(job, job.next);
      int length = item.text().tokenIds().length;
      if (!batch.isEmpty() && tokens + length > BATCH_TOKENS) {
        jobs.addFirst(job);
        break;
      }
      batch.add(item);
      tokens += length;
      count(item.text(), -1);
      job.next++;
      if (!job.isTaken()) {
        jobs.add(job);
      }
    }
    return batch;
  }

  private void compute(List<Item> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      List<Classification> results =
          classifier.classifyEncoded(batch.stream().map(Item::text).toList());
      metrics.batch(
          batch.size(), batch.stream().mapToInt(item -> item.text().tokenIds().length).sum());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).job().complete(batch.get(i).index(), results.get(i));
      }
    } catch (RuntimeException | Error e) {
      batch.forEach(item -> item.job().future.completeExceptionally(e));
    }
  }

  /** Takes no more texts, and finishes those that it has, for a time. */
  void close(long millis) {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      worker.join(Math.max(1, millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    worker.interrupt();
  }

  @Override
  public void close() {
    close(0);
  }
}
