package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Directories as transformers 2 to 5 leave them, against what its AutoTokenizer makes of them. */
class PretrainedFilesTest {
  private static final JsonNode GOLDEN = Golden.read("files.json");

  @TempDir Path dir;

  static Stream<Arguments> cases() {
    return StreamSupport.stream(GOLDEN.path("cases").spliterator(), false)
        .map(node -> Arguments.of(node.path("name").textValue(), node));
  }

  private static void write(Path dir, JsonNode files) throws IOException {
    JsonNode model = GOLDEN.path("model");
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      JsonNode content = file.getValue();
      if (content.path("model").isTextual()) {
        content = ((ObjectNode) content.deepCopy()).set("model", model);
      }
      String text = content.toString();
      if (content.isTextual()) { // merges.txt
        text =
            StreamSupport.stream(model.path("merges").spliterator(), false)
                .map(merge -> merge.get(0).textValue() + " " + merge.get(1).textValue() + "\n")
                .collect(Collectors.joining("", "#version: 0.2\n", ""));
      }
      Files.writeString(dir.resolve(file.getKey()), text);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void readsWhatAutoTokenizerReads(String name, JsonNode golden) throws IOException {
    write(dir, golden.path("files"));
    Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(dir);
    check(tokenizer, golden.path("expected"));

    Path copy = dir.resolve("copy");
    tokenizer.savePretrained(copy);
    check(Gpt2Tokenizer.fromPretrained(copy), golden.path("expected"));
  }

  private static void check(Gpt2Tokenizer tokenizer, JsonNode expected) {
    assertThat(tokenizer.bosTokenId()).isEqualTo(id(expected.path("bos")));
    assertThat(tokenizer.eosTokenId()).isEqualTo(id(expected.path("eos")));
    assertThat(tokenizer.padTokenId()).isEqualTo(id(expected.path("pad")));
    assertThat(tokenizer.modelMaxLength()).isEqualTo(id(expected.path("model_max_length")));
    for (Map.Entry<String, JsonNode> added : expected.path("added").properties()) {
      assertThat(tokenizer.tokenToId(added.getKey())).hasValue(added.getValue().intValue());
    }
    assertThat(expected.path("texts").size()).isEqualTo(4);
    for (JsonNode text : expected.path("texts")) {
      String string = text.path("text").textValue();
      int[] ids = tokenizer.encode(string);
      assertThat(ids).as(Golden.show(string)).isEqualTo(Golden.ints(text.path("ids")));
      assertThat(tokenizer.encode(string, SpecialTokens.ALLOWED))
          .as(Golden.show(string))
          .isEqualTo(Golden.ints(text.path("ids_special")));
      assertThat(tokenizer.truncate(ids, 4)).isEqualTo(Golden.ints(text.path("cut")));
    }
    if (expected.has("batch")) {
      checkBatch(tokenizer, expected);
    }
  }

  private static void checkBatch(Gpt2Tokenizer tokenizer, JsonNode expected) {
    List<String> texts = expected.path("texts").findValuesAsText("text");
    BatchEncoding batch = tokenizer.encodeBatch(texts, 4, Padding.MAX_LENGTH);
    assertThat(batch.inputIds()).isDeepEqualTo(rows(expected.path("batch")));
    assertThat(batch.attentionMask()).isDeepEqualTo(rows(expected.path("mask")));
  }

  private static int[][] rows(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(Golden::ints).toArray(int[][]::new);
  }

  private static OptionalInt id(JsonNode node) {
    return node.isNull() ? OptionalInt.empty() : OptionalInt.of(node.intValue());
  }
}
