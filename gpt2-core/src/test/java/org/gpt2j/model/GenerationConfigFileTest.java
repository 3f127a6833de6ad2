package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.io.JsonFile;
import org.gpt2j.testing.ErrorOutput;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationConfigFileTest {
  @TempDir Path dir;

  private Path write(String generation) throws IOException {
    return Files.writeString(dir.resolve("generation_config.json"), generation.replace('\'', '"'));
  }

  static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    Fixture.load("configs/generation").json().get("cases").forEach(cases::add);
    return cases;
  }

  /** What model.generate of transformers 5.24 makes of the same directory. */
  @ParameterizedTest
  @MethodSource("cases")
  void generatesAsTransformersDoes(JsonNode json) throws IOException {
    Fixture fixture = Fixture.load("configs/generation");
    ObjectNode config = JsonFile.parse(fixture.json().get("config").toString());
    config.setAll((ObjectNode) json.get("config"));
    JsonFile.write(dir.resolve("config.json"), config);
    if (!json.get("generation").isNull()) {
      write(json.get("generation").toString());
    }
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(Gpt2Config.fromPretrained(dir), fixture.weights());
    int[] prompt = Fixture.ints(fixture.json().get("prompt"));
    GenerationConfig generation = GenerationConfig.fromPretrained(dir);

    if (json.has("error")) {
      assertThatThrownBy(() -> model.generate(List.of(prompt), generation))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "prompt 1: expected fewer tokens than max_length 5, which counts them too, found 5");
    } else {
      assertThat(model.generate(List.of(prompt), generation).get(0))
          .containsExactly(Fixture.ints(json.get("new_tokens")));
    }
  }

  @Test
  void everyKeyThatTransformersWritesIsInTheTable() throws IOException {
    JsonNode keys = Fixture.load("configs/keys").json();
    assertThat(keys.get("generation").size()).isGreaterThan(60);
    keys.get("generation")
        .forEach(key -> assertThat(GenerationConfigFile.keys()).contains(key.asText()));
  }

  @Test
  void takesEveryValueThatItObeys() throws IOException {
    write(
        "{'max_new_tokens':7,'max_length':9,'do_sample':true,'temperature':0.5,'top_k':3,"
            + "'top_p':0.25,'repetition_penalty':1.5,'eos_token_id':[4,-1,5],'bos_token_id':6}");
    GenerationConfig config = GenerationConfig.fromPretrained(dir);
    assertThat(config.maxNewTokens()).isEqualTo(7);
    assertThat(config.maxLength()).isEqualTo(9);
    assertThat(config.limitsLength()).isTrue();
    assertThat(config.doSample()).isTrue();
    assertThat(config.temperature()).isEqualTo(0.5);
    assertThat(config.topK()).isEqualTo(3);
    assertThat(config.topP()).isEqualTo(0.25);
    assertThat(config.repetitionPenalty()).isEqualTo(1.5);
    assertThat(config.eosTokenId()).containsExactly(4, 5);
    assertThat(config.bosTokenId()).isEqualTo(6);
    GenerationConfig copy = config.toBuilder().maxNewTokens(2).build();
    assertThat(copy.maxNewTokens()).isEqualTo(2);
    assertThat(copy.bosTokenId()).isEqualTo(6);
    write("{'do_sample':null}");
    GenerationConfig none = GenerationConfig.fromPretrained(dir);
    assertThat(none.limitsLength()).isFalse();
    assertThat(none.maxNewTokens()).isEqualTo(20);
    assertThat(none.topK()).isEqualTo(50);
    assertThat(none.maxLength()).isNull();
    assertThat(none.eosTokenId()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'max_new_tokens':0 | max_new_tokens: expected an integer of at least 1, found 0",
        "'max_new_tokens':'3' | max_new_tokens: expected an integer of at least 1, found the string \"3\"",
        "'max_length':true | max_length: expected an integer of at least 1, found true",
        "'do_sample':1 | do_sample: expected true or false, found 1",
        "'do_sample':true,'temperature':0 | temperature: expected a number above 0, found 0",
        "'temperature':-1 | temperature: expected a number above 0, found -1",
        "'temperature':NaN | temperature: expected a number above 0, found \"NaN\"",
        "'top_k':-1 | top_k: expected at least 1, or 0 for no limit, found -1",
        "'top_p':1.5 | top_p: expected a probability in [0, 1], found 1.5",
        "'repetition_penalty':0 | repetition_penalty: expected a number above 0, found 0",
        "'eos_token_id':[1,'2'] | eos_token_id: expected a token id, a list of token ids or null, found [1,\"2\"]",
        "'eos_token_id':0.5 | eos_token_id: expected a token id, a list of token ids or null, found 0.5",
        "'bos_token_id':[1] | bos_token_id: expected an integer or null, found [1]",
        "'num_beams':4 | num_beams: this option is not supported, found 4",
        "'no_repeat_ngram_size':2 | no_repeat_ngram_size: this option is not supported, found 2",
        "'encoder_repetition_penalty':1.2 | encoder_repetition_penalty: this option is not supported, found 1.2",
        "'encoder_no_repeat_ngram_size':1 | encoder_no_repeat_ngram_size: this option is not supported, found 1",
        "'min_new_tokens':5 | min_new_tokens: this option is not supported, found 5",
        "'typical_p':0.9 | typical_p: this option is not supported, found 0.9",
        "'bad_words_ids':[[5]] | bad_words_ids: this option is not supported, found [[5]]",
        "'suppress_tokens':[5] | suppress_tokens: this option is not supported, found [5]",
        "'stop_strings':'x' | stop_strings: this option is not supported, found \"x\"",
        "'watermarking_config':{'a':1} | watermarking_config: this option is not supported, found {\"a\":1}",
      })
  void refusesByFileAndKey(String fields, String message) throws IOException {
    Path file = write("{" + fields + "}");
    assertThatThrownBy(() -> GenerationConfig.fromPretrained(dir))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": " + message);
  }

  /** transformers before 4.26 wrote them there, with all that config.json has besides. */
  @Test
  void withoutTheFileConfigJsonIsAsked() throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("config.json"),
            "{\"model_type\":\"gpt2\",\"n_embd\":8,\"no_such_key\":5,\"num_beams\":3,\"top_k\":4}");
    assertThatThrownBy(() -> GenerationConfig.fromPretrained(dir))
        .hasMessage(config + ": num_beams: this option is not supported, found 3");
    write("{'top_k':2}");
    assertThat(
            ErrorOutput.of(
                () -> assertThat(GenerationConfig.fromPretrained(dir).topK()).isEqualTo(2)))
        .doesNotContain("WARN");
  }

  @Test
  void unknownKeysAreNamedInAWarning() throws IOException {
    Path file = write("{'top_x':0.3,'top_y':null}");
    String warnings = ErrorOutput.of(() -> GenerationConfig.fromPretrained(dir));
    assertThat(warnings)
        .contains(file + ": top_x: this key is not known here and not obeyed, found 0.3")
        .doesNotContain("top_y");
  }

  @Test
  void anotherFileInItsPlaceIsNamed() throws IOException {
    Path file = write("version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    assertThatThrownBy(() -> GenerationConfig.fromPretrained(dir))
        .hasMessageStartingWith(file + ": expected JSON, found a Git LFS pointer");
  }
}
