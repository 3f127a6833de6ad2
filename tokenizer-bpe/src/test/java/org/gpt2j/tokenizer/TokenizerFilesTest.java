package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Saving, and loading what was saved, changed as others write it. */
class TokenizerFilesTest extends SavedTokenizer {
  private static final String TEXT = "the cat's \u00e9 \uD83D\uDE00 12 <|endoftext|>zz";

  private void assertLoadsTheSame() throws IOException {
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir);
    assertThat(loaded.encode(TEXT)).isEqualTo(tokenizer.encode(TEXT));
    assertThat(loaded.encode(TEXT, SpecialTokens.ALLOWED))
        .isEqualTo(tokenizer.encode(TEXT, SpecialTokens.ALLOWED));
    assertThat(loaded.vocabSize()).isEqualTo(tokenizer.vocabSize());
    assertThat(loaded.eosTokenId()).hasValue(0);
    assertThat(loaded.padTokenId()).hasValue(1);
    assertThat(loaded.modelMaxLength()).hasValue(64);
  }

  @Test
  void savesFiveFiles() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "tokenizer.json",
              "tokenizer_config.json",
              "special_tokens_map.json",
              "vocab.json",
              "merges.txt");
    }
    assertThat(dir.resolve("merges.txt")).content().startsWith("#version: 0.2\n");
    assertLoadsTheSame();
  }

  @Test
  void replacesOlderFiles() throws IOException {
    new BpeTrainer().train(List.of("other").iterator()).savePretrained(dir);
    tokenizer.savePretrained(dir);
    assertLoadsTheSame();
  }

  @Test
  void leavesNothingHalfDoneWhereItCannotSave() throws IOException {
    Path inTheWay = dir.resolve("tokenizer.json");
    Files.delete(inTheWay);
    Files.createFile(Files.createDirectory(inTheWay).resolve("file"));
    byte[] config = Files.readAllBytes(dir.resolve("tokenizer_config.json"));
    assertThatThrownBy(() -> tokenizer.withModelMaxLength(7).savePretrained(dir))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(inTheWay + ": ");
    assertThat(dir.resolve("tokenizer_config.json")).hasBinaryContent(config);
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).hasSize(5).noneMatch(file -> file.toString().endsWith(".tmp"));
    }
  }

  @Test
  void savesThatThereAreNoSpecialTokens() throws IOException {
    new BpeTrainer().vocabSize(300).train(List.of("the the").iterator()).savePretrained(dir);
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir);
    assertThat(loaded.eosTokenId()).isEmpty();
    assertThat(loaded.padTokenId()).isEmpty();
    assertThat(dir.resolve("tokenizer_config.json")).content().contains("\"eos_token\" : null");
    assertThat(dir.resolve("special_tokens_map.json")).content().doesNotContain("token\"");
  }

  @Test
  void loadsVocabAndMerges() throws IOException {
    removeAllBut("vocab.json", "merges.txt", "tokenizer_config.json");
    assertLoadsTheSame();
  }

  @Test
  void loadsTokensFromTheSpecialTokensMap() throws IOException {
    edit("tokenizer_config.json", root -> root.removeAll().put("model_max_length", 64));
    edit(
        "special_tokens_map.json",
        root -> root.putObject("pad_token").put("content", "<|pad|>").put("lstrip", false));
    assertLoadsTheSame();
  }

  @Test
  void loadsWithoutConfiguration() throws IOException {
    removeAllBut("tokenizer.json");
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir);
    assertThat(loaded.eosTokenId()).hasValue(0);
    assertThat(loaded.bosTokenId()).hasValue(0);
    assertThat(loaded.padTokenId()).isEmpty();
    assertThat(loaded.modelMaxLength()).isEmpty();
  }

  @Test
  void loadsMergesAsPairs() throws IOException {
    edit(
        "tokenizer.json",
        root -> {
          ArrayNode merges = (ArrayNode) root.at("/model/merges");
          for (int i = 0; i < merges.size(); i++) {
            String[] parts = merges.get(i).textValue().split(" ");
            merges.set(i, MAPPER.createArrayNode().add(parts[0]).add(parts[1]));
          }
        });
    assertLoadsTheSame();
  }

  @Test
  void loadsAddedTokensBeyondTheVocabulary() throws IOException {
    int id = tokenizer.vocabSize();
    edit(
        "tokenizer_config.json",
        root ->
            ((ObjectNode) root.path("added_tokens_decoder"))
                .putObject(Integer.toString(id))
                .put("content", "<|new|>")
                .put("special", true));
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir);
    assertThat(loaded.vocabSize()).isEqualTo(id + 1);
    assertThat(loaded.encode("<|new|>", SpecialTokens.ALLOWED)).containsExactly(id);
    Path copy = dir.resolve("copy");
    loaded.savePretrained(copy);
    assertThat(Gpt2Tokenizer.fromPretrained(copy).tokenToId("<|new|>")).hasValue(id);
  }

  @Test
  void takesTheLargeNumberOfTransformersAsNoLimit() throws IOException {
    edit(
        "tokenizer_config.json",
        root -> root.put("model_max_length", new BigInteger("1000000000000000019884624838656")));
    assertThat(Gpt2Tokenizer.fromPretrained(dir).modelMaxLength()).isEmpty();
  }

  @Test
  void configurationDecidesOnThePrefixSpace() throws IOException {
    edit("tokenizer_config.json", root -> root.put("add_prefix_space", true));
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir);
    assertThat(loaded.encode("cat")).isEqualTo(tokenizer.encode(" cat"));
    assertThat(loaded.encode(" cat")).isEqualTo(tokenizer.encode(" cat"));
  }

  /** Line ends, blanks and a byte order mark, as editors leave them. */
  @Test
  void readsMergesAsEditorsLeaveThem() throws IOException {
    removeAllBut("vocab.json", "merges.txt", "tokenizer_config.json");
    Path merges = dir.resolve("merges.txt");
    String text = Files.readString(merges);
    for (String end : new String[] {"\r", "\r\n", " \n", "\t\r\n"}) {
      Files.writeString(merges, "\uFEFF" + text.replace("\n", end) + end + end);
      assertLoadsTheSame();
    }
    Files.writeString(
        dir.resolve("vocab.json"), "\uFEFF" + Files.readString(dir.resolve("vocab.json")));
    assertLoadsTheSame();
  }

  @Test
  void keepsFlagsSidesTemplateAndNormalizerWhenSaved() throws IOException {
    edit(
        "tokenizer.json",
        root -> {
          root.putObject("normalizer").put("type", "NFC");
          ((ArrayNode) root.path("added_tokens"))
              .addObject()
              .put("id", 308)
              .put("content", "<m>")
              .put("lstrip", true)
              .put("rstrip", true)
              .put("single_word", true)
              .put("normalized", false)
              .put("special", false);
        });
    edit(
        "tokenizer_config.json",
        root ->
            root.put("truncation_side", "left")
                .put("padding_side", "left")
                .put("tokenizer_class", "PreTrainedTokenizerFast"));
    Path copy = dir.resolve("copy");
    Gpt2Tokenizer.fromPretrained(dir).savePretrained(copy);
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(copy);
    assertThat(loaded.truncationSide()).isEqualTo(Side.LEFT);
    assertThat(loaded.paddingSide()).isEqualTo(Side.LEFT);
    assertThat(loaded.addedTokens())
        .contains(new AddedToken("<m>", 308, false, false, true, true, true));
    assertThat(loaded.encode("e\u0301")).isEqualTo(tokenizer.encode("\u00e9"));
    assertThat(loaded.encode("cat <m> sat"))
        .startsWith(tokenizer.encode("cat"))
        .endsWith(tokenizer.encode("sat"))
        .hasSize(1 + tokenizer.encode("cat").length + tokenizer.encode("sat").length)
        .contains(308);
    for (String file : List.of("tokenizer.json", "tokenizer_config.json", "vocab.json")) {
      loaded.savePretrained(dir.resolve("again"));
      assertThat(dir.resolve("again").resolve(file)).hasSameBinaryContentAs(copy.resolve(file));
    }
  }

  /** New tokens get their ids by their order in the file. */
  @Test
  void keepsTheIdsOfNewTokensWhenSaved() throws IOException {
    edit(
        "tokenizer_config.json",
        root ->
            root.put("pad_token", (String) null)
                .put("image_token", "<img>")
                .set(
                    "added_tokens_decoder",
                    MAPPER
                        .createObjectNode()
                        .set("308", MAPPER.createObjectNode().put("content", "<m>"))));
    Gpt2Tokenizer loaded = Gpt2Tokenizer.fromPretrained(dir).withPadToken("<m>");
    assertThat(loaded.tokenToId("<m>")).hasValue(308);
    assertThat(loaded.tokenToId("<img>")).hasValue(309);
    Path copy = dir.resolve("copy");
    loaded.savePretrained(copy);
    Gpt2Tokenizer again = Gpt2Tokenizer.fromPretrained(copy);
    assertThat(again.padTokenId()).hasValue(308);
    assertThat(again.tokenToId("<img>")).hasValue(309);
  }

  @Test
  void warnsOfWhatItDoesNotKnow() throws IOException {
    edit(
        "tokenizer_config.json",
        root ->
            root.put("new_option", 7)
                .put("another", false)
                .put("chat_template", "x")
                .put("image_token", "<img>"));
    edit("tokenizer.json", root -> root.putObject("normalizer").put("type", "NFC"));
    PrintStream err = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      Gpt2Tokenizer.fromPretrained(dir);
    } finally {
      System.setErr(err);
    }
    assertThat(written.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .anyMatch(
            line ->
                line.endsWith(
                    "tokenizer_config.json: new_option: this key is not known here and not obeyed, found 7"))
        .anyMatch(line -> line.contains("tokenizer.json: normalizer is obeyed"));
  }
}
