package org.gpt2j.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.JsonFile;
import org.gpt2j.nn.Activation;
import org.gpt2j.safetensors.DType;

/**
 * The configuration of a GPT-2 model: config.json of transformers, class GPT2Config. Accessors have
 * the names of the keys in camel case and give GPT2Config's default where a key is missing.
 *
 * <p>The JSON object is kept as it was read, so keys that this class does not know are written back
 * unchanged. Immutable.
 */
public final class Gpt2Config {
  /** The name of the file in a model directory. */
  public static final String FILE_NAME = "config.json";

  private static final Set<String> PROBLEM_TYPES =
      Stream.of(ProblemType.values()).map(ProblemType::toString).collect(Collectors.toSet());

  private final ObjectNode json;
  private final int vocabSize;
  private final int nPositions;
  private final int nEmbd;
  private final int nLayer;
  private final int nHead;
  private final int nInner;
  private final Activation activationFunction;
  private final double layerNormEpsilon;
  private final double attnPdrop;
  private final double embdPdrop;
  private final double residPdrop;
  private final double initializerRange;
  private final boolean scaleAttnWeights;
  private final boolean scaleAttnByInverseLayerIdx;
  private final boolean reorderAndUpcastAttn;
  private final boolean tieWordEmbeddings;
  private final Integer bosTokenId;
  private final int[] eosTokenId;
  private final Integer padTokenId;
  private final Map<Integer, String> id2label;
  private final Map<String, Integer> label2id;
  private final String problemType;
  private final List<String> architectures;

  Gpt2Config(ObjectNode source) {
    json = source.deepCopy();
    ConfigReader in = new ConfigReader(json);
    checkModelType(in);
    if (in.flag("add_cross_attention", false)) {
      throw in.refuse("add_cross_attention", "false, cross attention is not supported");
    }
    vocabSize = in.size("vocab_size", 50257);
    // Files from before transformers 4 may have n_ctx alone.
    nPositions = in.size("n_positions", "max_position_embeddings", in.size("n_ctx", 1024));
    nEmbd = in.size("n_embd", "hidden_size", 768);
    nLayer = in.size("n_layer", "num_hidden_layers", 12);
    nHead = in.size("n_head", "num_attention_heads", 12);
    if (nEmbd % nHead != 0) {
      throw new IllegalArgumentException(
          "n_embd: expected a multiple of n_head %s, found %s".formatted(nHead, nEmbd));
    }
    if (nEmbd > Integer.MAX_VALUE / 4) {
      throw in.refuse("n_embd", "at most " + Integer.MAX_VALUE / 4);
    }
    boolean innerGiven = in.integerOrNull("n_inner", null) != null;
    nInner = innerGiven ? in.size("n_inner", 0) : 4 * nEmbd;
    activationFunction = activation(in);
    layerNormEpsilon =
        in.number(
            "layer_norm_epsilon", 1e-5, Double.MIN_VALUE, Double.MAX_VALUE, "a number above 0");
    attnPdrop = dropout(in, "attn_pdrop");
    embdPdrop = dropout(in, "embd_pdrop");
    residPdrop = dropout(in, "resid_pdrop");
    initializerRange =
        in.number("initializer_range", 0.02, 0, Double.MAX_VALUE, "a number of at least 0");
    scaleAttnWeights = in.flag("scale_attn_weights", true);
    scaleAttnByInverseLayerIdx = in.flag("scale_attn_by_inverse_layer_idx", false);
    reorderAndUpcastAttn = in.flag("reorder_and_upcast_attn", false);
    tieWordEmbeddings = in.flag("tie_word_embeddings", true);
    bosTokenId = in.integerOrNull("bos_token_id", 50256);
    eosTokenId = in.has("eos_token_id") ? in.tokenIds("eos_token_id") : new int[] {50256};
    padTokenId = in.integerOrNull("pad_token_id", null);
    id2label = ConfigLabels.id2label(in);
    label2id = ConfigLabels.label2id(in, id2label);
    problemType = in.stringOrNull("problem_type");
    if (problemType != null && !PROBLEM_TYPES.contains(problemType)) {
      throw in.refuse("problem_type", "null or one of " + new TreeSet<>(PROBLEM_TYPES));
    }
    architectures = in.strings("architectures");
    in.stringOrNull("dtype");
    in.stringOrNull("torch_dtype");
  }

