package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapter configs that are broken, or ask for what we do not have. Each is refused in one sentence
 * that names the file and the key, and the model stays what it was.
 */
class AdapterConfigTest extends AdapterDirectory {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Test
  void brokenJson() throws IOException {
    String text = Files.readString(configFile);
    Files.writeString(configFile, text.substring(0, text.length() / 2));
    assertThatIOException()
        .isThrownBy(() -> LoraModel.fromPretrained(model, dir, true))
        .withMessageStartingWith(configFile + ": not valid JSON in line ");
    Files.writeString(configFile, text.replaceFirst("\\{", "{\"r\": 2,"));
    assertRefused("CONFIG: not valid JSON in line 15: Duplicate field 'r'");
    Files.writeString(configFile, "[1]");
    assertRefused("CONFIG: expected a JSON object, found array");
    Files.write(configFile, new byte[] {'{', (byte) 0xff});
    assertRefused("CONFIG: not valid UTF-8");
    assertModelUntouched();
  }

  /** Options that would change what is computed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "use_dora | true",
        "use_qalora | true",
        "use_bdlora | true",
        "lora_bias | true",
        "layer_replication | [[0,1],[0,2]]",
        "trainable_token_indices | [5]",
        "target_parameters | [\"wte\"]",
        "megatron_config | {\"a\":1}",
        "loftq_config | {\"loftq_bits\":4}",
        "corda_config | {\"a\":1}",
        "kasa_config | {\"a\":1}",
        "arrow_config | {\"a\":1}",
        "velora_config | {\"a\":1}",
        "monteclora_config | {\"a\":1}",
        "alora_invocation_tokens | [1,2]"
      })
  void unsupportedOption(String key, String value) throws IOException {
    json.set(key, MAPPER.readTree(value));
    writeConfig();
    assertRefused("CONFIG: " + key + ": this option is not supported, found " + value);
  }

  /** What changes nothing, and what a later peft may write, is no reason to refuse. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ensure_weight_tying | true",
        "eva_config | {\"rho\":2.0}",
        "megatron_core | \"megatron.core\"",
        "peft_version | \"0.99.0\"",
        "an_option_of_tomorrow | \"on\"",
        "an_option_of_tomorrow | 1"
      })
  void optionWithoutEffect(String key, String value) throws IOException {
    json.set(key, MAPPER.readTree(value));
    writeConfig();
    LoraModel lora = LoraModel.fromPretrained(model, dir, true);
    assertThat(lora.stateDict()).containsOnlyKeys(tensors.keySet());
  }

  /** Layers and exclusions are obeyed: the file has more tensors than they leave. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layers_to_transform | [0]",
        "layers_to_transform | 0",
        "exclude_modules | [\"h.1.attn.c_attn\"]",
        "exclude_modules | \".*h.1.*\""
      })
  void fewerModulesThanTensors(String key, String value) throws IOException {
    json.set(key, MAPPER.readTree(value));
    writeConfig();
    assertRefused(
        "WEIGHTS: tensors that the config does not call for: [%slora_A.weight, %slora_B.weight]"
            .formatted(LAYER, LAYER));
  }

  /** The same options are no reason to refuse where they are off. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "false", "[]", "{}"})
  void optionsThatAreOff(String off) throws IOException {
    for (String key :
        "use_dora use_qalora lora_bias layer_replication layers_to_transform exclude_modules "
            .concat("trainable_token_indices target_parameters megatron_config loftq_config ")
            .concat("alora_invocation_tokens layers_pattern an_option_of_tomorrow")
            .split(" ")) {
      json.set(key, MAPPER.readTree(off));
    }
    writeConfig();
    assertThat(LoraModel.fromPretrained(model, dir, true).config().r()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "r | 0 | a rank of at least 1, found 0",
        "r | -1 | a rank of at least 1, found -1",
        "r | 2.5 | an integer, found 2.5",
        "r | \"2\" | an integer, found \"2\"",
        "r | null | a value, found none",
        "r | 99999999999 | an integer, found 99999999999",
        "lora_alpha | -4 | a number above 0, found -4.0",
        "lora_alpha | 0 | a number above 0, found 0.0",
        "lora_alpha | 1e999 | a number above 0, found Infinity",
        "lora_alpha | \"4\" | a number, found \"4\"",
        "lora_alpha | null | a number, found null",
        "lora_dropout | 1 | a probability in [0, 1), found 1.0",
        "lora_dropout | -0.1 | a probability in [0, 1), found -0.1",
        "lora_dropout | true | a number, found true",
        "bias | \"some\" | one of [none, all, lora_only], found \"some\"",
        "bias | true | one of [none, all, lora_only], found true",
        "use_rslora | \"yes\" | true or false, found \"yes\"",
        "use_rslora | 1 | true or false, found 1",
        "fan_in_fan_out | null | true or false, found null",
        "modules_to_save | \"score\" | a list of strings, found \"score\"",
        "modules_to_save | [1] | a string, found 1",
        "rank_pattern | [] | an object, found []",
        "rank_pattern | {\"c_attn\":\"2\"} | an integer, found \"2\"",
        "alpha_pattern | {\"c_attn\":null} | a number, found null",
        "rank_pattern | {\"(\":3} | a regular expression, found \"(\": Unclosed group",
        "alpha_pattern | {\"*\":3} | a regular expression, found \"*\": Dangling meta character '*'",
        "base_model_name_or_path | 1 | a string, found 1",
        "peft_type | \"IA3\" | LORA, found \"IA3\"",
        "peft_type | null | a value, found none",
        "task_type | \"SEQ_3\" | one of [SEQ_CLS, SEQ_2_SEQ_LM, CAUSAL_LM, TOKEN_CLS, QUESTION_ANS,"
            + " FEATURE_EXTRACTION], found \"SEQ_3\"",
        "revision | 1 | a string, found 1",
        "exclude_modules | 1 | a list of strings, found 1",
        "exclude_modules | \"c_attn(\" | a regular expression, found \"c_attn(\": Unclosed group",
        "layers_to_transform | [0.5] | an integer, found 0.5",
        "layers_to_transform | \"0\" | an integer or a list of integers, found \"0\"",
        "layers_pattern | \"h\" | layers_to_transform beside it, found none",
        "layers_pattern | 1 | a list of strings, found 1",
        "target_modules | null | a value, found none",
        "target_modules | [] | at least one name, found none",
        "target_modules | 1 | a list of strings, found 1",
        "target_modules | [null] | a string, found null",
        "target_modules | \"c_attn(\" | a regular expression, found \"c_attn(\": Unclosed group",
        "init_lora_weights | \"pissa\" | true, false or one of [eva, gaussian, orthogonal], found"
            + " \"pissa\"",
        "init_lora_weights | \"olora\" | true, false or one of [eva, gaussian, orthogonal], found"
            + " \"olora\"",
        "init_lora_weights | 1 | true, false or one of [eva, gaussian, orthogonal], found 1"
      })
  void wrongValue(String key, String value, String expected) throws IOException {
    json.set(key, MAPPER.readTree(value));
    Files.writeString(configFile, json.toString().replace("\"Infinity\"", "1e999"));
    assertRefused("CONFIG: " + key + ": expected " + expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"r", "target_modules", "peft_type"})
  void missingKey(String key) throws IOException {
    json.remove(key);
    writeConfig();
    assertRefused("CONFIG: " + key + ": expected a value, found none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"c_attn\":0} | rank_pattern.c_attn: expected a rank of at least 1, found 0",
        "{\"h.1.attn.c_attn\":3} | WEIGHTS: tensor "
            + LAYER
            + "lora_A.weight: expected shape [3, 6],"
            + " found [2, 6]",
        "{\"c_attn\":2000000000} | r: rank 2000000000 of h.0.attn.c_attn would take more than 2 GiB"
      })
  void rankPattern(String value, String message) throws IOException {
    json.set("rank_pattern", MAPPER.readTree(value));
    writeConfig();
    assertRefused(message.startsWith("WEIGHTS") ? message : "CONFIG: " + message);
  }

  @Test
  void layersGoWithNames() throws IOException {
    json.put("target_modules", ".*c_attn").set("layers_to_transform", MAPPER.readTree("[1]"));
    writeConfig();
    assertRefused(
        "CONFIG: layers_to_transform: expected target_modules to be a list of names beside it,"
            + " found .*c_attn");
    json.set("target_modules", MAPPER.readTree("[\"c_attn\"]"));
    json.put("layers_to_transform", 1).put("layers_pattern", "(");
    writeConfig();
    assertRefused(
        "CONFIG: layers_pattern: expected a regular expression, found \"(\": Unclosed group");
  }

  @Test
  void whenNothingIsLeft() throws IOException {
    json.put("exclude_modules", ".*");
    writeConfig();
    assertRefused(
        "CONFIG: target_modules: [c_attn] names modules that exclude_modules, modules_to_save and"
            + " layers_to_transform leave out, all of them");
  }

  /** Each is bounded before it is used: none hangs, and none is drawn only to be replaced. */
  @ParameterizedTest
  @ValueSource(strings = {"rank_pattern", "alpha_pattern"})
  void patternsWithoutEnd(String key) throws IOException {
    json.putObject(key).put(".*.*.*.*.*.*.*.*.*.*.*.*X", 2);
    writeConfig();
    assertRefused(
        "CONFIG: "
            + key
            + ": expected a regular expression, found \".*.*.*.*.*.*.*.*.*.*.*.*X\": too many steps"
            + " to match it with transformer.h.0.attn.c_attn");
    json.putObject(key).put("a".repeat(20_000), 2);
    writeConfig();
    assertRefused(
        "CONFIG: "
            + key
            + ": expected a regular expression of at most 10000 characters, found 20000");
    json.putObject(key);
    for (int i = 0; i <= 10_000; i++) {
      json.withObject("/" + key).put("m" + i, 2);
    }
    writeConfig();
    assertRefused("CONFIG: " + key + ": expected at most 10000, found 10001");
  }

