package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Small tokenizers with added tokens and unusual options, against golden ids. */
class VariantsTest {
  @TempDir Path dir;

  static Stream<Arguments> variants() {
    return arguments(Golden.read("variants.json"));
  }

  static Stream<Arguments> flags() {
    JsonNode golden = Golden.read("flags.json");
    for (JsonNode variant : golden.path("variants")) {
      ((ObjectNode) variant.path("tokenizer")).set("model", golden.path("model"));
    }
    return arguments(golden.path("variants"));
  }

  private static Stream<Arguments> arguments(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(node -> Arguments.of(node.path("name").textValue(), node));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"variants", "flags"})
  void encodesAndDecodesAsHuggingFaceDoes(String name, JsonNode variant) throws IOException {
    Files.writeString(dir.resolve("tokenizer.json"), variant.path("tokenizer").toString());
    Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(dir);
    check(tokenizer, variant.path("texts"));

    Path copy = dir.resolve("copy");
    tokenizer.savePretrained(copy);
    check(Gpt2Tokenizer.fromPretrained(copy), variant.path("texts"));
  }

  private static void check(Gpt2Tokenizer tokenizer, JsonNode texts) {
    assertThat(texts.size()).isGreaterThan(40);
    for (JsonNode node : texts) {
      String text = node.path("text").textValue();
      int[] special = tokenizer.encode(text, SpecialTokens.ALLOWED);
      assertThat(special).as(Golden.show(text)).isEqualTo(Golden.ints(node.path("ids_special")));
      assertThat(tokenizer.encode(text))
          .as(Golden.show(text))
          .isEqualTo(Golden.ints(node.path("ids")));
      assertThat(tokenizer.decode(special)).isEqualTo(node.path("decoded").textValue());
      assertThat(tokenizer.decode(special, true)).isEqualTo(node.path("skipped").textValue());
    }
  }
}