  /**
   * Configs from before transformers 2.5 have no model_type: these are of GPT-2 where they have its
   * sizes by their names, and no architecture speaks against it.
   */
  private static void checkModelType(ConfigReader in) {
    String type = in.stringOrNull("model_type");
    boolean looksLikeIt =
        in.has("n_embd")
            && in.has("n_layer")
            && in.has("n_head")
            && in.strings("architectures").stream().allMatch(name -> name.startsWith("GPT2"));
    if (type == null ? !looksLikeIt : !type.equals("gpt2")) {
      throw in.refuse("model_type", "\"gpt2\"");
    }
    in.json().put("model_type", "gpt2"); // what is written from here says so
  }

  private static Activation activation(ConfigReader in) {
    if (!in.has("activation_function")) {
      return Activation.GELU_TANH;
    }
    String name = in.stringOrNull("activation_function");
    if (name == null) {
      throw in.refuse("activation_function", "a string");
    }
    try {
      return Activation.fromName(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("activation_function: " + e.getMessage(), e);
    }
  }

  private static double dropout(ConfigReader in, String key) {
    return in.number(key, 0.1, 0, 1, "a probability from 0 to below 1");
  }

  /** The 124M model of OpenAI, named {@code gpt2} on the hub: GPT2Config's defaults. */
  public static Gpt2Config gpt2() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("GPT2LMHeadModel");
    json.put("model_type", "gpt2");
    json.put("vocab_size", 50257);
    json.put("n_positions", 1024);
    json.put("n_embd", 768);
    json.put("n_layer", 12);
    json.put("n_head", 12);
    json.putNull("n_inner");
    json.put("activation_function", "gelu_new");
    json.put("layer_norm_epsilon", 1e-5);
    json.put("attn_pdrop", 0.1);
    json.put("embd_pdrop", 0.1);
    json.put("resid_pdrop", 0.1);
    json.put("initializer_range", 0.02);
    json.put("scale_attn_weights", true);
    json.put("scale_attn_by_inverse_layer_idx", false);
    json.put("reorder_and_upcast_attn", false);
    json.put("tie_word_embeddings", true);
    json.put("bos_token_id", 50256);
    json.put("eos_token_id", 50256);
    json.putNull("pad_token_id");
    return new Gpt2Config(json);
  }