  /** Whole between peft's brackets only: `(.*\\.)?(c_attn)$`. */
  @Test
  void aPatternThatBreaksTheBracketsIsNamed() throws IOException {
    json.putObject("rank_pattern").put("(?i)c_attn", 2);
    writeConfig();
    assertRefused(
        "CONFIG: rank_pattern: expected a regular expression, found \"(?i)c_attn\": (?i is not of"
            + " Python, or not at the start");
  }

  /** 300,000 rows are compared with the file before there are any. */
  @Test
  void ranksAreComparedFirst() throws IOException {
    json.put("r", 300_000);
    writeConfig();
    assertRefused(
        "WEIGHTS: tensor base_model.model.transformer.h.0.attn.c_attn.lora_A.weight: expected"
            + " shape [300000, 6], found [2, 6]");
    json.put("r", 2).put("lora_alpha", 1e39);
    writeConfig();
    assertRefused("CONFIG: lora_alpha: expected a number above 0, found 1.0E39");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"c_atn\"] | [c_atn] names no module of the model; it has c_attn, c_proj and c_fc",
        "\"c_attn\" | c_attn names no module of the model; it has c_attn, c_proj and c_fc",
        "[\"attn.c_attn.\"] | [attn.c_attn.] names no module of the model; it has c_attn, c_proj and"
            + " c_fc",
        "[\"c_attn\",\"wte\"] | [c_attn, wte] hits transformer.wte, which is no Conv1D layer",
        "[\"ln_1\"] | [ln_1] hits transformer.h.0.ln_1, which is no Conv1D layer",
        "[\"attn\"] | [attn] hits transformer.h.0.attn, which is no Conv1D layer",
        "[\"score\"] | [score] hits score, which is no Conv1D layer",
        "[\"drop\"] | [drop] hits transformer.drop, which is no Conv1D layer",
        "\".*\" | .* hits transformer, which is no Conv1D layer"
      })
  void targetsThatDoNotFit(String value, String message) throws IOException {
    json.set("target_modules", MAPPER.readTree(value));
    writeConfig();
    assertRefused("CONFIG: target_modules: " + message);
  }

  /** A full name is a name too. */
  @Test
  void targetsByFullName() throws IOException {
    json.set(
        "target_modules", MAPPER.readTree("[\"transformer.h.1.attn.c_attn\",\"h.0.attn.c_attn\"]"));
    writeConfig();
    LoraModel lora = LoraModel.fromPretrained(model, dir, true);
    assertThat(lora.stateDict()).containsOnlyKeys(tensors.keySet());
  }

  @Test
  void adapterOfAnotherTask() throws IOException {
    use(new Gpt2LMHeadModel(BASE, new SeededWeights(4, 10)));
    assertRefused("CONFIG: task_type: SEQ_CLS does not fit a Gpt2LMHeadModel");
    use(classifier());
    json.put("task_type", "CAUSAL_LM");
    writeConfig();
    assertRefused("CONFIG: task_type: CAUSAL_LM does not fit a Gpt2ForSequenceClassification");
  }
}
