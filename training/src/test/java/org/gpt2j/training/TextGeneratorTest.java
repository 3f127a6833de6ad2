package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class TextGeneratorTest {
  @TempDir static Path dir;
  private static String base;

  private static final GenerationConfig SAMPLE =
      GenerationConfig.builder().doSample(true).topK(0).maxNewTokens(12).eosTokenId().build();

  @BeforeAll
  static void save() throws IOException {
    base = TinyModel.saveBase(dir.resolve("base")).toString();
  }

  private static TextStream stream(List<String> stops, List<String> pieces) {
    return new TextStream(TinyModel.tokenizer().decodeStream(true), stops, pieces::add);
  }

  /** Feeds a text token by token, one for each character, until the stream says stop. */
  private static String feed(TextStream stream, String text) {
    Gpt2Tokenizer tokenizer = TinyModel.tokenizer();
    for (char c : text.toCharArray()) {
      int[] ids = tokenizer.encode(String.valueOf(c));
      assertThat(ids).hasSize(1);
      if (!stream.add(ids[0])) {
        break;
      }
    }
    return stream.finish();
  }

  @Test
  void piecesTogetherAreTheContinuation() throws IOException {
    try (TextGenerator generator = TextGenerator.load(base, null)) {
      List<String> prompts = List.of("see you", "WIN", "");
      List<StringBuilder> heard =
          List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
      List<GeneratedText> results =
          generator.generate(prompts, SAMPLE, List.of(), (i, piece) -> heard.get(i).append(piece));
      for (int i = 0; i < 3; i++) {
        GeneratedText result = results.get(i);
        assertThat(result.prompt()).isEqualTo(prompts.get(i));
        assertThat(result.tokenIds()).hasSize(12);
        assertThat(result.text())
            .isNotEmpty()
            .isEqualTo(heard.get(i).toString())
            .isEqualTo(TinyModel.tokenizer().decode(result.tokenIds(), true));
      }
      assertThat(generator.generate("see you", SAMPLE).text()).isEqualTo(results.get(0).text());
    }
  }

  /** The model and the tokenizer of the library, put together by hand. */
  @Test
  void theTokensAreTheModels() throws IOException {
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(Path.of(base));
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(9).eosTokenId().build();
    try (TextGenerator generator = TextGenerator.load(base, null)) {
      int[] prompt = TinyModel.tokenizer().encode("see you");
      assertThat(generator.generate("see you", greedy).tokenIds())
          .containsExactly(model.generate(List.of(prompt), greedy).get(0));
      // The token that starts a text stands for an empty prompt.
      assertThat(generator.generate("", greedy).tokenIds())
          .containsExactly(model.generate(List.of(new int[] {0}), greedy).get(0));
    }
  }

  @Test
  void theFilesOfAModelSayHowItGenerates(@TempDir Path other) throws IOException {
    TinyModel.saveBase(other);
    Files.writeString(
        other.resolve("generation_config.json"), "{\"max_length\": 12, \"bos_token_id\": 7}");
    try (TextGenerator plain = TextGenerator.load(base, null);
        TextGenerator generator = TextGenerator.load(other.toString(), null)) {
      assertThat(plain.generationConfig().limitsLength()).isFalse();
      assertThat(plain.generationConfig().eosTokenId()).containsExactly(0);
      GenerationConfig own = generator.generationConfig();
      int prompt = TinyModel.tokenizer().encode("see you").length;
      assertThat(generator.generate("see you", own).tokenIds()).hasSize(12 - prompt);
      Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(other);
      assertThat(generator.generate("", own).tokenIds())
          .containsExactly(model.generate(List.of(new int[] {7}), own).get(0));
      Files.writeString(other.resolve("generation_config.json"), "{\"num_beams\": 2}");
      assertThatThrownBy(generator::generationConfig)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("num_beams");
      // Who says all by themselves does not need it.
      assertThat(generator.generate("see you", SAMPLE).tokenIds()).hasSize(12);
    }
  }

  @Test
  void anAdapterChangesWhatComes() throws IOException {
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(TinyModel.config(), new SeededWeights(3, 4));
    LoraModel lora =
        LoraModel.apply(model, LoraConfig.builder(LoraConfig.TaskType.CAUSAL_LM).r(2).build(), 1);
    lora.stateDict()
        .values()
        .forEach(a -> a.assign(Nd4j.linspace(-1, 1, a.length()).reshape(a.shape())));
    Path adapter = dir.resolve("adapter");
    lora.savePretrained(adapter);
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(9).eosTokenId().build();
    int[] prompt = TinyModel.tokenizer().encode("see you");
    int[] adapted = model.generate(List.of(prompt), greedy).get(0);

    try (TextGenerator generator = TextGenerator.load(adapter.toString(), base);
        TextGenerator plain = TextGenerator.load(base, null)) {
      assertThat(generator.generate("see you", greedy).tokenIds()).containsExactly(adapted);
      assertThat(plain.generate("see you", greedy).tokenIds()).isNotEqualTo(adapted);
    }
    assertThatThrownBy(() -> TextGenerator.load(adapter.toString(), null))
        .isInstanceOf(IOException.class)
        .hasMessage(
            adapter + ": the adapter names no base (base_model_name_or_path), and none was given");
  }

  @Test
  void aStopTextEndsBeforeItself() {
    List<String> pieces = new ArrayList<>();
    assertThat(feed(stream(List.of("ab!", "zz"), pieces), "xaab!yz")).isEqualTo("xa");
    assertThat(String.join("", pieces)).isEqualTo("xa");
  }

  @Test
  void whatOnlyBeginsLikeAStopTextIsHandedOn() {
    List<String> pieces = new ArrayList<>();
    assertThat(feed(stream(List.of("aab", "zz"), pieces), "aaaaczaa")).isEqualTo("aaaaczaa");
    assertThat(pieces).containsExactly("a", "a", "aac", "z", "aa");
  }

  @Test
  void theFirstOfSeveralStopTextsCounts() {
    List<String> pieces = new ArrayList<>();
    assertThat(feed(stream(List.of("cd", "b"), pieces), "abcd")).isEqualTo("a");
    assertThat(pieces).containsExactly("a");
  }

  @Test
  void aStopTextEndsTheSequenceItself() throws IOException {
    try (TextGenerator generator = TextGenerator.load(base, null)) {
      GeneratedText whole = generator.generate("see you", SAMPLE);
      String stop = whole.text().substring(3, 5);
      int at = whole.text().indexOf(stop);
      GeneratedText cut =
          generator.generate(List.of("see you"), SAMPLE, List.of(stop), (i, piece) -> {}).get(0);
      assertThat(cut.text()).isEqualTo(whole.text().substring(0, at));
      assertThat(cut.tokenIds().length).isLessThan(whole.tokenIds().length);
      assertThatThrownBy(
              () -> generator.generate(List.of("a"), SAMPLE, List.of(""), (i, piece) -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("stop: expected a text, found an empty one");
    }
  }

  @Test
  void aClosedGeneratorRefuses() throws IOException {
    TextGenerator generator = TextGenerator.load(base, null);
    generator.close();
    assertThatThrownBy(() -> generator.generate("a", SAMPLE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this generator is closed");
  }
}
