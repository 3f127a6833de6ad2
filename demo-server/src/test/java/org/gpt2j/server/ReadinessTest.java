package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.gpt2j.training.EncodedText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server says of itself follows what works. */
class ReadinessTest {
  private static final Readiness.State FINE = new Readiness.State(true, null);

  private final AtomicReference<Readiness.State> parts = new AtomicReference<>(FINE);
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final AtomicInteger probes = new AtomicInteger();
  private final Readiness readiness = new Readiness(parts::get, this::probe);

  private void probe() throws Exception {
    probes.incrementAndGet();
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private void fail(Throwable failure) {
    Handler handler =
        readiness.watch(
            call -> {
              if (failure instanceof Error e) {
                throw e;
              }
              if (failure instanceof ApiException e) {
                throw e;
              }
              throw (RuntimeException) failure;
            });
    assertThatThrownBy(() -> handler.handle(null)).isSameAs(failure);
  }

  private void succeed() throws Exception {
    readiness.watch(call -> {}).handle(null);
  }

  @Test
  void isInDoubtAfterThreeFailures() throws Exception {
    failure.set(new IllegalStateException("the model has failed"));
    fail(new IllegalStateException());
    fail(new OutOfMemoryError("a test"));
    assertThat(readiness.check()).isEqualTo(FINE);
    fail(new ApiException(ErrorCode.ANSWER_TIMEOUT, "late"));
    assertThat(probes).hasValue(0);
    Readiness.State state = readiness.check();
    assertThat(state.live()).isTrue();
    assertThat(state.trouble()).isEqualTo("The last 3 requests failed; the log says how.");
    assertThat(readiness.known()).isEqualTo(state);
    assertThat(probes).hasValue(1);
  }

  @Test
  void itsOwnRequestSettlesTheDoubt() {
    List.of(1, 2, 3, 4).forEach(i -> fail(new IllegalStateException()));
    assertThat(readiness.known().ready()).isFalse();
    assertThat(readiness.check()).isEqualTo(FINE);
    assertThat(readiness.known()).isEqualTo(FINE);
    assertThat(probes).hasValue(1);
  }

  @Test
  void aSuccessBetweenThemAndFaultsOfClientsAreNoDoubt() throws Exception {
    fail(new IllegalStateException());
    fail(new IllegalStateException());
    succeed();
    fail(new IllegalStateException());
    fail(new IllegalStateException());
    fail(new ApiException(ErrorCode.INVALID_JSON, "no"));
    fail(new ApiException(ErrorCode.QUEUE_FULL, "no"));
    assertThat(readiness.check()).isEqualTo(FINE);
    assertThat(probes).hasValue(0);
  }

  @Test
  void asksItselfOnceAtATime() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    Readiness slow =
        new Readiness(
            parts::get,
            () -> {
              asked.countDown();
              answered.await();
            });
    Handler failing =
        slow.watch(
            call -> {
              throw new IllegalStateException();
            });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> failing.handle(null)).isInstanceOf(IllegalStateException.class);
    }
    CompletableFuture<Readiness.State> first = CompletableFuture.supplyAsync(slow::check);
    asked.await();
    assertThat(slow.check().ready()).isFalse();
    answered.countDown();
    assertThat(first.get(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(FINE);
  }

  @Test
  void withoutAPartNothingIsAsked() {
    List.of(1, 2, 3).forEach(i -> fail(new IllegalStateException()));
    Readiness.State dead = new Readiness.State(false, "The thread HTTP-Dispatcher has ended.");
    parts.set(dead);
    assertThat(readiness.check()).isEqualTo(dead);
    assertThat(probes).hasValue(0);
  }

  @Test
  void threadsOfTheJdksServerAreWatched(@TempDir Path directory) throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      HttpThreads threads = server.server.threads();
      // One that accepts, and two that close what is idle or slow.
      assertThat(names(threads)).hasSize(3).contains("HTTP-Dispatcher");
      server.post("/api/classify", "{\"text\": \"see you\"}");
      assertThat(names(threads)).hasSize(3);
      assertThat(server.metric("gpt2j_ready", "")).isEqualTo(1);

      threads.call(
          () -> {
            Thread timer =
                new Thread(
                    () -> {
                      throw new OutOfMemoryError("a test");
                    },
                    "timer");
            timer.start();
            return timer;
          });
      TestServer.await(() -> threads.ended() != null);
      HttpResponse<String> health = server.get("/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body())
          .isEqualTo("{\"live\":false,\"ready\":false,\"reason\":\"The thread timer has ended.\"}");
      assertThat(server.metric("gpt2j_ready", "")).isZero();
    }
  }

  private static List<String> names(ThreadGroup group) {
    Thread[] threads = new Thread[20];
    int count = group.enumerate(threads);
    return Arrays.stream(threads, 0, count).map(Thread::getName).toList();
  }

  @Test
  void aModelThatFailsIsNotReady(@TempDir Path directory) throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      model.classifier().close();
      for (int i = 0; i < 3; i++) {
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
        assertThat(server.post("/api/classify", "{\"text\": \"see you\"}").statusCode())
            .isEqualTo(500);
      }
      HttpResponse<String> health = server.get("/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body())
          .isEqualTo(
              "{\"live\":true,\"ready\":false,"
                  + "\"reason\":\"The last 3 requests failed; the log says how.\"}");
      assertThat(server.metric("gpt2j_ready", "")).isZero();
    }
  }

  /** The thread that runs the model outlives an error, whoever is waiting then. */
  @Test
  void anErrorInTheQueueDoesNotEndIt(@TempDir Path directory) throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory));
    EncodedText text = model.classifier().encode("see you").orElseThrow();
    List<EncodedText> broken =
        new AbstractList<>() {
          private int reads;

          @Override
          public EncodedText get(int index) {
            if (++reads > 1) { // the first counts its tokens
              throw new OutOfMemoryError("a test");
            }
            return text;
          }

          @Override
          public int size() {
            return 1;
          }
        };
    try (BatchingClassifier batches =
        new BatchingClassifier(model.classifier(), 4, 0, new Metrics())) {
      batches.submit(broken);
      TestServer.await(() -> batches.queueLength() == 0);
      assertThat(batches.submit(List.of(text, text)).get()).hasSize(2);
      assertThat(batches.ended()).isNull();
    }
  }
}
