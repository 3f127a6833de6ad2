package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.gpt2j.hub.HubFixture.COMMIT;
import static org.gpt2j.hub.HubFixture.CONFIG;
import static org.gpt2j.hub.HubFixture.CONTENT;
import static org.gpt2j.hub.HubFixture.HASH;
import static org.gpt2j.hub.HubFixture.WEIGHTS;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractThrowableAssert;
import org.gpt2j.testing.FakeHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong: one sentence, and nothing that is not whole in a snapshot. */
class HubFailuresTest {
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

  private AbstractThrowableAssert<?, ? extends Throwable> assertFails() throws IOException {
    var failure = assertThatThrownBy(hub::download).isInstanceOf(IOException.class);
    assertThat(hub.visible()).isEmpty();
    assertThat(hub.model("refs")).doesNotExist();
    return failure;
  }

  private void always(String request, HttpHandler handler) {
    for (int i = 0; i < 10; i++) {
      hub.server.next(request, handler);
    }
  }

  @Test
  void aModelThatIsNotThere() {
    assertThatThrownBy(() -> hub.hub().download("org/none"))
        .isInstanceOf(HubException.class)
        .hasMessage(
            "org/none: there is no such model on "
                + hub.server.endpoint()
                + " (401); for a private one, give a token by HF_TOKEN or `hf auth login`");
    hub.environment.put("HF_TOKEN", "hf_secret");
    assertThatThrownBy(() -> hub.hub().download("org/none"))
        .hasMessage(
            "org/none: there is no such model on "
                + hub.server.endpoint()
                + " (401), or the token of HF_TOKEN may not see it");
    assertThat(hub.pauses).isEmpty();
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void aRevisionThatIsNotThere() {
    assertThatThrownBy(() -> hub.hub().download("gpt2@none"))
        .isInstanceOf(HubException.class)
        .hasMessage("gpt2: there is no revision `none` on " + hub.server.endpoint());
  }

  @Test
  void weightsThatAreNotThere() {
    hub.server.add("org/old", "main", COMMIT, Map.of("config.json", CONFIG, "x.bin", CONTENT));
    assertThatThrownBy(() -> hub.hub().download("org/old"))
        .isInstanceOf(HubException.class)
        .hasMessage(
            "org/old: expected model.safetensors or an adapter's adapter_model.safetensors, found"
                + " neither; other formats are not read");
  }

  @Test
  void aConfigThatIsNotThere() {
    hub.server.add("org/odd", "main", COMMIT, Map.of(WEIGHTS, CONTENT));
    assertThatThrownBy(() -> hub.hub().download("org/odd"))
        .isInstanceOf(HubException.class)
        .hasMessage("org/odd: expected config.json beside model.safetensors, found none");
  }

  /** It was there when it was asked about. */
  @Test
  void aFileThatIsGone() throws IOException {
    hub.server.next(
        "GET config.json", FakeHub.status(404, Map.of("X-Error-Code", "EntryNotFound")));
    assertFails()
        .hasMessage(
            "gpt2: there is no file config.json in revision "
                + COMMIT
                + " on "
                + hub.server.endpoint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401||| refuses access with the token of HF_TOKEN (401)",
        "403||no, never\u00a0| refuses access with the token of HF_TOKEN (403: no, never?)",
        "418||| expected a file, found the status 418",
        "404||| there is no such model, revision or file (404)",
        "403|GatedRepo|| gated (403): ask for access on ",
      })
  void refusals(int status, String code, String message, String expected) throws IOException {
    hub.environment.put("HF_TOKEN", "hf_secret");
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Error-Code", Objects.toString(code, ""));
    headers.put("X-Error-Message", Objects.toString(message, ""));
    hub.server.next("HEAD config.json", FakeHub.status(status, headers));
    assertFails().hasMessageContaining(expected).hasMessageNotContaining("secret");
    assertThat(hub.pauses).isEmpty();
  }

  @Test
  void aGatedModelNeedsAToken() throws IOException {
    hub.server.next("HEAD config.json", FakeHub.status(401, Map.of("X-Error-Code", "GatedRepo")));
    String endpoint = hub.server.endpoint();
    assertFails()
        .hasMessage(
            "gpt2 is gated (401): ask for access on "
                + endpoint
                + "/gpt2, give a token by HF_TOKEN or `hf auth login`");
  }

  @Test
  void theServerOfTheBytesMayRefuseToo() throws IOException {
    hub.server.next("GET model.safetensors", FakeHub.status(403, Map.of()));
    assertFails()
        .hasMessage(
            hub.server.cdnAddress()
                + "/"
                + HASH
                + "/model.safetensors: expected the bytes of model.safetensors, found the status"
                + " 403");
  }

  @Test
  void tooManyRequestsAreWaitedForAsLongAsTheServerSays() throws IOException {
    hub.server.next("HEAD config.json", FakeHub.status(429, Map.of("Retry-After", "7")));
    hub.server.next("GET model.safetensors", FakeHub.status(429, Map.of("Retry-After", "30")));
    hub.server.next(
        "GET model.safetensors", FakeHub.status(429, Map.of("RateLimit", "\"api\";r=0;t=55")));
    assertThat(hub.download().resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(hub.pauses).containsExactly(7L, 30L, 55L);
    assertThat(hub.notes)
        .contains(
            hub.server.endpoint()
                + "/gpt2/resolve/main/config.json: too many requests (429); trying again in 7 s");
  }

  @Test
  void butNotForever() throws IOException {
    hub.server.next("HEAD config.json", FakeHub.status(429, Map.of("Retry-After", "3600")));
    assertFails()
        .hasMessage(
            hub.server.endpoint()
                + "/gpt2/resolve/main/config.json: too many requests (429); it asks to wait 3600 s,"
                + " try again after that");
    assertThat(hub.pauses).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD config.json", "GET model.safetensors"})
  void aServerInTroubleIsAskedAgainALittleLaterEachTime(String request) throws IOException {
    for (int status : new int[] {500, 502, 503, 504}) {
      hub.server.next(request, FakeHub.status(status, Map.of()));
    }
    assertThat(hub.download().resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(hub.pauses).containsExactly(1L, 2L, 4L, 8L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD config.json", "GET model.safetensors"})
  void aServerThatStaysInTroubleIsGivenUp(String request) throws IOException {
    always(request, FakeHub.status(503, Map.of()));
    assertFails().hasMessageEndingWith(": the server answered 503; gave up after 5 attempts");
    assertThat(hub.pauses).containsExactly(1L, 2L, 4L, 8L);
  }

  @Test
  void aHubThatIsNotThere() throws IOException {
    hub.server.close();
    assertFails()
        .hasMessageStartingWith(hub.server.endpoint() + "/gpt2/resolve/main/config.json: no conn")
        .hasMessageEndingWith("; gave up after 5 attempts");
  }

  @Test
  void aHubThatDoesNotAnswer() throws IOException {
    hub.environment.put("HF_HUB_ETAG_TIMEOUT", "1");
    hub.server.next("HEAD config.json", exchange -> FakeHub.stall());
    assertThat(hub.download()).isDirectory();
    assertThat(hub.notes)
        .first()
        .isEqualTo(
            hub.server.endpoint()
                + "/gpt2/resolve/main/config.json: no answer in 1 s; trying again in 1 s");
  }

  @Test
  void anotherSizeThanTheHubSays() throws IOException {
    hub.server.next("GET model.safetensors", exchange -> FakeHub.send(exchange, new byte[90_000]));
    assertFails()
        .hasMessage(
            "model.safetensors: expected 100,000 bytes, found 90,000; it is deleted, download it"
                + " again");
    assertThat(hub.incomplete()).doesNotExist();
  }

  @Test
  void anotherSizeInARange() throws IOException {
    hub.leaveIncomplete(Arrays.copyOf(CONTENT, 500));
    hub.server.next("GET model.safetensors", exchange -> FakeHub.send(exchange, new byte[90_000]));
    assertFails().hasMessageContaining("expected 100,000 bytes, found 90,000");
    assertThat(hub.incomplete()).doesNotExist();
  }

  @Test
  void moreBytesThanTheHubSays() throws IOException {
    hub.server.next(
        "GET model.safetensors",
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked: no size
          exchange.getResponseBody().write(new byte[150_000]);
        });
    assertFails().hasMessageStartingWith("model.safetensors: expected 100,000 bytes, found 1");
    assertThat(hub.incomplete()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json"})
  void otherBytesThanTheHubSays(String file) throws IOException {
    byte[] content = HubFixture.model().get(file).clone();
    content[content.length / 2] ^= 1;
    hub.server.next("GET " + file, exchange -> FakeHub.send(exchange, content));
    boolean large = file.equals(WEIGHTS);
    String expected = large ? "SHA-256 " + HASH : "git hash " + FakeHub.gitHash(CONFIG);
    String found = large ? FakeHub.sha256(content) : FakeHub.gitHash(content);
    assertFails()
        .hasMessage(
            "%s: damaged on the way: expected the %s, found %s; it is deleted, download it again"
                .formatted(file, expected, found));
    assertThat(hub.incomplete()).doesNotExist();
    assertThat(hub.model("blobs/" + HASH)).doesNotExist();
    assertThat(hub.download().resolve(file)).hasBinaryContent(HubFixture.model().get(file));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "there is no /dev/full")
  void aFullDisk() throws IOException {
    Files.createDirectories(hub.incomplete().getParent());
    Files.createSymbolicLink(hub.incomplete(), Path.of("/dev/full"));
    assertFails()
        .hasMessage(
            hub.incomplete()
                + ": cannot be written: No space left on device; the next download goes on from"
                + " what is there");
    Files.delete(hub.incomplete());
    assertThat(hub.download().resolve(WEIGHTS)).hasBinaryContent(CONTENT);
  }

  @Test
  void aFileThatTheDiskHasNoSpaceFor() throws IOException {
    hub.server.next(
        "HEAD model.safetensors",
        FakeHub.status(
            302,
            Map.of(
                "X-Repo-Commit",
                COMMIT,
                "X-Linked-Etag",
                HASH,
                "X-Linked-Size",
                "900000000000000000",
                "Location",
                hub.server.cdnAddress())));
    assertFails()
        .hasMessageStartingWith(
            hub.incomplete()
                + ": cannot be written: it needs another 900,000,000,000,000,000 bytes, and the"
                + " disk has ");
    assertThat(hub.ranges()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "../../../x, " + COMMIT + ", 22",
    ".x, " + COMMIT + ", 22",
    "a/b, " + COMMIT + ", 22",
    "x, ../../x, 22",
    "x, main, 22",
    "x, " + COMMIT + ", -1",
    "x, " + COMMIT + ", 1e3",
  })
  void headersThatNoHubSends(String etag, String commit, String size) throws IOException {
    hub.server.next(
        "HEAD config.json",
        FakeHub.status(
            200, Map.of("ETag", '"' + etag + '"', "X-Repo-Commit", commit, "X-Linked-Size", size)));
    assertFails()
        .hasMessageContaining("expected the headers of a hub (X-Repo-Commit, ETag, size), found")
        .hasMessageEndingWith("; is HF_ENDPOINT or a proxy wrong?");
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void redirectsWithoutEnd() throws IOException {
    always("HEAD config.json", FakeHub.status(307, Map.of("Location", "config.json")));
    hub.server.next("HEAD config.json", FakeHub.status(307, Map.of("Location", "config.json")));
    assertFails().hasMessageEndingWith(": expected a file, found more than 10 redirects");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:///etc/passwd", "http:", "ftp://x/y", "http://[", "//"})
  void redirectsToNowhere(String location) throws IOException {
    hub.server.next("HEAD config.json", FakeHub.status(302, Map.of("Location", location)));
    assertFails()
        .hasMessageEndingWith(": expected the address of a redirect, found an unusable one");
  }

  @Test
  void aCacheThatIsAFile() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));
    hub.environment.put("HF_HUB_CACHE", file.toString());
    assertThatThrownBy(hub::download)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  /** A server that answers each request with a line that no HTTP server sends. */
  @Test
  void whatAServerSaysDoesNotSteerTheTerminal() throws Exception {
    ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread answering = new Thread(() -> answer(server, "HTTP/1.1 \u001b[2J\u0007forged\r\n\r\n"));
    answering.start();
    try {
      hub.environment.put("HF_ENDPOINT", "http://127.0.0.1:" + server.getLocalPort());
      String shown = "\\u001b[2J\\u0007forged";
      assertFails().hasMessageContaining(shown);
      assertThat(hub.notes).isNotEmpty().allMatch(note -> note.contains(shown));
    } finally {
      server.close();
      answering.join();
    }
  }

  private static void answer(ServerSocket server, String answer) {
    while (true) {
      try (Socket socket = server.accept()) {
        socket.getInputStream().read();
        socket.getOutputStream().write(FakeHub.bytes(answer));
      } catch (IOException e) {
        return; // it is closed
      }
    }
  }
}
