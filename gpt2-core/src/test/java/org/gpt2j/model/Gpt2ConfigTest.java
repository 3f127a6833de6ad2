package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.nn.Activation;
import org.gpt2j.testing.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2ConfigTest {
  @TempDir Path directory;

  /** A minimal config with more fields, which may replace the ones before. */
  private static Gpt2Config parse(String fields) {
    return Gpt2Config.fromJson(
        "{\"model_type\":\"gpt2\"" + (fields.isEmpty() ? "" : ",") + fields + "}");
  }

  @Test
  void missingKeysHaveTheDefaultsOfTransformers() {
    Gpt2Config config = parse("");
    assertThat(config.vocabSize()).isEqualTo(50257);
    assertThat(config.nPositions()).isEqualTo(1024);
    assertThat(config.nEmbd()).isEqualTo(768);
    assertThat(config.nLayer()).isEqualTo(12);
    assertThat(config.nHead()).isEqualTo(12);
    assertThat(config.nInner()).isEqualTo(3072);
    assertThat(config.activationFunction()).isEqualTo(Activation.GELU_TANH);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-5);
    assertThat(config.attnPdrop()).isEqualTo(0.1);
    assertThat(config.embdPdrop()).isEqualTo(0.1);
    assertThat(config.residPdrop()).isEqualTo(0.1);
    assertThat(config.initializerRange()).isEqualTo(0.02);
    assertThat(config.scaleAttnWeights()).isTrue();
    assertThat(config.scaleAttnByInverseLayerIdx()).isFalse();
    assertThat(config.reorderAndUpcastAttn()).isFalse();
    assertThat(config.tieWordEmbeddings()).isTrue();
    assertThat(config.bosTokenId()).isEqualTo(50256);
    assertThat(config.eosTokenId()).containsExactly(50256);
    assertThat(config.padTokenId()).isNull();
    assertThat(config.numLabels()).isEqualTo(2);
    assertThat(config.id2label()).containsExactly(Map.entry(0, "LABEL_0"), Map.entry(1, "LABEL_1"));
    assertThat(config.label2id()).containsExactly(Map.entry("LABEL_0", 0), Map.entry("LABEL_1", 1));
    assertThat(config.problemType()).isNull();
    assertThat(config.architectures()).isEmpty();
  }

  @Test
  void readsEveryKey() {
    Gpt2Config config =
        parse(
            """
            "architectures":["GPT2ForSequenceClassification"],"vocab_size":1,"n_positions":2,
            "n_embd":6,"n_layer":4,"n_head":3,"n_inner":7,"activation_function":"relu",
            "layer_norm_epsilon":1e-6,"attn_pdrop":0.2,"embd_pdrop":0,"resid_pdrop":0.3,
            "initializer_range":0.5,"scale_attn_weights":false,
            "scale_attn_by_inverse_layer_idx":true,"reorder_and_upcast_attn":true,
            "tie_word_embeddings":false,"bos_token_id":null,"eos_token_id":5,"pad_token_id":9,
            "id2label":{"1":"spam","0":"ham","2":"eggs"},"label2id":{"ham":0,"spam":1,"eggs":2},
            "problem_type":"regression","dtype":"float32","torch_dtype":"float16"
            """);
    assertThat(config.architectures()).containsExactly("GPT2ForSequenceClassification");
    assertThat(config.vocabSize()).isEqualTo(1);
    assertThat(config.nPositions()).isEqualTo(2);
    assertThat(config.nEmbd()).isEqualTo(6);
    assertThat(config.nLayer()).isEqualTo(4);
    assertThat(config.nHead()).isEqualTo(3);
    assertThat(config.nInner()).isEqualTo(7);
    assertThat(config.activationFunction()).isEqualTo(Activation.RELU);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-6);
    assertThat(config.attnPdrop()).isEqualTo(0.2);
    assertThat(config.embdPdrop()).isZero();
    assertThat(config.residPdrop()).isEqualTo(0.3);
    assertThat(config.initializerRange()).isEqualTo(0.5);
    assertThat(config.scaleAttnWeights()).isFalse();
    assertThat(config.scaleAttnByInverseLayerIdx()).isTrue();
    assertThat(config.reorderAndUpcastAttn()).isTrue();
    assertThat(config.tieWordEmbeddings()).isFalse();
    assertThat(config.bosTokenId()).isNull();
    assertThat(config.eosTokenId()).containsExactly(5);
    assertThat(config.padTokenId()).isEqualTo(9);
    assertThat(config.numLabels()).isEqualTo(3);
    assertThat(config.id2label())
        .containsExactly(Map.entry(0, "ham"), Map.entry(1, "spam"), Map.entry(2, "eggs"));
    assertThat(config.label2id()).containsEntry("eggs", 2).hasSize(3);
    assertThat(config.problemType()).isEqualTo("regression");
  }

  @Test
  void readsOldFiles() {
    assertThat(parse("\"n_ctx\":64").nPositions()).isEqualTo(64);
    assertThat(parse("\"n_ctx\":64,\"n_positions\":32").nPositions()).isEqualTo(32);
    assertThat(parse("\"num_labels\":3").id2label())
        .containsExactly(Map.entry(0, "LABEL_0"), Map.entry(1, "LABEL_1"), Map.entry(2, "LABEL_2"));
    assertThat(parse("\"torch_dtype\":\"float16\"").toJson())
        .contains("\"torch_dtype\": \"float16\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'model_type':'bert' | model_type: expected \"gpt2\", found the string \"bert\"",
        "'model_type':null | model_type: expected \"gpt2\", found null",
        "'model_type':5 | model_type: expected a string or null, found 5",
        "'add_cross_attention':true | add_cross_attention: expected false, cross attention is not supported, found true",
        "'add_cross_attention':'no' | add_cross_attention: expected true or false, found the string \"no\"",
        "'vocab_size':0 | vocab_size: expected an integer of at least 1, found 0",
        "'vocab_size':'50257' | vocab_size: expected an integer of at least 1, found the string \"50257\"",
        "'n_positions':-1 | n_positions: expected an integer of at least 1, found -1",
        "'n_positions':1024.0 | n_positions: expected an integer of at least 1, found 1024.0",
        "'n_ctx':0 | n_ctx: expected an integer of at least 1, found 0",
        "'n_layer':null | n_layer: expected an integer of at least 1, found null",
        "'n_layer':4294967297 | n_layer: expected an integer of at least 1, found 4294967297",
        "'n_head':true | n_head: expected an integer of at least 1, found true",
        "'n_embd':[768] | n_embd: expected an integer of at least 1, found [768]",
        "'n_embd':770 | n_embd: expected a multiple of n_head 12, found 770",
        "'n_embd':1000000008,'n_head':1 | n_embd: expected at most 536870911, found 1000000008",
        "'n_inner':0 | n_inner: expected an integer of at least 1, found 0",
        "'n_inner':'x' | n_inner: expected an integer or null, found the string \"x\"",
        "'activation_function':'prelu' | activation_function: expected one of gelu_new, gelu_pytorch_tanh, gelu_fast, gelu_python_tanh, gelu_accurate, gelu, gelu_python, gelu_10, quick_gelu, relu, relu2, relu6, leaky_relu, silu, swish, mish, hardswish, tanh, sigmoid, linear, found prelu",
        "'activation_function':null | activation_function: expected a string, found null",
        "'activation_function':1 | activation_function: expected a string or null, found 1",
        "'layer_norm_epsilon':0 | layer_norm_epsilon: expected a number above 0, found 0",
        "'layer_norm_epsilon':'1e-5' | layer_norm_epsilon: expected a number above 0, found the string \"1e-5\"",
        "'attn_pdrop':1 | attn_pdrop: expected a probability from 0 to below 1, found 1",
        "'embd_pdrop':-0.1 | embd_pdrop: expected a probability from 0 to below 1, found -0.1",
        "'resid_pdrop':null | resid_pdrop: expected a probability from 0 to below 1, found null",
        "'initializer_range':-1 | initializer_range: expected a number of at least 0, found -1",
        "'initializer_range':1e999 | initializer_range: expected a number of at least 0",
        "'scale_attn_weights':1 | scale_attn_weights: expected true or false, found 1",
        "'tie_word_embeddings':null | tie_word_embeddings: expected true or false, found null",
        "'pad_token_id':0.5 | pad_token_id: expected an integer or null, found 0.5",
        "'eos_token_id':'1' | eos_token_id: expected a token id, a list of token ids or null, found the string \"1\"",
        "'id2label':[] | id2label: expected an object, found []",
        "'id2label':{} | id2label: expected num_labels names, at least 1, found {}",
        "'id2label':{'1':'a'} | id2label: expected names for the ids 0 to 0, found {\"1\":\"a\"}",
        "'id2label':{'0':1} | id2label: expected names for the ids 0 to 0, found {\"0\":1}",
        "'id2label':{'0':'a'},'num_labels':2 | id2label: expected num_labels names",
        "'num_labels':0 | num_labels: expected an integer of at least 1, found 0",
        "'label2id':{'a':null} | label2id: expected an integer id for each label, found {\"a\":null}",
        "'problem_type':'x' | problem_type: expected null or one of [multi_label_classification, regression, single_label_classification]",
        "'architectures':1 | architectures: expected a list of strings, found 1",
        "'architectures':[1] | architectures: expected a list of strings, found [1]",
        "'dtype':1 | dtype: expected a string or null, found 1",
      })
  void refusesByKeyAndFile(String fields, String message) throws Exception {
    String json = fields.contains("model_type") ? fields : "'model_type':'gpt2'," + fields;
    Path file =
        Files.writeString(directory.resolve("config.json"), "{" + json.replace('\'', '"') + "}");
    assertThatThrownBy(() -> Gpt2Config.fromPretrained(directory))
        .isInstanceOf(Gpt2ConfigException.class)
        .hasMessageStartingWith(file + ": " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "null",
        "{",
        "{} {}",
        "{\"a\":1,\"a\":1}",
        "{'a':1}",
        "nonsense",
        "\ufeff{}",
        "{\"a\":NaN}"
      })
  void refusesWhatIsNotOneJsonObject(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("config.json"), text);
    assertThatThrownBy(() -> Gpt2Config.fromPretrained(directory))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": ");
    assertThatThrownBy(() -> Gpt2Config.fromJson(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesDeepNestingAndBadEncoding() throws Exception {
    Path file = Files.writeString(directory.resolve("config.json"), "{\"a\":".repeat(1_000_000));
    assertThatThrownBy(() -> Gpt2Config.fromPretrained(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nesting depth");
    Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
    assertThatThrownBy(() -> Gpt2Config.fromPretrained(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": not valid UTF-8");
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(() -> Gpt2Config.fromPretrained(directory))
        .isInstanceOf(IOException.class)
        .hasMessage(directory.resolve("config.json") + ": no such file");
  }

  @Test
  void keepsUnknownKeysAndWritesKeysSorted() throws Exception {
    Gpt2Config config =
        parse("\"z\":{\"b\":[1,{}],\"a\":[]},\"n_head\":4,\"A\":\"\u00e9\u2028\",\"n_embd\":8");
    assertThat(config.toJson())
        .isEqualTo(
            """
            {
              "A": "\\u00e9\\u2028",
              "model_type": "gpt2",
              "n_embd": 8,
              "n_head": 4,
              "z": {
                "a": [],
                "b": [
                  1,
                  {}
                ]
              }
            }
            """);
    Path target = directory.resolve("new").resolve("model");
    config.savePretrained(target);
    assertThat(target.resolve("config.json")).hasContent(config.toJson());
    assertThat(Gpt2Config.fromPretrained(target).toJson()).isEqualTo(config.toJson());
  }

  @Test
  void refusesToSaveIntoAFile() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> Gpt2Config.gpt2().savePretrained(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected a directory to save into, found a file");
  }

  @Test
  void buildsFromGpt2() {
    Gpt2Config base = Gpt2Config.gpt2();
    Gpt2Config config =
        base.toBuilder()
            .labels(List.of("ham", "spam", "c", "d", "e", "f", "g", "h", "i", "j", "k"))
            .padTokenId(50256)
            .dropout(0)
            .nLayer(2)
            .nPositions(64)
            .problemType("single_label_classification")
            .architectures(List.of("GPT2ForSequenceClassification"))
            .build();
    assertThat(config.numLabels()).isEqualTo(11);
    assertThat(config.id2label()).containsEntry(1, "spam").containsEntry(10, "k");
    assertThat(config.label2id()).containsEntry("spam", 1);
    assertThat(config.padTokenId()).isEqualTo(50256);
    assertThat(config.attnPdrop() + config.embdPdrop() + config.residPdrop()).isZero();
    assertThat(config.nLayer()).isEqualTo(2);
    assertThat(config.nPositions()).isEqualTo(64);
    assertThat(config.architectures()).containsExactly("GPT2ForSequenceClassification");
    // Python sorts the integer keys by value.
    assertThat(config.toJson()).containsSubsequence("\"9\": \"j\"", "\"10\": \"k\"");
    assertThat(base.numLabels()).isEqualTo(2);
    assertThat(base.nLayer()).isEqualTo(12);
  }

  @Test
  void builderRefusesByKey() {
    assertThatThrownBy(() -> Gpt2Config.gpt2().toBuilder().nHead(7).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("n_embd: expected a multiple of n_head 7, found 768");
    assertThatThrownBy(() -> Gpt2Config.gpt2().toBuilder().labels(List.of()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("id2label: ");
    assertThatThrownBy(() -> Gpt2Config.gpt2().toBuilder().layerNormEpsilon(Double.NaN).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("layer_norm_epsilon: ");
  }

  @ParameterizedTest
  @CsvSource({
    "gelu_new, GELU_TANH",
    "gelu_pytorch_tanh, GELU_TANH",
    "gelu_fast, GELU_TANH",
    "gelu, GELU_ERF",
    "relu, RELU",
    "silu, SILU",
    "swish, SILU",
    "tanh, TANH",
    "gelu_accurate, GELU_TANH",
    "gelu_python_tanh, GELU_TANH",
    "gelu_python, GELU_ERF",
    "mish, MISH",
    "linear, LINEAR"
  })
  void knowsTheActivationNamesOfTransformers(String name, Activation activation) {
    assertThat(Activation.fromName(name)).isEqualTo(activation);
    assertThat(parse("\"activation_function\":\"" + name + "\"").activationFunction())
        .isEqualTo(activation);
  }

  @Test
  void readsFilesFromTheWild() throws Exception {
    Gpt2Config tiny = Gpt2Config.fromPretrained(SharedData.require("tiny-gpt2"));
    assertThat(tiny.nEmbd()).isEqualTo(2);
    assertThat(tiny.toJson()).contains("\"task_specific_params\"", "\"dtype\": \"float32\"");
    Gpt2Config sort = Gpt2Config.fromPretrained(SharedData.require("gpt-nano-sort"));
    assertThat(sort.nEmbd()).isEqualTo(48);
    assertThat(sort.nPositions()).isEqualTo(11);
    assertThat(sort.tieWordEmbeddings()).isFalse();
  }
}
