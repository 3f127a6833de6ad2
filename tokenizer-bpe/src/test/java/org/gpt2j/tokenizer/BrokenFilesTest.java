package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are broken or ask for what is not supported: one sentence each. */
class BrokenFilesTest extends SavedTokenizer {
  @Test
  void refusesMissingFiles() throws IOException {
    Path none = dir.resolve("none");
    assertThatThrownBy(() -> Gpt2Tokenizer.fromPretrained(none))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(none + ": expected a directory with the files of a tokenizer");
    removeAllBut("vocab.json", "tokenizer_config.json");
    assertThatThrownBy(() -> Gpt2Tokenizer.fromPretrained(dir))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(dir + ": expected tokenizer.json, or vocab.json and merges.txt, in it");
  }

  @Test
  void refusesCutJson() throws IOException {
    String whole = Files.readString(dir.resolve("tokenizer.json"));
    for (int length : new int[] {0, 1, 10, whole.length() / 2, whole.length() - 1}) {
      Files.writeString(dir.resolve("tokenizer.json"), whole.substring(0, length));
      assertRefusedStarting("tokenizer.json", length == 0 ? "expected a JSON" : "not valid JSON");
    }
    Files.writeString(dir.resolve("tokenizer.json"), whole + "}");
    assertRefusedStarting("tokenizer.json", "not valid JSON");
    Files.write(dir.resolve("tokenizer.json"), new byte[] {'{', '"', (byte) 0xC3, '"', ':'});
    assertRefusedStarting("tokenizer.json", "not valid UTF-8");
    Files.writeString(dir.resolve("tokenizer.json"), "[]");
    assertRefused("tokenizer.json", "expected a JSON object, found array");
  }

  @Test
  void refusesDuplicateKeys() throws IOException {
    String whole = Files.readString(dir.resolve("vocab.json"));
    Files.writeString(dir.resolve("vocab.json"), whole.replaceFirst("\\{", "{\"the\":3,"));
    removeAllBut("vocab.json", "merges.txt");
    assertRefusedStarting("vocab.json", "not valid JSON in line 1: Duplicate");
  }

