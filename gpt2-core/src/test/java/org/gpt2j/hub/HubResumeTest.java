package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.gpt2j.hub.HubFixture.CONTENT;
import static org.gpt2j.hub.HubFixture.HASH;
import static org.gpt2j.hub.HubFixture.WEIGHTS;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gpt2j.testing.FakeHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads that stop in the middle, and several of the same at once. */
class HubResumeTest {
  @TempDir Path cache;
  private HubFixture hub;

  @BeforeEach
  void start() throws IOException {
    hub = new HubFixture(cache);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private void assertDownloads() throws IOException {
    assertThat(hub.download().resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(hub.incomplete()).doesNotExist();
  }

  @Test
  void aConnectionThatBreaksIsTakenUpWhereItBroke() throws IOException {
    hub.server.next("GET model.safetensors", FakeHub.cutAfter(CONTENT, 40_000));
    assertDownloads();
    assertThat(hub.ranges()).containsExactly(null, "bytes=40000-");
    assertThat(hub.pauses).containsExactly(1L);
    assertThat(hub.notes)
        .anyMatch(note -> note.matches("model.safetensors: the connection broke \\(.*\\); try.*"));
  }

  /** Each time something new comes the count of attempts starts over. */
  @Test
  void aConnectionMayBreakOftenAsLongAsSomethingComes() throws IOException {
    for (int i = 1; i <= 8; i++) {
      int from = 10_000 * (i - 1);
      hub.server.next(
          "GET model.safetensors",
          exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-99999/100000");
            exchange.sendResponseHeaders(from == 0 ? 200 : 206, 100_000 - from);
            exchange.getResponseBody().write(CONTENT, from, 10_000);
            exchange.getResponseBody().flush();
          });
    }
    assertDownloads();
    assertThat(hub.ranges()).hasSize(9).endsWith("bytes=80000-");
    assertThat(hub.pauses).hasSize(8).containsOnly(1L);
  }

  @Test
  void breakingAtTheSamePlaceIsGivenUpAndWhatCameStays() throws IOException {
    for (int i = 0; i < 6; i++) {
      hub.server.next("GET model.safetensors", FakeHub.cutAfter(CONTENT, 40_000));
    }
    assertThatThrownBy(hub::download)
        .isInstanceOf(HubException.class)
        .hasMessageStartingWith("model.safetensors: the connection broke (")
        .hasMessageEndingWith("; gave up after 5 attempts");
    assertThat(hub.pauses).containsExactly(1L, 2L, 4L, 8L);
    assertThat(hub.visible()).isEmpty();
    assertThat(hub.incomplete()).hasBinaryContent(Arrays.copyOf(CONTENT, 40_000));
  }

  @Test
  void aConnectionThatFallsSilentIsTakenUpToo() throws IOException {
    hub.environment.put("HF_HUB_DOWNLOAD_TIMEOUT", "1");
    hub.server.next("GET model.safetensors", FakeHub.stallAfter(CONTENT, 40_000));
    assertDownloads();
    assertThat(hub.ranges()).containsExactly(null, "bytes=40000-");
    assertThat(hub.notes).contains("model.safetensors: no data for 1 s; trying again in 1 s");
  }

  /** Without a size the end of a chunked answer tells nothing. */
  @Test
  void anAnswerThatEndsTooEarlyIsTakenUp() throws IOException {
    hub.server.next(
        "GET model.safetensors",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(CONTENT, 0, 30_000);
          exchange.getResponseBody().close();
        });
    assertDownloads();
    assertThat(hub.notes)
        .contains(
            "model.safetensors: the answer ended after 30,000 of 100,000 bytes; trying again in 1"
                + " s");
  }

  @Test
  void whatAnEarlierDownloadLeftIsNotLoadedAgain() throws IOException {
    hub.leaveIncomplete(Arrays.copyOf(CONTENT, 60_000));
    assertDownloads();
    assertThat(hub.ranges()).containsExactly("bytes=60000-");
    assertThat(hub.progress).contains("model.safetensors 60000/100000");
    assertThat(hub.progress).doesNotContain("model.safetensors 0/100000");
  }

  @Test
  void whatLacksNothingIsOnlyChecked() throws IOException {
    hub.leaveIncomplete(CONTENT);
    assertDownloads();
    assertThat(hub.ranges()).isEmpty();
  }

  @Test
  void whatIsTooLongIsLoadedAgain() throws IOException {
    hub.leaveIncomplete(new byte[CONTENT.length + 1]);
    assertDownloads();
    assertThat(hub.ranges()).containsExactly((String) null);
  }

  @Test
  void otherBytesLeftAreFoundOut() throws IOException {
    hub.leaveIncomplete(new byte[60_000]);
    assertThatThrownBy(hub::download).hasMessageContaining("damaged on the way");
    assertThat(hub.incomplete()).doesNotExist();
    assertDownloads();
  }

