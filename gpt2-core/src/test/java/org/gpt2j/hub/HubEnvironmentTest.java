package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubEnvironmentTest {
  private static HubEnvironment environment(String variables) {
    Map<String, String> map = new HashMap<>();
    for (String variable : variables.split(" ")) {
      String[] parts = variable.split("=", 2);
      map.put(parts[0], parts.length == 1 ? "" : parts[1]);
    }
    return new HubEnvironment(map);
  }

  @ParameterizedTest
  @CsvSource({
    "HF_HUB_CACHE=/a HUGGINGFACE_HUB_CACHE=/b HF_HOME=/c XDG_CACHE_HOME=/d, /a",
    "HUGGINGFACE_HUB_CACHE=/b HF_HOME=/c XDG_CACHE_HOME=/d, /b",
    "HF_HOME=/c XDG_CACHE_HOME=/d, /c/hub",
    "XDG_CACHE_HOME=/d, /d/huggingface/hub",
    "HOME=/home/me, /home/me/.cache/huggingface/hub",
    "HF_HUB_CACHE= HF_HOME=/c, /c/hub",
    "HOME=/home/me HF_HOME=~/hf, /home/me/hf/hub",
    "HOME=/home/me HF_HUB_CACHE=~, /home/me",
    "S=/x HF_HOME=$S/hf, /x/hf/hub",
    "S=/x HF_HOME=${S}y/hf, /xy/hf/hub",
    "HF_HOME=/y/$NONE/hf, /y/$NONE/hf/hub",
    "S=a\\b$1 HF_HUB_CACHE=/$S, /a\\b$1",
  })
  void cacheDirectory(String variables, Path expected) {
    assertThat(environment(variables).cacheDirectory()).isEqualTo(expected);
  }

  @Test
  void withoutEnvironmentTheCacheIsInTheHomeDirectory() {
    assertThat(new HubEnvironment(Map.of()).cacheDirectory())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache", "huggingface", "hub"));
  }

  @ParameterizedTest
  @CsvSource({
    "HF_ENDPOINT, https://huggingface.co",
    "HF_ENDPOINT=https://mirror.example//, https://mirror.example",
    "HF_ENDPOINT=http://127.0.0.1:8080/hub/, http://127.0.0.1:8080/hub",
  })
  void endpoint(String variables, URI expected) {
    assertThat(environment(variables).endpoint()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hub", "ftp://x", "file:///x", "https://", "https://x?y", "http://a b"})
  void refusesOtherEndpoints(String text) {
    assertThatThrownBy(() -> new HubEnvironment(Map.of("HF_ENDPOINT", text)).endpoint())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "HF_ENDPOINT: expected an address like https://huggingface.co, found `" + text + "`");
  }

  @ParameterizedTest
  @CsvSource({
    "HF_HUB_OFFLINE=1, HF_HUB_OFFLINE=1",
    "HF_HUB_OFFLINE=yes, HF_HUB_OFFLINE=yes",
    "TRANSFORMERS_OFFLINE=True, TRANSFORMERS_OFFLINE=True",
    "HF_HUB_OFFLINE= TRANSFORMERS_OFFLINE=on, TRANSFORMERS_OFFLINE=on",
    "HF_HUB_OFFLINE=0 TRANSFORMERS_OFFLINE=1, ",
    "HF_HUB_OFFLINE=no, ",
    "X, ",
  })
  void offline(String variables, String expected) {
    assertThat(environment(variables).offline()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "HF_TOKEN=a HUGGING_FACE_HUB_TOKEN=b HF_TOKEN_PATH=@/token, a",
    "HUGGING_FACE_HUB_TOKEN=b HF_TOKEN_PATH=@/token, b",
    "HF_TOKEN_PATH=@/token, c",
    "HF_HOME=@, c",
    "HF_HOME=@/none, ",
    "HF_TOKEN=a HF_HUB_DISABLE_IMPLICIT_TOKEN=1, ",
  })
  void token(String variables, String expected, @TempDir Path home) throws IOException {
    Files.writeString(home.resolve("token"), "c\n");
    HubEnvironment.Token token = environment(variables.replace("@", home.toString())).token();
    assertThat(token == null ? null : token.value()).isEqualTo(expected);
  }

  @Test
  void aTokenIsNotShown() throws IOException {
    var token = new HubEnvironment(Map.of("HF_TOKEN", " hf_secret\n")).token();
    assertThat(token.value()).isEqualTo("hf_secret");
    assertThat(token).hasToString("token of HF_TOKEN");
    assertThatThrownBy(() -> new HubEnvironment(Map.of("HF_TOKEN", "hf\nsecret")).token())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "HF_TOKEN: expected a token of visible ASCII characters, found other ones in it");
  }

  @Test
  void timeouts() {
    HubEnvironment environment = environment("HF_HUB_ETAG_TIMEOUT=3");
    assertThat(environment.metadataTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(environment.downloadTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThatThrownBy(() -> environment("HF_HUB_DOWNLOAD_TIMEOUT=0").downloadTimeout())
        .hasMessage("HF_HUB_DOWNLOAD_TIMEOUT: expected a number of seconds above 0, found `0`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Retry-After|0|0",
        "Retry-After|120|120",
        "Retry-After|Sun, 06 Nov 1994 08:49:37 GMT|37",
        "Retry-After|Sun, 06 Nov 1994 08:00:00 GMT|0",
        "Retry-After|-5|",
        "Retry-After|soon|",
        "Retry-After|99999999999999999999|",
        "RateLimit|\"api\";r=0;t=55|55",
        "RateLimit|\"api\";r=12;t=55|",
        "X|1|",
      })
  void howLongTheServerAsksToWait(String header, String value, Long seconds) {
    HttpHeaders headers = HttpHeaders.of(Map.of(header, List.of(value)), (a, b) -> true);
    assertThat(RetryAfter.of(headers, Instant.parse("1994-11-06T08:49:00.5Z")))
        .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
  }
}
