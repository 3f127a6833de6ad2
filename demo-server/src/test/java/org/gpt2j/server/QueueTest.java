package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients at one model. Who holds the classifier's lock keeps the model from computing, so
 * that nothing here depends on how fast it is.
 */
class QueueTest {
  @TempDir static Path directory;
  private static ServedModel model;

  @BeforeAll
  static void save() throws Exception {
    model = TestModel.load(TestModel.saveAdapter(directory));
  }

  private static List<EncodedText> encoded(int count) {
    return TestModel.texts(count).stream()
        .map(text -> model.classifier().encode(text).orElseThrow())
        .toList();
  }

  @Test
  void sixtyFourClientsGetTheLibrarysAnswers() throws Exception {
    int clients = 64;
    int requests = 50;
    List<String> texts = TestModel.texts(100);
    List<Classification> expected = model.classifier().classify(texts);
    ExecutorService pool = Executors.newFixedThreadPool(clients);
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        int first = c;
        counts.add(
            pool.submit(
                () -> {
                  for (int r = 0; r < requests; r++) {
                    int i = (first * 7 + r) % texts.size();
                    JsonNode answer = server.classify(TestServer.text(texts.get(i)));
                    ApiTest.assertSame(answer, expected.get(i));
                  }
                  return requests;
                }));
      }
      int answered = 0;
      for (Future<Integer> count : counts) {
        answered += count.get();
      }
      assertThat(answered).isEqualTo(clients * requests);
      double computed = server.metric("gpt2j_batch_texts_sum", "");
      assertThat(computed).isEqualTo(answered);
      assertThat(server.metric("gpt2j_batch_texts_count", ""))
          .as("texts were put together")
          .isLessThan(computed);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aFullQueueGets503AndTheOthersTheirAnswers() throws Exception {
    ServerOptions options = TestServer.options();
    options.maxQueue = 4;
    try (TestServer server = new TestServer(options, model)) {
      List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
      String body = TestServer.text("see you").toString();
      synchronized (model.classifier()) {
        for (int i = 0; i < 80; i++) {
          all.add(
              server.client.sendAsync(
                  server.postRequest("/api/classify", body), BodyHandlers.ofString()));
        }
        // The model takes at most 64 at once, and 4 wait; the rest is refused at once.
        TestServer.await(() -> all.stream().filter(CompletableFuture::isDone).count() >= 12);
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
      }
      int refused = 0;
      for (var future : all) {
        HttpResponse<String> response = future.get();
        if (response.statusCode() == 503) {
          assertThat(TestServer.errorCode(response)).isEqualTo("queue_full");
          assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
          refused++;
        } else {
          assertThat(response.statusCode()).isEqualTo(200);
          assertThat(JsonFile.parse(response.body()).has("label")).isTrue();
        }
      }
      assertThat(refused).isBetween(12, 75);
      assertThat(server.post("/api/classify", body).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aRequestThatWaitsTooLongGets503AndIsForgotten() throws Exception {
    ServerOptions options = TestServer.options();
    options.answerTimeout = 1;
    try (TestServer server = new TestServer(options, model)) {
      String body = TestServer.texts(TestModel.texts(200)).toString();
      synchronized (model.classifier()) {
        HttpResponse<String> late = server.post("/api/classify", body);
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(TestServer.errorCode(late)).isEqualTo("answer_timeout");
      }
      TestServer.await(() -> server.queueLength() == 0);
      assertThat(server.metric("gpt2j_batch_texts_sum", ""))
          .as("only what the model had begun was computed")
          .isLessThan(200);
    }
  }

  /** Its time is the model's: the request itself came long ago, and is not what was too slow. */
  @Test
  void aModelThatIsStuckIsNotReadyUntilItGoesOn() throws Exception {
    ServerOptions options = TestServer.options();
    options.requestTimeout = 1;
    options.answerTimeout = 2;
    try (TestServer server = new TestServer(options, model)) {
      List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
      synchronized (model.classifier()) {
        for (int i = 0; i < 20; i++) {
          all.add(
              server.client.sendAsync(
                  server.postRequest("/api/classify", "{\"text\": \"see you\"}"),
                  BodyHandlers.ofString()));
        }
        for (var future : all) {
          HttpResponse<String> response = future.get();
          assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
          assertThat(TestServer.errorCode(response)).isEqualTo("answer_timeout");
        }
        HttpResponse<String> health = server.get("/health");
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body()).contains("\"live\":true,\"ready\":false", "The last 20 ");
      }
      TestServer.await(() -> server.get("/health").statusCode() == 200);
    }
  }

  @Test
  void oneOfManyTextsDoesNotKeepOthersWaiting() throws Exception {
    try (BatchingClassifier batches =
        new BatchingClassifier(model.classifier(), 1000, 0, new Metrics())) {
      AtomicBoolean largeWasDone = new AtomicBoolean();
      CompletableFuture<List<Classification>> large;
      CompletableFuture<Void> small;
      synchronized (model.classifier()) {
        large = batches.submit(encoded(256));
        CompletableFuture<List<Classification>> future = batches.submit(encoded(1));
        small = future.thenRun(() -> largeWasDone.set(future.isDone() && large.isDone()));
      }
      small.get(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(largeWasDone).isFalse();
      assertThat(large.get()).hasSize(256);
    }
  }

  @Test
  void aRequestLargerThanTheQueueComesThroughWhenItIsEmpty() throws Exception {
    try (BatchingClassifier batches =
        new BatchingClassifier(model.classifier(), 2, 0, new Metrics())) {
      assertThat(batches.submit(encoded(100)).get()).hasSize(100);
      TestServer.await(() -> batches.queueLength() == 0);
      assertThat(batches.submit(encoded(3)).get()).hasSize(3);
    }
  }

  @Test
  void closingFinishesWhatWaits() throws Exception {
    BatchingClassifier batches = new BatchingClassifier(model.classifier(), 1000, 0, new Metrics());
    List<CompletableFuture<List<Classification>>> futures = new ArrayList<>();
    for (int i = 1; i < 20; i++) {
      futures.add(batches.submit(encoded(i)));
    }
    batches.close(TestServer.PATIENCE.toMillis());
    for (int i = 1; i < 20; i++) {
      assertThat(futures.get(i - 1).getNow(null)).hasSize(i);
    }
    assertThatThrownBy(() -> batches.submit(encoded(1)))
        .isInstanceOf(ApiException.class)
        .hasMessage("The server is about to end.");
  }
}
