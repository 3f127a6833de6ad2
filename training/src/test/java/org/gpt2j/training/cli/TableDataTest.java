package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gpt2j.training.TinyModel;
import org.gpt2j.training.data.Fixtures;
import org.gpt2j.training.data.TextTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of any classes, from the command line to the model. */
class TableDataTest {
  private static final List<String> CLASSES = List.of("news", "sport", "art");

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void saveBase() throws IOException {
    TinyModel.saveBase(dir.resolve("base"));
  }

  /** Runs words in which `@` stands for the directory of the test. */
  private int run(String args) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args.replace("@", dir.toString()).split(" "));
  }

  private void train(String args, int exit) {
    int found =
        run("train --base @/base --output @/model --max-steps 1 --eval-strategy no " + args);
    assertThat(found).as(err.toString()).isEqualTo(exit);
  }

  /** Each text has two copies that differ in digits. */
  private static String table(String header, int rows) {
    StringBuilder table = new StringBuilder(header).append('\n');
    for (int i = 0; i < rows; i++) {
      String label = CLASSES.get(i / 2 % 3);
      table.append(i + ",\"see, " + "you ".repeat(i / 2) + "\n" + i + "\"," + label + "\n");
    }
    return table.toString();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }

  private void assertLabels(String id2label) throws IOException {
    var config = new ObjectMapper().readTree(dir.resolve("model/config.json").toFile());
    assertThat(config.get("id2label").toString()).isEqualTo(id2label);
  }

  @Test
  void trainsOnThreeClassesAndReadsItsSplitBack() throws IOException {
    Path data = write("topics.csv", table("id,body,Topic", 60));
    train("--data @/topics.csv --label-column topic --text-column body --dataset @/split", 0);
    assertThat(out.toString())
        .contains("data: " + data + ", shuffled: 42 to train, 6 to validate, 12 to test");
    assertLabels("{\"0\":\"art\",\"1\":\"news\",\"2\":\"sport\"}");
    assertThat(dir.resolve("split/train.csv")).content().startsWith("\"label\",\"text\"\n");
    assertThat(run("evaluate --model @/model --data @/split/test.csv")).as("%s", err).isZero();
    train("--train-file @/split/train.csv --test-file @/split/test.csv", 0);
    assertLabels("{\"0\":\"art\",\"1\":\"news\",\"2\":\"sport\"}");
  }

  @Test
  void readsLabelsThatAreNumbersAndColumnsByNumber() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      rows.append("text " + i + "\t" + i % 12 + "\n");
    }
    write("numbers.tsv", rows.toString());
    train("--train-file @/numbers.tsv --label-column 2 --text-column 1", 0);
    var config = new ObjectMapper().readTree(dir.resolve("model/config.json").toFile());
    assertThat(config.get("id2label").get("2").asText()).isEqualTo("2");
    assertThat(config.get("id2label").get("11").asText()).isEqualTo("11");
  }

  /** A table of ham and spam is split as the same messages in the UCI format. */
  @Test
  void hamAndSpamOfATableAreBalancedAsEver() throws IOException {
    Path uci = Fixtures.path("small-sms.tsv");
    StringBuilder table = new StringBuilder("v1,v2,\n");
    Files.readString(uci)
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.split("\t", 2))
        .forEach(row -> table.append(row[0] + ",\"" + row[1].replace("\"", "\"\"") + "\",\n"));
    write("kaggle.csv", table.toString());
    assertThat(run("split --data @/kaggle.csv --output @/a")).as("%s", err).isZero();
    assertThat(run("split --output @/b --data " + uci)).as("%s", err).isZero();
    for (String name : List.of("train.csv", "validation.csv", "test.csv")) {
      assertThat(dir.resolve("a").resolve(name))
          .hasSameBinaryContentAs(dir.resolve("b").resolve(name));
    }
  }

  @Test
  void reportsAndSkipsBrokenRows() throws IOException {
    Path data = write("topics.csv", table("id,text,label", 60) + "60,broken\n61,\"open,x\n");
    train("--data @/topics.csv --max-bad-rows 2", 0);
    assertThat(out.toString().lines())
        .contains(
            "warning: " + data + ": line 122: expected 3 columns, found 2; skipped",
            "warning: " + data + ": line 123: bad quoting: a quote is not closed; skipped");
    assertThat(run("split --data @/topics.csv --output @/split --max-bad-rows 1")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + data
                + ": expected at most 1 bad rows (--max-bad-rows), found 2, the first in line 122:"
                + " expected 3 columns, found 2");
  }

  @Test
  void groupsDuplicates() throws IOException {
    write("topics.csv", table("id,text,label", 60));
    assertThat(run("split --data @/topics.csv --output @/split --group-duplicates")).isZero();
    assertThat(out.toString()).contains("train.csv: 42 rows (").contains(" art, ");
    Set<String> seen = new HashSet<>();
    List<String> texts = new ArrayList<>();
    for (String name : List.of("train.csv", "validation.csv", "test.csv")) {
      Set<String> part = new HashSet<>();
      TextTable table = new TextTable(null, null, 0);
      for (var message : table.read(dir.resolve("split").resolve(name), new PrintWriter(err))) {
        part.add(message.text().replaceAll("\\d", ""));
        texts.add(message.text());
      }
      assertThat(seen).doesNotContainAnyElementsOf(part);
      seen.addAll(part);
    }
    assertThat(seen).hasSize(30);
    assertThat(texts).hasSize(60);
  }

  @Test
  void labelThatTheTrainingFileLacksIsNamed() throws IOException {
    Path train = write("train.tsv", "label\ttext\na\tone\nb\ttwo\n");
    Path test = write("test.tsv", "label\ttext\na\tone\nc\ttwo\n");
    train("--train-file @/train.tsv --test-file @/test.tsv", 1);
    train("--train-file @/train.tsv --eval-file @/test.tsv", 1);
    String sentence =
        "error: " + test + ": line 3: expected a label of " + train + " [a, b], found 'c'";
    assertThat(err.toString().lines()).containsExactly(sentence, sentence);
  }

  @Test
  void moreTrainingMessagesCountAndTheirLabelsAreChecked() throws IOException {
    write("topics.csv", table("id,text,label", 60));
    Path more = write("more.tsv", "label\ttext\nnews\tsomething new\nart\tquite another\n");
    train("--data @/topics.csv --more-train-files @/more.tsv @/more.tsv", 0);
    assertThat(out.toString().lines())
        .filteredOn(line -> line.startsWith("more to train"))
        .containsExactly("more to train: 2 of 2 in " + more, "more to train: 2 of 2 in " + more);
    Path other = write("other.tsv", "label\ttext\nmusic\tone\nart\ttwo\n");
    train("--data @/topics.csv --more-train-files @/other.tsv", 1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + other
                + ": line 2: expected a label of the data [art, news, sport], found 'music'");
  }
}