  @Test
  void aServerWithoutRangesSendsAllAgain() throws IOException {
    hub.leaveIncomplete(new byte[60_000]);
    hub.server.next(
        "GET model.safetensors",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT);
        });
    assertDownloads();
    assertThat(hub.ranges()).containsExactly("bytes=60000-");
  }

  @Test
  void aRangeThatIsRefusedIsNotAskedForAgain() throws IOException {
    hub.leaveIncomplete(Arrays.copyOf(CONTENT, 60_000));
    hub.server.next("GET model.safetensors", FakeHub.status(416, Map.of()));
    assertDownloads();
    assertThat(hub.ranges()).containsExactly("bytes=60000-", null);
  }

  @Test
  void aRefusedRangeWhereNoneWasAskedForIsAnError() {
    hub.server.next("GET model.safetensors", FakeHub.status(416, Map.of()));
    assertThatThrownBy(hub::download).hasMessageEndingWith("found the status 416");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes 50000-99999/100000", "bytes */100000", "60000-", ""})
  void anotherRangeThanTheOneAskedForIsRefused(String range) throws IOException {
    hub.leaveIncomplete(Arrays.copyOf(CONTENT, 60_000));
    hub.server.next("GET model.safetensors", FakeHub.status(206, Map.of("Content-Range", range)));
    assertThatThrownBy(hub::download)
        .hasMessage("model.safetensors: expected the bytes from 60000 on, found another range");
    assertThat(hub.visible()).isEmpty();
  }

  /** Nothing of the model is visible while one of its files is on the way. */
  @Test
  void aSnapshotAppearsWhenAllIsThere() throws Exception {
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    hub.server.next(
        "GET model.safetensors",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT, 0, 50_000);
          exchange.getResponseBody().flush();
          half.countDown();
          await(goOn);
          exchange.getResponseBody().write(CONTENT, 50_000, 50_000);
        });
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Path> first = threads.submit(hub::download);
      half.await();
      assertThat(hub.visible()).isEmpty();
      assertThatThrownBy(() -> new PretrainedPath(hub.environment).find("gpt2"))
          .hasMessageContaining("neither a directory nor a model in the Hugging Face cache");
      Future<Path> second = threads.submit(hub::download);
      while (!hub.notes.contains("model.safetensors: waiting for another download of it")) {
        Thread.sleep(5);
      }
      goOn.countDown();
      assertThat(first.get()).isEqualTo(second.get());
    } finally {
      threads.shutdownNow();
    }
    assertDownloads();
    assertThat(hub.ranges()).containsExactly((String) null);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Downloads in a process of its own, with the variables of the test. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      DownloadListener listener =
          new DownloadListener() {
            @Override
            public void note(String sentence) {
              System.out.println(sentence);
            }

            @Override
            public void progress(String file, long done, long total) {
              System.out.println(file + " " + done + "/" + total);
            }
          };
      System.out.println("found " + new Hub(System.getenv(), listener).download(args[0]));
    }
  }

  private Process process() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName(),
            "gpt2");
    builder.environment().remove("HF_HUB_OFFLINE");
    builder.environment().putAll(hub.environment);
    return builder.redirectErrorStream(true).start();
  }

  private static void readUntil(BufferedReader reader, String start) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
      if (line.startsWith(start)) {
        return;
      }
    }
    throw new AssertionError("expected " + start + ", found " + lines);
  }

  @Test
  void whatAKilledProcessLeftIsTakenUp() throws Exception {
    hub.server.next("GET model.safetensors", FakeHub.stallAfter(CONTENT, 40_000));
    Process process = process();
    try (BufferedReader reader = process.inputReader()) {
      readUntil(reader, "model.safetensors 40000/");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(hub.visible()).isEmpty();
    assertDownloads();
    assertThat(hub.ranges()).containsExactly(null, "bytes=40000-");
  }

  @Test
  void anotherProcessIsWaitedFor() throws Exception {
    Files.createDirectories(cache.resolve(".locks/models--gpt2"));
    Path lock = cache.resolve(".locks/models--gpt2/" + HASH + ".lock");
    FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.lock();
    Process process = process();
    try (BufferedReader reader = process.inputReader()) {
      readUntil(reader, "model.safetensors: waiting for another download of it");
      assertThat(hub.ranges()).isEmpty();
      channel.close();
      readUntil(reader, "found " + hub.model("snapshots"));
    } finally {
      channel.close();
    }
    assertThat(process.waitFor()).isZero();
    assertThat(hub.ranges()).containsExactly((String) null);
  }

  @Test
  void anInterruptedThreadStops() throws Exception {
    hub.server.next("GET model.safetensors", FakeHub.stallAfter(CONTENT, 40_000));
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> download =
          threads.submit(
              () ->
                  assertThatThrownBy(hub::download)
                      .isInstanceOf(IOException.class)
                      .hasMessage("interrupted while downloading"));
      while (hub.progress.stream().noneMatch(p -> p.startsWith("model.safetensors 40000/"))) {
        Thread.sleep(5);
      }
      threads.shutdownNow();
      download.get();
    } finally {
      threads.shutdownNow();
    }
    assertDownloads();
  }
}