  /** Each row: where in tokenizer.json, the value put there, and what the message must say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/normalizer | {\"type\":\"Lowercase\"} |"
            + " normalizer is Lowercase, only null, NFC, NFD, NFKC or NFKD is supported",
        "/normalizer | {\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Strip\"}]} |"
            + " normalizer is Strip, only null, NFC, NFD, NFKC or NFKD is supported",
        "/normalizer | {\"type\":\"Sequence\",\"normalizers\":7} |"
            + " key \"normalizer.normalizers\": expected a list, found 7",
        "/normalizer | {\"type\":[]} | key \"normalizer.type\": expected a string, found []",
        "/normalizer | \"NFC\" |"
            + " normalizer is nothing, only null, NFC, NFD, NFKC or NFKD is supported",
        "/pre_tokenizer | null | pre_tokenizer.type is nothing, only ByteLevel is supported",
        "/pre_tokenizer/type | \"Metaspace\" |"
            + " pre_tokenizer.type is Metaspace, only ByteLevel is supported",
        "/pre_tokenizer/use_regex | false |"
            + " pre_tokenizer.use_regex is false, only true is supported",
        "/pre_tokenizer/use_regex | 1 |" + " key \"use_regex\": expected true or false, found 1",
        "/decoder | null | decoder.type is nothing, only ByteLevel is supported",
        "/pre_tokenizer | {\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"},"
            + "{\"type\":\"ByteLevel\"}]} |"
            + " pre_tokenizer.type is Sequence [Digits, ByteLevel], only ByteLevel is supported",
        "/post_processor/type | \"RobertaProcessing\" |"
            + " post_processor.type is RobertaProcessing, only ByteLevel is supported",
        "/post_processor/type | \"TemplateProcessing\" |"
            + " key \"post_processor.single\": expected a list, found nothing",
        "/post_processor | {\"type\":\"TemplateProcessing\",\"single\":[]} |"
            + " key \"post_processor.single\": expected Sequence \"A\" once, found []",
        "/post_processor | {\"type\":\"TemplateProcessing\",\"single\":["
            + "{\"SpecialToken\":{\"id\":\"x\"}},{\"Sequence\":{\"id\":\"A\"}}]} |"
            + " key \"post_processor.special_tokens[x].ids\": expected a list of token ids,"
            + " found nothing",
        "/post_processor | {\"type\":\"TemplateProcessing\",\"single\":["
            + "{\"SpecialToken\":{\"id\":\"x\"}},{\"Sequence\":{\"id\":\"A\"}}],"
            + "\"special_tokens\":{\"x\":{\"ids\":[9999]}}} |"
            + " post_processor: expected ids of tokens, found 9999",
        "/post_processor | {\"type\":\"TemplateProcessing\",\"single\":["
            + "{\"Sequence\":{\"id\":\"B\"}}]} |"
            + " key \"post_processor.single\": expected SpecialToken, or Sequence \"A\" once,"
            + " found {\"Sequence\":{\"id\":\"B\"}}",
        "/truncation | {\"direction\":\"Up\"} |"
            + " key \"truncation.direction\": expected right or left, found \"Up\"",
        "/padding | [] | key \"padding\": expected an object, found []",
        "/model | null | key \"model\": expected an object, found null",
        "/model/type | \"WordPiece\" | model.type is WordPiece, only BPE is supported",
        "/model/byte_fallback | true | model.byte_fallback is true, only false is supported",
        "/model/dropout | 0.1 | model.dropout is 0.1, only null is supported",
        "/model/continuing_subword_prefix | \"##\" |"
            + " model.continuing_subword_prefix is \"##\", only \"\" is supported",
        "/model/end_of_word_suffix | \"</w>\" |"
            + " model.end_of_word_suffix is \"</w>\", only \"\" is supported",
        "/model/end_of_word_suffix | {} |"
            + " key \"model.end_of_word_suffix\": expected a string, found {}",
        "/model/type | {} | key \"model.type\": expected a string, found {}",
        "/model/dropout | \"0.1\" | model.dropout is \"0.1\", only null is supported",
        "/model/merges | [{\"a\":1,\"b\":2}] |"
            + " key \"model.merges\": expected \"a b\" or [\"a\", \"b\"], found {\"a\":1,\"b\":2}",
        "/model/merges | [7] |"
            + " key \"model.merges\": expected \"a b\" or [\"a\", \"b\"], found 7",
        "/model/merges | [\"\\u001b[31m h\"] |"
            + " merge 0 names \"\\u001b[31m\", which is not in the vocabulary",
        "/decoder | [] | decoder.type is nothing, only ByteLevel is supported",
        "/model/vocab | [] | key \"model.vocab\": expected an object of token to id, found []",
        "/model/vocab/the | -1 | key \"model.vocab[the]\": expected an id of 0 or more, found -1",
        "/model/vocab/the | \"7\" |"
            + " key \"model.vocab[the]\": expected an id of 0 or more, found \"7\"",
        "/model/vocab/the | 4294967296 |"
            + " key \"model.vocab[the]\": expected an id of 0 or more, found 4294967296",
        "/model/vocab/new | 2000000000 |"
            + " expected ids up to 4194303, found \"new\" with id 2000000000",
        "/model/merges | {} | key \"model.merges\": expected a list, found {}",
        "/model/merges | [\"th\"] |"
            + " merge 0: expected two tokens with one space between, found \"th\"",
        "/model/merges | [\"t  h\"] |"
            + " merge 0: expected two tokens with one space between, found \"t  h\"",
        "/model/merges | [[\"t\"]] |"
            + " key \"model.merges\": expected \"a b\" or [\"a\", \"b\"], found [\"t\"]",
        "/model/merges | [\"t nope\"] |"
            + " merge 0 names \"nope\", which is not in the vocabulary",
        "/model/merges | [\"t h\", [\"Q\", \"Z\"]] |"
            + " merge 1 (\"Q\" + \"Z\") makes \"QZ\", which is not in the vocabulary",
        "/added_tokens | {} | key \"added_tokens\": expected a list, found {}",
        "/added_tokens | [{\"content\":\"x\"}] |"
            + " key \"added_tokens.id\": expected an id of 0 or more, found nothing",
        "/added_tokens | [{\"id\":1,\"content\":\"\"}] |"
            + " key \"added_tokens.content\": expected a string that is not empty, found \"\"",
        "/added_tokens | [{\"id\":308,\"content\":\"<m>\",\"lstrip\":1}] |"
            + " key \"lstrip\": expected true or false, found 1",
        "/added_tokens | [7] | key \"added_tokens.id\": expected an id of 0 or more, found nothing",
        "/added_tokens | [{\"id\":308,\"content\":\"\\ud83d\"}] | key \"added_tokens.content\":"
            + " expected no surrogate without its partner, found \"\\ud83d\"",
        "/added_tokens | [{\"id\":2000000000,\"content\":\"<m>\",\"special\":true}] |"
            + " added token \"<m>\": expected an id up to 4194303, found 2000000000",
        "/added_tokens | [{\"id\":9,\"content\":\"the\"}] |"
            + " added token \"the\": expected id 260 as in the vocabulary, found 9",
      })
  void refusesWhatItDoesNotSupport(String pointer, String value, String message)
      throws IOException {
    removeAllBut("tokenizer.json");
    JsonNode node = MAPPER.readTree(value);
    int slash = pointer.lastIndexOf('/');
    edit(
        "tokenizer.json",
        root ->
            ((ObjectNode) root.at(pointer.substring(0, slash)))
                .set(pointer.substring(slash + 1), node));
    assertRefused("tokenizer.json", message);
  }

  @Test
  void refusesBrokenVocabularies() throws IOException {
    removeAllBut("vocab.json", "merges.txt");
    edit("vocab.json", root -> root.put("more", 5));
    assertRefusedStarting("vocab.json", "key \"(top level)\": expected one token per id, found");
    edit("vocab.json", root -> root.remove(List.of("more", "\u0100")));
    assertRefused(
        "merges.txt",
        "a byte-level vocabulary must hold all 256 byte tokens, but \"\u0100\" (byte 0x00) is"
            + " missing");
  }

  @Test
  void refusesBrokenMerges() throws IOException {
    removeAllBut("vocab.json", "merges.txt");
    Path merges = dir.resolve("merges.txt");
    Files.writeString(merges, "#version: 0.2\nt h\nt h e\n");
    assertRefused(
        "merges.txt", "merge 1: expected two tokens with one space between, found \"t h e\"");
    Files.writeString(merges, "#version: 0.2\n\nt h\n");
    assertRefused("merges.txt", "merge 0: expected two tokens with one space between, found \"\"");
    Files.write(merges, new byte[] {'t', ' ', (byte) 0xff, '\n'});
    assertRefused("merges.txt", "expected UTF-8 text, found other bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pad_token | 7 | key \"pad_token\": expected a string or {\"content\": string}, found 7",
        "pad_token | {} | key \"pad_token\": expected a string or {\"content\": string}, found {}",
        "model_max_length | \"64\" |"
            + " key \"model_max_length\": expected a number of 1 or more, found \"64\"",
        "model_max_length | 0 |"
            + " key \"model_max_length\": expected a number of 1 or more, found 0",
        "pad_token | \"\" | key \"pad_token.content\": expected a string that is not empty, found \"\"",
        "extra_special_tokens | \"x\" |"
            + " key \"extra_special_tokens\": expected a list of tokens, found \"x\"",
        "additional_special_tokens | [7] | key \"additional_special_tokens\":"
            + " expected a string or {\"content\": string}, found 7",
        "tokenizer_class | \"BertTokenizer\" | key \"tokenizer_class\":"
            + " expected GPT2Tokenizer or PreTrainedTokenizerFast, found \"BertTokenizer\"",
        "tokenizer_class | [] | key \"tokenizer_class\": expected a string, found []",
        "truncation_side | \"middle\" |"
            + " key \"truncation_side\": expected right or left, found \"middle\"",
        "padding_side | true | key \"padding_side\": expected a string, found true",
        "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output | true |"
            + " clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: this"
            + " option is not supported, found true",
        "added_tokens_decoder | [7] |"
            + " key \"added_tokens_decoder\": expected an object, found [7]",
        "add_prefix_space | 1 | key \"add_prefix_space\": expected true or false, found 1",
        "add_prefix_space | \"no\" |"
            + " key \"add_prefix_space\": expected true or false, found \"no\"",
        "added_tokens_decoder | {\"x\":{\"content\":\"y\"}} |"
            + " key \"added_tokens_decoder\": expected ids as keys, found \"x\"",
        "added_tokens_decoder | {\"3\":7} |"
            + " key \"added_tokens_decoder.content\": expected a string that is not empty,"
            + " found nothing",
      })
  void refusesBrokenConfiguration(String key, String value, String message) throws IOException {
    JsonNode node = MAPPER.readTree(value);
    edit("tokenizer_config.json", root -> root.set(key, node));
    assertRefused("tokenizer_config.json", message);
  }

  @Test
  void refusesBrokenAddedTokensJson() throws IOException {
    removeAllBut("vocab.json", "merges.txt");
    Path file = dir.resolve("added_tokens.json");
    Files.writeString(file, "{\"[PAD]\": \"308\"}");
    assertRefused("added_tokens.json", "key \"[PAD]\": expected an id of 0 or more, found \"308\"");
    Files.writeString(file, "{\"[PAD]\": 308, \"[X]\": 308}");
    assertRefused(
        "added_tokens.json",
        "key \"[X]\": expected an id of its own, not that of [PAD], found 308");
    Files.writeString(file, "{\"\": 308}");
    assertRefused(
        "added_tokens.json",
        "key \"(top level).content\": expected a string that is not empty, found \"\"");
  }

  /** As a clone without `git lfs pull` leaves them. */
  @ParameterizedTest
  @CsvSource({
    "tokenizer.json, JSON",
    "tokenizer_config.json, JSON",
    "vocab.json, JSON",
    "merges.txt, merges"
  })
  void namesGitLfsPointers(String file, String expected) throws IOException {
    if (!file.startsWith("tokenizer")) {
      removeAllBut("vocab.json", "merges.txt");
    }
    Files.writeString(
        dir.resolve(file),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 548105171\n");
    assertRefused(
        file,
        "expected "
            + expected
            + ", found a Git LFS pointer: `git lfs pull` fetches the file itself");
  }

  @Test
  void refusesJsonThatIsNestedTooDeeply() throws IOException {
    Files.writeString(dir.resolve("tokenizer.json"), "{\"a\":" + "[".repeat(1_000_000));
    assertRefusedStarting("tokenizer.json", "not valid JSON: Document nesting depth");
  }

  @Test
  void refusesContradictingAddedTokens() throws IOException {
    edit(
        "tokenizer_config.json",
        root ->
            root.putObject("added_tokens_decoder").putObject("5").put("content", "<|endoftext|>"));
    assertThatThrownBy(() -> Gpt2Tokenizer.fromPretrained(dir))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessage(
            dir
                + ": added token \"<|endoftext|>\": expected the same id in all files, found 0"
                + " and 5");
  }

  /** The first of a list or an object, and all that is in it: the others are like it. */
  private static void collect(JsonNode node, String at, List<String> pointers) {
    Iterator<Map.Entry<String, JsonNode>> fields = node.properties().iterator();
    for (int i = 0; fields.hasNext() && (i < 3 || !at.endsWith("vocab")); i++) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (!field.getKey().contains("/")) {
        pointers.add(at + "/" + field.getKey());
        collect(field.getValue(), at + "/" + field.getKey(), pointers);
      }
    }
    if (node.isArray() && !node.isEmpty()) {
      pointers.add(at + "/0");
      collect(node.get(0), at + "/0", pointers);
    }
  }

