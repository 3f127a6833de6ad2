package org.gpt2j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.gpt2j.benchmarks.ModelSize;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.RandomWeights;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.BaseModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our side of compare.py on a tiny model and inputs in the form that inputs.py writes. */
class CompareTest {
  private static final List<String> TEXTS =
      IntStream.range(0, 9).mapToObj("See you at %d then"::formatted).toList();

  @TempDir static Path dir;

  @BeforeAll
  static void writeInputs() throws IOException {
    Gpt2Config config = ModelSize.TINY.config();
    Path model = dir.resolve("model");
    new Gpt2ForSequenceClassification(config, new RandomWeights(config, 0)).savePretrained(model);
    Gpt2Tokenizer.fromPretrained(BaseModel.resolve(null)).savePretrained(model);

    int[] sequence = IntStream.rangeClosed(1, 8).toArray();
    var messages = Map.of("inputIds", List.of(sequence, new int[] {7}), "labels", List.of(0, 1));
    write("lora-random", List.of(messages));
    write("lora-grouped", List.of(messages, messages));
    write("full-step", List.of(List.of(sequence, sequence)));
    write("decode", Map.of("prompt", sequence, "text", "not read", "newTokens", 5));
    for (String name : List.of("classify-one", "classify-many", "prose", "sms")) {
      write(name, TEXTS);
    }
  }

  private static void write(String name, Object value) throws IOException {
    new JsonMapper().writeValue(dir.resolve(name + ".json").toFile(), value);
  }

  private static Compare compare(String job) throws IOException {
    return new Compare(Compare.job(job, new Inputs(dir)));
  }

  @ParameterizedTest
  @CsvSource({
    "lora-random, 1, 1",
    "lora-grouped, 2, 1",
    "full-step, 1, 1",
    "decode, 1, 5",
    "decode-int8, 1, 5",
    "classify-one, 9, 16",
    "classify-one-int8, 9, 16",
    "classify-many, 1, 16",
    "classify-many-int8, 1, 16",
    "encode-prose, 5, 1",
    "encode-sms, 5, 1",
    "jtokkit-prose, 5, 1",
    "jtokkit-sms, 5, 1"
  })
  void everyJobChecksAndRuns(String job, int items, int numbers) throws IOException {
    Compare compare = compare(job);
    assertThat(compare.answer("items")).isEqualTo(Map.of("items", items));
    double[] check = (double[]) compare.answer("check").get("check");
    assertThat(check).hasSize(numbers);
    assertThat(IntStream.range(0, numbers).filter(i -> check[i] == 0)).isEmpty();
    double[] seconds = (double[]) compare.answer("run", String.valueOf(items)).get("seconds");
    assertThat(seconds).hasSize(items);
    assertThat(seconds[0]).isGreaterThan(0);
  }

  @Test
  void lossesAreThoseOfFreshModels() throws IOException {
    double[] lora = (double[]) compare("lora-random").answer("check").get("check");
    double[] full = (double[]) compare("full-step").answer("check").get("check");
    assertThat(lora[0]).isBetween(0.6, 0.8); // ln 2 = 0.69
    assertThat(full[0]).isBetween(10.5, 11.2); // ln 50257 = 10.82
  }

  @Test
  void jtokkitCountsTokensOfGpt2() throws IOException {
    // "See", " you", " at", " 0", " then"
    assertThat(compare("jtokkit-sms").answer("check")).containsEntry("check", new double[] {45});
  }

  @Test
  void saysWhatItRunsOn() throws IOException {
    Compare compare = compare("classify-one");
    double[] rates = (double[]) compare.answer("sgemm").get("rates");
    assertThat(DoubleStream.of(rates).filter(rate -> rate > 0)).hasSize(20);
    assertThat((String) compare.answer("describe").get("backend")).contains("BLAS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "decode-many", ""})
  void unknownJobIsNamed(String name) {
    assertThatThrownBy(() -> compare(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("job: unknown name " + name);
  }
}