  /**
   * Reads config.json. A key that is not known here and whose value could change a result is named
   * in a warning.
   *
   * @param directoryOrFile a model directory, or the file itself
   * @throws IOException naming the file and the key, if the file is missing or cannot be used
   */
  public static Gpt2Config fromPretrained(Path directoryOrFile) throws IOException {
    Path file =
        Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(FILE_NAME) : directoryOrFile;
    ObjectNode json = JsonFile.read(file);
    try {
      return checked(json, file);
    } catch (IllegalArgumentException e) {
      throw new Gpt2ConfigException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads the text of a config.json. A key that is not known here and whose value could change a
   * result is named in a warning.
   *
   * @throws IllegalArgumentException naming the key that cannot be used
   */
  public static Gpt2Config fromJson(String text) {
    return checked(JsonFile.parse(text), FILE_NAME);
  }

  private static Gpt2Config checked(ObjectNode json, Object file) {
    Gpt2Config config = new Gpt2Config(json);
    Gpt2ConfigKeys.TABLE.check(file, json);
    return config;
  }

  /** The text of config.json: keys sorted, indent 2, with all keys that were read. */
  public String toJson() {
    return JsonFile.text(json);
  }

  /** Writes config.json into a directory, which is made if need be; an old file is replaced. */
  public void savePretrained(Path directory) throws IOException {
    AtomicFile.createDirectories(directory);
    JsonFile.write(directory.resolve(FILE_NAME), json);
  }

  /**
   * This configuration with the architecture of what is saved beside it, and its data type: that is
   * the type in which transformers loads the weights, whatever the file has.
   */
  Gpt2Config savedAs(String architecture, DType dtype) {
    ObjectNode saved = json.deepCopy();
    saved.putArray("architectures").add(architecture);
    String name =
        switch (dtype) {
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> "float32";
        };
    if (saved.has("torch_dtype")) { // the name before transformers 5
      saved.put("torch_dtype", name);
    }
    if (saved.has("dtype") || !saved.has("torch_dtype")) {
      saved.put("dtype", name);
    }
    return new Gpt2Config(saved);
  }

  /** A builder that starts from this configuration. */
  public Gpt2ConfigBuilder toBuilder() {
    return new Gpt2ConfigBuilder(json.deepCopy());
  }

  /** Number of tokens in the vocabulary. */
  public int vocabSize() {
    return vocabSize;
  }

  /** Number of positions: the longest sequence. */
  public int nPositions() {
    return nPositions;
  }

  /** Width of the residual stream. */
  public int nEmbd() {
    return nEmbd;
  }

  public int nLayer() {
    return nLayer;
  }

  public int nHead() {
    return nHead;
  }

  /** Width of the MLP; 4 times nEmbd where the file says null. */
  public int nInner() {
    return nInner;
  }

  public Activation activationFunction() {
    return activationFunction;
  }

  public double layerNormEpsilon() {
    return layerNormEpsilon;
  }

  /** Dropout probability of the attention weights. */
  public double attnPdrop() {
    return attnPdrop;
  }

  /** Dropout probability of the embeddings. */
  public double embdPdrop() {
    return embdPdrop;
  }

  /** Dropout probability of what attention and MLP add to the residual stream. */
  public double residPdrop() {
    return residPdrop;
  }

  /** Standard deviation of freshly drawn weights. */
  public double initializerRange() {
    return initializerRange;
  }

  /** Whether attention scores are divided by the square root of the head size. */
  public boolean scaleAttnWeights() {
    return scaleAttnWeights;
  }

  /** Whether attention scores are divided by the layer's number, counted from 1, too. */
  public boolean scaleAttnByInverseLayerIdx() {
    return scaleAttnByInverseLayerIdx;
  }

  public boolean reorderAndUpcastAttn() {
    return reorderAndUpcastAttn;
  }

  /** Whether the LM head shares its weights with wte. */
  public boolean tieWordEmbeddings() {
    return tieWordEmbeddings;
  }

  /** Token id, or null for none. */
  public Integer bosTokenId() {
    return bosTokenId;
  }

  /** The tokens that end a text; empty for none. */
  public int[] eosTokenId() {
    return eosTokenId.clone();
  }

  /** Token id, or null for none. */
  public Integer padTokenId() {
    return padTokenId;
  }

  /** Names of the classes, ordered by id from 0; LABEL_0 and LABEL_1 by default. */
  public Map<Integer, String> id2label() {
    return id2label;
  }

  /** The ids of the classes by their names, as id2label has them. */
  public Map<String, Integer> label2id() {
    return label2id;
  }

  /** Number of classes, which transformers derives from id2label. */
  public int numLabels() {
    return id2label.size();
  }

  /**
   * regression, single_label_classification, multi_label_classification, or null where the loss is
   * to be chosen from the labels.
   */
  public String problemType() {
    return problemType;
  }

  /** Names of model classes, e.g. GPT2LMHeadModel; may be empty. */
  public List<String> architectures() {
    return architectures;
  }
}
