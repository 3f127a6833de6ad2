package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a body holds, the answer is JSON (or events), and the server goes on. */
class FuzzTest {
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\"text\"",
          "\"texts\"",
          "\"explain\"",
          "\"prompt\"",
          "\"max_new_tokens\"",
          "\"do_sample\"",
          "\"stop\"",
          "true",
          "false",
          "null",
          "0",
          "-1",
          "1e999",
          "1E-400",
          "123456789012345678901234567890",
          "\\u0000",
          "\\ud800",
          "\\udc00",
          "\\uD83D\\uDE00",
          "\"see you\"",
          "\"WIN a prize\"",
          "\"<|endoftext|>\"",
          "\"\u4f60\u597d\"",
          "\"\ud83d\ude00\"",
          "\" \"",
          "\"\"",
          "\n",
          "\u0000",
          "\ufeff",
          "\u2028",
          "//",
          "/*",
          "'",
          "NaN",
          "\\",
          "\t");

  private static final Set<Integer> STATUSES = Set.of(200, 400, 413, 503);

  @Test
  void everyBodyGetsAnAnswer(@TempDir Path directory) throws Exception {
    Random random = new Random(20261126);
    TreeMap<Integer, Integer> statuses = new TreeMap<>();
    ServedModel model = TestModel.load(TestModel.saveAdapter(directory));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      for (int i = 0; i < 10_000; i++) {
        String path = i % 4 == 0 ? "/api/generate" : "/api/classify";
        byte[] body = body(random, i);
        HttpResponse<String> response = server.send(server.postRequest(path, body));
        String name = "body " + i + ": " + response.body();
        assertThat(response.statusCode()).as(name).isIn(STATUSES);
        statuses.merge(response.statusCode(), 1, Integer::sum);
        if (response.body().startsWith("event: ")) {
          assertThat(response.body()).endsWith("\n\n").contains("event: done");
          continue;
        }
        ObjectNode json = JsonFile.parse(response.body());
        assertThat(json.has("error")).as(name).isEqualTo(response.statusCode() != 200);
        String message = json.path("error").path("message").asText();
        assertThat(message)
            .as(name)
            .doesNotContain("Exception", "java.", "\n")
            .hasSizeLessThan(500);
      }
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }
    assertThat(statuses.get(200)).as(statuses.toString()).isGreaterThan(300);
    assertThat(statuses.get(400)).as(statuses.toString()).isGreaterThan(1000);
  }

  private static byte[] body(Random random, int i) {
    if (i % 500 == 0) {
      return large(random);
    }
    return switch (i % 5) {
      case 0 -> bytes(random);
      case 1 -> pieces(random).getBytes(StandardCharsets.UTF_8);
      case 2 -> mutated(random);
      case 3 -> value(random).getBytes(StandardCharsets.UTF_8);
      default -> deep(random).getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Nothing at all, 100,000 characters, or 10 MB. */
  private static byte[] large(Random random) {
    int length = List.of(0, 100_000, 10_000_000).get(random.nextInt(3));
    return length == 0
        ? new byte[0]
        : ("{\"text\": \"" + "x".repeat(length) + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(2000) + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String pieces(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(20); n >= 0; n--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static byte[] mutated(Random random) {
    byte[] body =
        "{\"text\": \"WIN a prize \u00e9\u4f60\ud83d\ude00\\ud83d\\ude00 now!\", \"explain\": true}"
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte b : body) {
      int what = random.nextInt(200);
      if (what != 0) {
        out.write(what == 1 ? random.nextInt(256) : b);
      }
      if (what == 2) {
        out.write(b);
      }
    }
    return out.toByteArray();
  }

  /** A valid object whose one value is any Java string, half surrogates included. */
  private static String value(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(30); n >= 0; n--) {
      int kind = random.nextInt(60);
      char c =
          (char)
              (kind == 0
                  ? random.nextInt(0x10000)
                  : kind == 1 ? 0xd800 + random.nextInt(0x800) : ' ' + random.nextInt(95));
      text.append(String.format("\\u%04x", (int) c));
    }
    String key = List.of("text", "texts", "prompt").get(random.nextInt(3));
    String value = "\"" + text + "\"";
    return "{\"" + key + "\": " + (key.equals("texts") ? "[" + value + "]" : value) + "}";
  }

  private static String deep(Random random) {
    int depth = random.nextInt(3000);
    String open = random.nextBoolean() ? "[" : "{\"text\":";
    String close = open.equals("[") ? "]" : "}";
    return "{\"texts\": " + open.repeat(depth) + "1" + close.repeat(depth) + "}";
  }
}
