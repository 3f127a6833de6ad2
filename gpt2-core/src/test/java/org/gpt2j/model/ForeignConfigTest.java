package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.KeyTable;
import org.gpt2j.testing.ErrorOutput;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** config.json as transformers 2 to 5 and people's editors leave it. */
class ForeignConfigTest {
  /** What transformers 2.3 wrote, before it knew model_type. */
  private static final String OLD =
      """
      {"architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1, "do_sample": false,
       "embd_pdrop": 0.1, "eos_token_ids": 0, "finetuning_task": null,
       "id2label": {"0": "LABEL_0"}, "initializer_range": 0.02, "is_decoder": false,
       "label2id": {"LABEL_0": 0}, "layer_norm_epsilon": 1e-05, "length_penalty": 1.0,
       "max_length": 20, "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 6,
       "n_positions": 1024, "num_beams": 1, "num_labels": 1, "num_return_sequences": 1,
       "output_attentions": false, "output_hidden_states": false, "output_past": true,
       "pad_token_id": 0, "pruned_heads": {}, "repetition_penalty": 1.0, "resid_pdrop": 0.1,
       "summary_activation": null, "summary_first_dropout": 0.1, "summary_proj_to_labels": true,
       "summary_type": "cls_index", "summary_use_proj": true, "temperature": 1.0, "top_k": 50,
       "top_p": 1.0, "torchscript": false, "use_bfloat16": false, "vocab_size": 50257,
       "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}}}
      """;

  @TempDir Path dir;

  private static Gpt2Config parse(String fields) {
    return Gpt2Config.fromJson("{\"model_type\":\"gpt2\"," + fields.replace('\'', '"') + "}");
  }

  @Test
  void everyKeyThatTransformersWritesIsInTheTable() throws IOException {
    Set<String> known = new TreeSet<>();
    for (KeyTable.Effect effect : KeyTable.Effect.values()) {
      known.addAll(Gpt2ConfigKeys.TABLE.keys(effect));
    }
    JsonNode keys = Fixture.load("configs/keys").json().get("config");
    assertThat(keys.size()).isGreaterThan(35);
    keys.forEach(key -> assertThat(known).contains(key.asText()));
  }

