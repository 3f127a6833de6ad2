package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Logits against transformers' (fixtures/logits/make_logits.py). */
class Gpt2LogitsTest {
  private static final double TOLERANCE = 1e-4;

  @Test
  void fullSizeClassifier() throws IOException {
    Fixture fixture = Fixture.load("logits/gpt2");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    List<int[]> sequences = fixture.sequences();
    assertThat(sequences.stream().map(s -> s.length)).containsExactly(1, 2, 31, 120, 1024);

    for (int s = 0; s < sequences.size(); s++) {
      Fixture.assertClose(
          "length " + sequences.get(s).length,
          model.forward(PackedBatch.of(List.of(sequences.get(s)))),
          Fixture.doubles(fixture.json().get("seq_cls").get("logits").get(s)),
          TOLERANCE);
    }
    Fixture.assertClose(
        "mixed batch",
        model.forward(PackedBatch.of(sequences)),
        Fixture.doubles(fixture.json().get("seq_cls").get("batch_logits")),
        TOLERANCE);
  }

  @Test
  void fullSizeLanguageModel() throws IOException {
    Fixture fixture = Fixture.load("logits/gpt2");
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    int[] columns = Fixture.ints(fixture.json().get("columns"));
    List<int[]> sequences = fixture.sequences();
    PackedBatch all = PackedBatch.of(sequences);
    INDArray hidden = model.transformer().lastHiddenState(all);

    try (SafetensorsFile file = fixture.tensors()) {
      for (int s = 0; s < sequences.size(); s++) {
        int last = all.starts()[s + 1] - 1;
        Fixture.assertClose(
            "hidden state of sequence " + s,
            Fixture.floats(hidden.getRow(last)),
            file.floats("hidden." + s),
            TOLERANCE);
        PackedBatch batch = PackedBatch.of(List.of(sequences.get(s)));
        for (JsonNode expected : fixture.json().get("lm").get(s)) {
          compareRow(model, batch, columns, expected);
        }
      }
    }
  }

  private static void compareRow(
      Gpt2LMHeadModel model, PackedBatch batch, int[] columns, JsonNode expected) {
    int position = expected.get("position").asInt();
    float[] row = Fixture.floats(model.forward(batch, new int[] {position}));
    float[] picked = new float[columns.length];
    for (int i = 0; i < columns.length; i++) {
      picked[i] = row[columns[i]];
    }
    double[] wanted = Fixture.doubles(expected.get("logits"));
    for (int i = 0; i < wanted.length; i++) {
      assertThat((double) picked[i])
          .as("position %d, column %d", position, columns[i])
          .isCloseTo(wanted[i], within(TOLERANCE));
    }
    double sum = 0;
    int argmax = 0;
    for (int i = 0; i < row.length; i++) {
      sum += Math.exp(row[i]);
      argmax = row[i] > row[argmax] ? i : argmax;
    }
    assertThat(Math.log(sum)).isCloseTo(expected.get("logsumexp").asDouble(), within(TOLERANCE));
    assertThat(argmax).isEqualTo(expected.get("argmax").asInt());
  }

  @Test
  void oddShapes() throws IOException {
    JsonNode cases = Fixture.load("logits/odd_shapes").json();
    assertThat(cases.size()).isGreaterThan(2);
    for (JsonNode json : cases) {
      Fixture fixture = new Fixture("odd", json);
      Gpt2ForSequenceClassification classifier =
          new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
      Gpt2LMHeadModel lm = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
      PackedBatch batch = PackedBatch.of(fixture.sequences());
      Fixture.assertClose(
          "classifier " + fixture.config().nEmbd(),
          classifier.forward(batch),
          Fixture.doubles(json.get("seq_cls")),
          TOLERANCE);
      Fixture.assertClose(
          "language model " + fixture.config().nEmbd(),
          lm.forward(batch),
          Fixture.doubles(json.get("lm")),
          TOLERANCE);
    }
  }

  /** A sequence's logits do not depend on its neighbours in the batch. */
  @Test
  void packingIsExact() throws IOException {
    Fixture fixture = Fixture.load("gradients/seq_cls");
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    List<int[]> sequences = fixture.sequences();
    PackedBatch all = PackedBatch.of(sequences);
    float[] together = Fixture.floats(model.forward(all));
    int vocab = fixture.config().vocabSize();
    for (int s = 0; s < sequences.size(); s++) {
      float[] alone = Fixture.floats(model.forward(PackedBatch.of(List.of(sequences.get(s)))));
      float[] part =
          Arrays.copyOfRange(together, all.starts()[s] * vocab, all.starts()[s + 1] * vocab);
      Fixture.assertClose("sequence " + s, part, alone, 1e-5);
    }
  }

  /**
   * pad_token_id at the end is skipped, as transformers does; a sequence of pads uses its first.
   */
  @Test
  void poolsTheLastTokenThatIsNoPad() throws IOException {
    Fixture fixture = Fixture.load("gradients/seq_cls");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    int pad = fixture.config().padTokenId();
    INDArray plain = model.forward(PackedBatch.of(List.of(new int[] {5, 6}, new int[] {pad})));
    INDArray padded =
        model.forward(PackedBatch.of(List.of(new int[] {5, 6, pad, pad}, new int[] {pad, pad})));
    Fixture.assertClose("pooled", Fixture.floats(padded), Fixture.floats(plain), 1e-5);
  }

  @Test
  void refusesIdsOutsideTheVocabulary() throws IOException {
    Fixture fixture = Fixture.load("gradients/seq_cls");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    assertThatThrownBy(() -> model.forward(PackedBatch.of(List.of(new int[] {67}))))
        .hasMessage("token id 67 is outside the model's range: vocab_size is 67");
    int[] tooLong = IntStream.range(0, 41).toArray();
    assertThatThrownBy(() -> model.forward(PackedBatch.of(List.of(tooLong))))
        .hasMessage("position 40 is outside the model's range: n_positions is 40");
  }
}
