package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.hub.Hub;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.WeightType;
import org.gpt2j.tokenizer.Gpt2Tokenizer;

/**
 * Goes on with texts: a causal language model and its tokenizer. Safe for many threads (they take
 * turns).
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.load("gpt2", null)) {
 *   GenerationConfig config = GenerationConfig.builder().maxNewTokens(50).build();
 *   System.out.println(generator.generate("Once upon a time", config).text());
 *   GenerationConfig own = generator.generationConfig(); // as the model's files say
 *   System.out.println(generator.generate("Once upon a time", own).text());
 * }
 * }</pre>
 *
 * <p>Loading throws {@link org.gpt2j.nn.NativeCodeException} where the native libraries that
 * compute cannot be unpacked or run.
 */
public final class TextGenerator implements AutoCloseable {
  /** Hears of text as soon as it is there. */
  @FunctionalInterface
  public interface TextListener {
    /**
     * A continuation has grown.
     *
     * @param prompt index of the prompt
     * @param piece whole characters, not empty
     */
    void text(int prompt, String piece);
  }

  private Gpt2LMHeadModel model;
  private final Gpt2Tokenizer tokenizer;
  private final Path directory;

  private TextGenerator(Gpt2LMHeadModel model, Gpt2Tokenizer tokenizer, Path directory) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.directory = directory;
  }

  /**
   * Loads a model, or an adapter of a causal language model on its base.
   *
   * @param name a model as {@link BaseModel#resolve} takes it, null for the bundled one; or an
   *     adapter's directory
   * @param base the adapter's base; null for the one that the adapter names
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if the name is none, or there is a base for a whole model
   */
  public static TextGenerator load(String name, String base) throws IOException {
    return load(name, base, WeightType.F32);
  }

  /**
   * Loads a model, or an adapter of a causal language model on its base.
   *
   * @param name a model as {@link BaseModel#resolve} takes it, null for the bundled one; or an
   *     adapter's directory
   * @param base the adapter's base; null for the one that the adapter names
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if the name is none, or there is a base for a whole model
   */
  public static TextGenerator load(String name, String base, WeightType weights)
      throws IOException {
    return load(name, base, weights, null);
  }

  /**
   * Loads a model, or an adapter of a causal language model on its base.
   *
   * @param name a model as {@link BaseModel#resolve} takes it, null for the bundled one; or an
   *     adapter's directory
   * @param base the adapter's base; null for the one that the adapter names
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @param hub where a base comes from that the cache lacks; null to download nothing
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if the name is none, or there is a base for a whole model
   */
  public static TextGenerator load(String name, String base, WeightType weights, Hub hub)
      throws IOException {
    ModelDirectory directory = ModelDirectory.open(name, base, hub);
    Gpt2LMHeadModel model = directory.languageModel();
    if (weights == WeightType.INT8) {
      model.toInt8();
    } else {
      model.pack();
    }
    Path settings =
        directory.baseDirectory() != null ? directory.baseDirectory() : directory.directory();
    return new TextGenerator(model, directory.tokenizer(), settings);
  }

  private synchronized Gpt2LMHeadModel open() {
    if (model == null) {
      throw new IllegalStateException("this generator is closed");
    }
    return model;
  }

  /**
   * What the model's own files say, the base's where it has an adapter: its generation_config.json
   * or the keys of that kind in config.json, as transformers' model.generate obeys them. Its
   * toBuilder changes single values.
   *
   * @throws IOException naming the file and the key, if a value is impossible or an option is set
   *     that is not supported
   */
  public GenerationConfig generationConfig() throws IOException {
    return GenerationConfig.fromPretrained(directory);
  }

  /** Goes on with one text. */
  public GeneratedText generate(String prompt, GenerationConfig config) {
    return generate(List.of(prompt), config, List.of(), (i, piece) -> {}).get(0);
  }

  /**
   * Goes on with texts, in their order. An empty one starts from the token that starts a text.
   *
   * @param stops texts before which a continuation ends; none of them empty
   * @param listener hears of each piece of a continuation, up to a stop text
   * @throws IllegalArgumentException if a prompt is too long for the model
   */
  public List<GeneratedText> generate(
      List<String> prompts, GenerationConfig config, List<String> stops, TextListener listener) {
    if (stops.contains("")) {
      throw new IllegalArgumentException("stop: expected a text, found an empty one");
    }
    List<int[]> ids = new ArrayList<>();
    List<TextStream> streams = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      int number = i;
      ids.add(encode(prompts.get(i), config));
      streams.add(
          new TextStream(
              tokenizer.decodeStream(true), stops, piece -> listener.text(number, piece)));
    }
    List<int[]> tokens;
    synchronized (this) {
      tokens = open().generate(ids, config, (i, token) -> streams.get(i).add(token));
    }
    List<GeneratedText> results = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      results.add(new GeneratedText(prompts.get(i), streams.get(i).finish(), tokens.get(i)));
    }
    return results;
  }

  /**
   * How many tokens a prompt comes to, which max_length counts too.
   *
   * @param config says what an empty prompt stands for
   * @throws IllegalArgumentException if the prompt is empty and no token starts a text
   */
  public int countTokens(String prompt, GenerationConfig config) {
    return encode(prompt, config).length;
  }

  private int[] encode(String prompt, GenerationConfig config) {
    if (!prompt.isEmpty()) {
      return tokenizer.encode(prompt);
    }
    if (config.bosTokenId() != null) {
      return new int[] {config.bosTokenId()};
    }
    int bos =
        tokenizer
            .bosTokenId()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "prompt: expected a text, found an empty one, and the tokenizer has no"
                            + " token that starts a text"));
    return new int[] {bos};
  }

  /** Lets go of the weights; calls after that are refused. */
  @Override
  public synchronized void close() {
    model = null;
  }
}
