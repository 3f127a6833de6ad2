package org.gpt2j.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.gpt2j.nn.Activation;

/**
 * Sets keys of a {@link Gpt2Config}; {@link #build} checks them as if they came from a file.
 * Setters have the names of the keys in camel case.
 */
public final class Gpt2ConfigBuilder {
  private final ObjectNode json;

  Gpt2ConfigBuilder(ObjectNode json) {
    this.json = json;
  }

  public Gpt2ConfigBuilder vocabSize(int value) {
    json.put("vocab_size", value);
    return this;
  }

  public Gpt2ConfigBuilder nPositions(int value) {
    json.put("n_positions", value);
    json.remove("n_ctx");
    json.remove("max_position_embeddings");
    return this;
  }

  public Gpt2ConfigBuilder nEmbd(int value) {
    json.put("n_embd", value);
    json.remove("hidden_size");
    return this;
  }

  public Gpt2ConfigBuilder nLayer(int value) {
    json.put("n_layer", value);
    json.remove("num_hidden_layers");
    return this;
  }

  public Gpt2ConfigBuilder nHead(int value) {
    json.put("n_head", value);
    json.remove("num_attention_heads");
    return this;
  }

  /** Width of the MLP; null stands for 4 times nEmbd. */
  public Gpt2ConfigBuilder nInner(Integer value) {
    json.put("n_inner", value);
    return this;
  }

  /** A name of transformers, see {@link Activation}. */
  public Gpt2ConfigBuilder activationFunction(String name) {
    json.put("activation_function", name);
    return this;
  }

  public Gpt2ConfigBuilder layerNormEpsilon(double value) {
    json.put("layer_norm_epsilon", value);
    return this;
  }

  /** Sets attn_pdrop, embd_pdrop and resid_pdrop. */
  public Gpt2ConfigBuilder dropout(double probability) {
    json.put("attn_pdrop", probability);
    json.put("embd_pdrop", probability);
    json.put("resid_pdrop", probability);
    return this;
  }

  public Gpt2ConfigBuilder initializerRange(double value) {
    json.put("initializer_range", value);
    return this;
  }

  public Gpt2ConfigBuilder scaleAttnByInverseLayerIdx(boolean value) {
    json.put("scale_attn_by_inverse_layer_idx", value);
    return this;
  }

  public Gpt2ConfigBuilder tieWordEmbeddings(boolean value) {
    json.put("tie_word_embeddings", value);
    return this;
  }

  public Gpt2ConfigBuilder bosTokenId(Integer value) {
    json.put("bos_token_id", value);
    return this;
  }

  public Gpt2ConfigBuilder eosTokenId(Integer value) {
    json.put("eos_token_id", value);
    return this;
  }

  /** The padding token, or null for none. */
  public Gpt2ConfigBuilder padTokenId(Integer value) {
    json.put("pad_token_id", value);
    return this;
  }

  /** Names of the classes in order of their ids: id2label, label2id and with them num_labels. */
  public Gpt2ConfigBuilder labels(List<String> labels) {
    ObjectNode id2label = json.putObject("id2label");
    ObjectNode label2id = json.putObject("label2id");
    for (int id = 0; id < labels.size(); id++) {
      id2label.put(Integer.toString(id), labels.get(id));
      label2id.put(labels.get(id), id);
    }
    json.remove("num_labels");
    return this;
  }

  public Gpt2ConfigBuilder problemType(String value) {
    json.put("problem_type", value);
    return this;
  }

  public Gpt2ConfigBuilder architectures(List<String> names) {
    json.remove("architectures");
    names.forEach(json.withArray("architectures")::add);
    return this;
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException naming the key that cannot be used
   */
  public Gpt2Config build() {
    return new Gpt2Config(json);
  }
}