  @Test
  void oldFilesAreReadWithoutAWord() throws IOException {
    String warnings =
        ErrorOutput.of(
            () -> {
              Gpt2Config config = Gpt2Config.fromJson(OLD);
              assertThat(config.nLayer()).isEqualTo(6);
              assertThat(config.id2label()).containsExactly(Map.entry(0, "LABEL_0"));
            });
    assertThat(warnings).doesNotContain("WARN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'n_embd':8,'n_layer':1",
        "'n_embd':8,'n_layer':1,'n_head':2,'architectures':['OpenAIGPTLMHeadModel']",
        "'n_embd':8,'n_layer':1,'n_head':2,'architectures':'GPTJForCausalLM'"
      })
  void withoutModelTypeTheRestMustSayGpt2(String fields) {
    String json = "{" + fields.replace('\'', '"') + "}";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gpt2Config.fromJson(json))
        .withMessage("model_type: expected \"gpt2\", found nothing");
    Gpt2Config old = Gpt2Config.fromJson("{\"n_embd\":8,\"n_layer\":1,\"n_head\":2}");
    assertThat(old.nEmbd()).isEqualTo(8);
    assertThat(old.toJson()).contains("\"model_type\": \"gpt2\"");
  }

  static List<JsonNode> labels() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    Fixture.load("configs/labels").json().forEach(cases::add);
    return cases;
  }

  @ParameterizedTest
  @MethodSource("labels")
  void labelsAreThoseOfTransformers(JsonNode json) {
    ObjectNode config = JsonFile.parse("{\"model_type\":\"gpt2\"}");
    config.setAll((ObjectNode) json.get("keys"));
    Gpt2Config read = Gpt2Config.fromJson(config.toString());
    Map<Integer, String> expected = new TreeMap<>();
    json.get("id2label")
        .properties()
        .forEach(e -> expected.put(Integer.valueOf(e.getKey()), e.getValue().asText()));
    assertThat(read.id2label()).isEqualTo(expected);
    expected.forEach((id, label) -> assertThat(read.label2id()).containsEntry(label, id));
    assertThat(read.label2id()).hasSameSizeAs(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'id2label':{'0':'a','00':'b'} | id2label: expected names for the ids 0 to 1",
        "'id2label':{'0':'a','-1':'b'} | id2label: expected names for the ids 0 to 1",
        "'num_labels':2147483647 | num_labels: expected at most 65536 where id2label names none,"
            + " found 2147483647",
        "'hidden_size':8,'n_embd':16,'n_head':2 | hidden_size: expected n_embd's value 16, found 8",
        "'pruned_heads':{'0':[1]} | pruned_heads: this option is not supported, found {\"0\":[1]}",
        "'quantization_config':{'bits':4} | quantization_config: this option is not supported",
        "'per_layer_config':{'0':{'n_inner':4}} | per_layer_config: this option is not supported",
        "'is_encoder_decoder':true | is_encoder_decoder: this option is not supported, found true",
        "'transformers_weights':'other.safetensors' | transformers_weights: this option is not"
            + " supported, found \"other.safetensors\"",
      })
  void whatWouldBeReadWronglyIsRefused(String fields, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(fields))
        .withMessageStartingWith(message);
  }

  @Test
  void namesOfOtherLibrariesAreTaken() {
    Gpt2Config config =
        parse(
            "'hidden_size':8,'num_attention_heads':2,'num_hidden_layers':3,"
                + "'max_position_embeddings':5,'n_embd':8");
    assertThat(config.nEmbd()).isEqualTo(8);
    assertThat(config.nHead()).isEqualTo(2);
    assertThat(config.nLayer()).isEqualTo(3);
    assertThat(config.nPositions()).isEqualTo(5);
    Gpt2Config other = config.toBuilder().nEmbd(6).nHead(3).nLayer(1).nPositions(4).build();
    assertThat(other.toJson()).doesNotContain("hidden_", "attention_heads", "position_embeddings");
    assertThat(other.nPositions()).isEqualTo(4);
  }

  @Test
  void severalEndTokens() {
    assertThat(parse("'eos_token_id':[0,198]").eosTokenId()).containsExactly(0, 198);
    assertThat(parse("'eos_token_id':null").eosTokenId()).isEmpty();
    assertThat(parse("'eos_token_id':[]").eosTokenId()).isEmpty();
    assertThat(parse("'eos_token_id':-1").eosTokenId()).isEmpty();
    assertThat(parse("'architectures':'GPT2LMHeadModel'").architectures())
        .containsExactly("GPT2LMHeadModel");
  }

  /** An end token beyond the vocabulary never comes, and costs no memory. */
  @Test
  void endTokensBeyondTheVocabulary() throws IOException {
    Gpt2Config config =
        parse(
            "'vocab_size':11,'n_positions':5,'n_embd':6,'n_head':2,'n_layer':1,"
                + "'eos_token_id':[2147483647,50256]");
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(config, new SeededWeights(4, 8));
    GenerationConfig greedy = GenerationConfig.builder().build();
    assertThat(model.generate(List.of(new int[] {1}), greedy).get(0)).hasSize(4);
  }

  @Test
  void unknownKeysAreNamedInAWarningUnlessTheyAreOff() throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("config.json"),
            "{\"model_type\":\"gpt2\",\"rotary_dim\":64,\"mup\":false,\"x\":NaN}");
    String warnings = ErrorOutput.of(() -> Gpt2Config.fromPretrained(dir));
    assertThat(warnings)
        .contains(file + ": rotary_dim: this key is not known here and not obeyed, found 64")
        .doesNotContain("mup");
  }

  @Test
  void twoClassesOfOneNameAreNoClassifier() throws IOException {
    Gpt2Config config =
        parse(
            "'vocab_size':11,'n_positions':5,'n_embd':6,'n_head':2,'n_layer':1,"
                + "'id2label':{'0':'ham','1':'spam','2':'ham'}");
    String message =
        "id2label: expected a name of its own for each class, found \"ham\" for 0 and 2";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Gpt2ForSequenceClassification(config, new SeededWeights(4, 8)))
        .withMessage(message);
    new Gpt2LMHeadModel(config, new SeededWeights(4, 8)).savePretrained(dir);
    assertThatThrownBy(() -> Gpt2ForSequenceClassification.fromPretrained(dir))
        .isInstanceOf(IOException.class)
        .hasMessage(dir.resolve("config.json") + ": " + message);
    assertThat(Gpt2LMHeadModel.fromPretrained(dir).config().numLabels()).isEqualTo(3);
  }
}