  private static JsonNode with(JsonNode root, String pointer, JsonNode value) {
    JsonNode copy = root.deepCopy();
    JsonNode parent = copy.at(pointer.substring(0, pointer.lastIndexOf('/')));
    String key = pointer.substring(pointer.lastIndexOf('/') + 1);
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(key), value);
    } else {
      ((ObjectNode) parent).set(key, value);
    }
    return copy;
  }

  private static final String TEMPLATE =
      "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"TemplateProcessing\",\"single\":["
          + "{\"SpecialToken\":{\"id\":\"<|endoftext|>\",\"type_id\":0}},"
          + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"special_tokens\":{\"<|endoftext|>\":"
          + "{\"id\":\"<|endoftext|>\",\"ids\":[0],\"tokens\":[\"<|endoftext|>\"]}}}]}";

  /** Whatever stands at whatever place, it loads or is refused in one line that names the file. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json"
      })
  void anyWrongValueGivesOneSentence(String name) throws IOException {
    Files.writeString(dir.resolve("added_tokens.json"), "{\"[X]\": 308}");
    JsonNode template = MAPPER.readTree(TEMPLATE);
    edit("tokenizer.json", root -> root.set("post_processor", template));
    if (!name.startsWith("tokenizer")) {
      Files.delete(dir.resolve("tokenizer_config.json"));
    }
    Path file = dir.resolve(name);
    JsonNode root = MAPPER.readTree(file.toFile());
    List<String> pointers = new ArrayList<>();
    collect(root, "", pointers);
    assertThat(pointers).isNotEmpty();
    int refused = 0;
    for (String pointer : pointers) {
      for (String value :
          List.of(
              "null",
              "7",
              "-1",
              "1e300",
              "true",
              "\"\"",
              "\"x\\n\"",
              "[]",
              "[7]",
              "{}",
              "{\"content\":7}")) {
        MAPPER.writeValue(file.toFile(), with(root, pointer, MAPPER.readTree(value)));
        Throwable thrown = catchThrowable(() -> Gpt2Tokenizer.fromPretrained(dir));
        if (thrown != null) {
          refused++;
          assertThat(thrown)
              .as(pointer + " = " + value)
              .isInstanceOf(TokenizerFormatException.class)
              .hasMessageStartingWith(dir.toString())
              .message()
              .hasLineCount(1);
        }
      }
    }
    assertThat(refused).isGreaterThan(pointers.size());
  }
}
